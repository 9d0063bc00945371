// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/rewrites.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dialects/matches.hpp"
#include "kube/lines.hpp"
#include "syntax/substitution.hpp"

namespace sallyport::dialects::gate_route {
namespace {

using Match = model::PathMatch::Kind;
using Type = kube::GateRewriteType;

Result<std::string> canonical(const std::string& written, const syntax::PathOptions& options) {
  if (written.size() > longest_rewrite_value) {
    return fail(invalid(text::cat("value is longer than ", longest_rewrite_value, " bytes")));
  }
  std::vector<char> room(written.size() * 3);
  const auto path = syntax::canonical_path(written, options, room);
  if (path) return std::string(*path);
  return fail(invalid(text::cat("\"", written, "\" is no path: ", path.error().detail)));
}

// What a request's path may hold of itself. Whether pieces make a path together, each request shows.
Result<void> may_stand_in_path(const syntax::Substitution& by, syntax::PathOptions options) {
  options.merge_slashes = false;
  for (const syntax::Substitution::Piece& piece : by.pieces()) {
    // Between letters, so that its ends are judged for themselves: "/.." may go on as "/..x", and "%2" may not.
    const std::string whole = text::cat("/x", piece.literal, "x");
    std::vector<char> room(whole.size() * 3);
    const auto path = syntax::canonical_path(whole, options, room);
    if (!path) {
      return fail(invalid(text::cat("\"", piece.literal, "\" cannot be part of a path: ", path.error().detail)));
    }
    if (*path != whole) {
      return fail(invalid(text::cat("\"", piece.literal,
                                    "\" is not as paths are compared: it has a dot segment, or something encoded that "
                                    "need not be, or something that has to be encoded")));
    }
  }
  return {};
}

class Reader {
 public:
  Reader(const kube::GatePathRewrite& from, std::string_view field, const syntax::PathOptions& options,
         Findings& findings)
      : from_(from), field_(field), options_(options), findings_(findings) {}

  // False: a finding says why.
  bool read(const std::optional<model::PathMatch>& path, model::UrlRewrite& to) {
    if (from_.type != Type::replace_regex_match && !from_.regex.empty()) {
      return refuse("regex", "only type ReplaceRegexMatch has a regex");
    }
    switch (from_.type) {
      case Type::replace_prefix_match:
        return read_prefix(path, to);
      case Type::replace_full_path:
        break;
      case Type::replace_regex_match:
        return read_regex(to);
    }
    auto value = canonical(from_.value, options_);
    if (!value) return refuse("value", std::move(value.error().detail));
    to.path = model::ReplacePath{*std::move(value)};
    return true;
  }

 private:
  bool refuse(std::string_view member, std::string message) {
    findings_.add(Verdict::rejected, kube::field(field_, member), "InvalidRewrite", std::move(message));
    return false;
  }

  bool read_prefix(const std::optional<model::PathMatch>& path, model::UrlRewrite& to) {
    if (path && path->kind != Match::element_prefix && path->kind != Match::byte_prefix) {
      return refuse("type", "ReplacePrefixMatch needs a path of type Prefix or BytePrefix");
    }
    const bool by_bytes = path && path->kind == Match::byte_prefix;
    if (from_.value.empty() && by_bytes) {
      return refuse("value", "is empty: what follows a BytePrefix need not begin with '/'");
    }
    if (from_.value.empty()) {
      to.path = model::ReplacePrefix();
      return true;
    }
    auto value = canonical(from_.value, options_);
    if (!value) return refuse("value", std::move(value.error().detail));
    if (!by_bytes && value->ends_with('/')) value->pop_back();
    to.path = model::ReplacePrefix{*std::move(value)};
    return true;
  }

  bool read_regex(model::UrlRewrite& to) {
    if (from_.regex.empty()) return refuse("regex", "ReplaceRegexMatch needs a regex");
    if (const auto alone = syntax::Substitution::compile(from_.regex, ""); !alone) {
      return refuse("regex", alone.error().detail);
    }
    auto by = syntax::Substitution::compile(from_.regex, from_.value);
    if (!by) return refuse("value", std::move(by.error().detail));
    if (auto fits = may_stand_in_path(*by, options_); !fits) return refuse("value", std::move(fits.error().detail));
    to.path = *std::move(by);
    return true;
  }

  const kube::GatePathRewrite& from_;
  std::string field_;
  const syntax::PathOptions& options_;
  Findings& findings_;
};

}  // namespace

std::optional<model::UrlRewrite> url_rewrite(const kube::GateRewrite& from, std::string_view field,
                                             const std::optional<model::PathMatch>& path,
                                             const syntax::PathOptions& options, Findings& findings) {
  model::UrlRewrite rewrite;
  bool good = true;
  const auto refuse = [&](const std::string& at, std::string message) {
    findings.add(Verdict::rejected, at, "InvalidRewrite", std::move(message));
    good = false;
  };
  if (!from.hostname && !from.path) refuse(std::string(field), "needs a hostname, a path, or both");
  if (from.hostname) {
    const auto host = dialects::host_pattern(*from.hostname);
    const std::string at = kube::field(field, "hostname");
    if (!host) {
      refuse(at, host.error().detail);
    } else if (host->kind != model::HostPattern::Kind::exact) {
      refuse(at, text::cat("\"", *from.hostname, "\" is no name of one host"));
    } else {
      rewrite.hostname = host->name;
    }
  }
  if (from.path && !Reader(*from.path, kube::field(field, "path"), options, findings).read(path, rewrite)) good = false;
  if (!good) return std::nullopt;
  return rewrite;
}

}  // namespace sallyport::dialects::gate_route
