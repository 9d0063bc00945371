// SPDX-License-Identifier: Apache-2.0
#include "dialects/gate_route/rewrites.hpp"

#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "dialects/matches.hpp"
#include "kube/lines.hpp"
#include "syntax/substitution.hpp"
#include "syntax/token.hpp"

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

// Paths such as the rule's clients ask for, in canonical form; none where its path tells too little.
std::vector<std::string> examples_of(const std::optional<model::PathMatch>& path) {
  if (!path) return {};
  const std::string& value = path->value;
  switch (path->kind) {
    case Match::exact:
      return {value};
    case Match::element_prefix:
      return {value + "/a", value + "/a/b"};
    case Match::byte_prefix:
      return {value + "a", value + "a/b"};
    case Match::any:
      return {"/a", "/a/b"};
    case Match::regex:
      break;
  }
  return {};
}

struct Refused {
  std::string becomes;
  std::string why;
};

// What the data plane would refuse (filters/url_rewrite.hpp): it has to be canonical as it stands.
std::optional<Refused> refused(const syntax::Substitution& by, std::string_view path,
                               const syntax::PathOptions& options) {
  std::string becomes(path.size() + by.replacement().size() + path.size() * by.pieces().size(), '\0');
  const auto size = by.apply(path, becomes);
  if (!size || *size > becomes.size()) return std::nullopt;
  becomes.resize(*size);
  std::vector<char> room(becomes.size() * 3 + 1);
  const auto canonical = syntax::canonical_path(becomes, options, room);
  if (!canonical) return Refused{.becomes = std::move(becomes), .why = canonical.error().detail};
  if (*canonical == becomes) return std::nullopt;
  return Refused{.becomes = std::move(becomes), .why = "it has a dot segment or a run of slashes"};
}

// "$1", which stands for itself here.
std::string_view foreign_group(std::string_view value) {
  for (std::size_t at = value.find('$'); at != value.npos; at = value.find('$', at + 1)) {
    if (at + 1 < value.size() && syntax::is_digit(value[at + 1])) return value.substr(at, 2);
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
    warn_of_dollar();
    switch (from_.type) {
      case Type::replace_prefix_match:
        return read_prefix(path, to);
      case Type::replace_full_path:
        break;
      case Type::replace_regex_match:
        return read_regex(path, to);
    }
    auto value = canonical(from_.value, options_);
    if (!value) return refuse("value", std::move(value.error().detail));
    to.path = model::ReplacePath{*std::move(value)};
    return true;
  }

 private:
  // Groups are written so elsewhere (NGINX, Traefik, Envoy's and Go's relatives).
  void warn_of_dollar() {
    const std::string_view found = foreign_group(from_.value);
    if (found.empty()) return;
    const bool has_groups = from_.type == Type::replace_regex_match;
    findings_.add(
        Verdict::warning, kube::field(field_, "value"), "LiteralDollar",
        text::cat("\"", found, "\" is no group but two characters: ",
                  has_groups ? "the group is \\" : "groups are of ReplaceRegexMatch, written \\", found.substr(1)));
  }

  // Where every path that was tried comes to nothing, nearly every request will.
  void warn_of_refusals(const syntax::Substitution& by, const std::optional<model::PathMatch>& path) {
    const std::vector<std::string> examples = examples_of(path);
    std::optional<Refused> first;
    for (const std::string& one : examples) {
      auto found = refused(by, one, options_);
      if (!found) return;
      if (!first) first = std::move(found);
    }
    if (!first) return;
    findings_.add(Verdict::warning, kube::field(field_, "value"), "RefusedRewrite",
                  text::cat("\"", examples.front(), "\" would become \"", first->becomes,
                            "\", which is answered 400: ", first->why));
  }

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

  bool read_regex(const std::optional<model::PathMatch>& path, model::UrlRewrite& to) {
    if (from_.regex.empty()) return refuse("regex", "ReplaceRegexMatch needs a regex");
    if (const auto alone = syntax::Substitution::compile(from_.regex, ""); !alone) {
      return refuse("regex", alone.error().detail);
    }
    auto by = syntax::Substitution::compile(from_.regex, from_.value);
    if (!by) return refuse("value", std::move(by.error().detail));
    if (auto fits = may_stand_in_path(*by, options_); !fits) return refuse("value", std::move(fits.error().detail));
    warn_of_refusals(*by, path);
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
