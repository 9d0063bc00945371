// SPDX-License-Identifier: Apache-2.0
#include "filters/url_rewrite.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "base/text.hpp"

namespace sallyport::filters {
namespace {

constexpr const char* rule = "H1-20";
// Most results are not much longer than what came; for others the expression is asked twice.
constexpr std::size_t spare_room = 256;

Failure refused(std::string_view why) {
  return fail(Code::bad_path, rule, text::cat("the path is not valid any more once its rule has rewritten it: ", why));
}

Failure too_long() { return fail(Code::uri_too_long, rule, "the path is too long once its rule has rewritten it"); }

// What is put in place of a path or of its parts; not checked yet.
struct Written {
  std::string_view path;
  std::string_view prefix;
  Arena& arena;

  std::size_t longest() const { return std::max(longest_rewritten_path, path.size()); }

  // In the arena: a tunnel may outlive the settings.
  Result<std::string_view> joined(std::string_view begin, std::string_view rest) const {
    const std::size_t size = begin.size() + rest.size();
    if (size > longest()) return too_long();
    const std::span<char> room = arena.text(size);
    if (room.empty()) return fail(Code::overloaded);
    std::ranges::copy(rest, std::ranges::copy(begin, room.begin()).out);
    return std::string_view(room.data(), size);
  }

  Result<std::string_view> operator()(const model::KeepPath&) const { return path; }
  Result<std::string_view> operator()(const model::ReplacePath& by) const { return joined(by.value, {}); }

  Result<std::string_view> operator()(const model::ReplacePrefix& by) const {
    if (!path.starts_with(prefix)) return refused("an earlier filter took the prefix away");
    const std::string_view rest = path.substr(prefix.size());
    return by.value.empty() && rest.empty() ? joined("/", {}) : joined(by.value, rest);
  }

  Result<std::string_view> operator()(const syntax::Substitution& by) const {
    std::span<char> room = arena.text(path.size() + spare_room);
    std::optional<std::size_t> size = by.apply(path, room);
    if (size && *size > room.size()) {
      if (*size > longest()) return too_long();
      room = arena.text(*size);
      if (!room.empty()) size = by.apply(path, room);
    }
    if (room.empty()) return fail(Code::overloaded);
    if (!size) return refused(text::cat("there are more than ", syntax::max_substituted_places, " places to replace"));
    if (*size > longest()) return too_long();
    return std::string_view(room.data(), *size);
  }
};

}  // namespace

Result<std::string_view> UrlRewrite::path_for(std::string_view path, std::string_view prefix,
                                              const syntax::PathOptions& options, Arena& arena) const {
  if (std::holds_alternative<model::KeepPath>(settings_.path)) return path;
  const auto written = std::visit(Written{.path = path, .prefix = prefix, .arena = arena}, settings_.path);
  if (!written) return written;
  const std::span<char> room = arena.text(written->size() * 3);
  if (room.empty() && !written->empty()) return fail(Code::overloaded);
  const auto canonical = syntax::canonical_path(*written, options, room);
  if (!canonical) return refused(canonical.error().detail);
  if (canonical->data() != written->data()) {
    return refused("it has a dot segment, a run of slashes, or something encoded that need not be");
  }
  return *written;
}

net::Task<Result<http::Response>> UrlRewrite::handle(Exchange& exchange, Next next) const {
  http::RequestHead& request = exchange.request();
  const model::Rule* const at = exchange.match.rule;
  const syntax::PathOptions options = at != nullptr ? at->path_options : syntax::PathOptions();
  Result<std::string_view> path = path_for(request.path, exchange.match.prefix, options, exchange.arena());
  if (!path) co_return fail(std::move(path.error()));
  if (exchange.log.path.empty()) exchange.log.path = request.path;
  request.path = *path;
  if (!settings_.hostname.empty()) {
    // A copy: a tunnel may outlive the settings.
    request.authority = exchange.arena().copy(settings_.hostname);
    if (request.authority.empty()) co_return fail(Code::overloaded);
  }
  co_return co_await next(exchange);
}

}  // namespace sallyport::filters
