// SPDX-License-Identifier: Apache-2.0
// Rewriting a URL: whatever the settings that a dialect lets pass and whatever the path, the result is canonical by the
// rule's options, not too long, and stays under what replaced the prefix; or the client is told so.
//
// The first byte chooses type and options; then come path, length of the prefix, value and regex, a line each.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/gate_route/rewrites.hpp"
#include "filters/url_rewrite.hpp"
#include "require.hpp"

namespace {

using namespace sallyport;
using Rewrite = model::UrlRewrite;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

void judge(const Rewrite& rewrite, std::string_view path, std::string_view prefix, const syntax::PathOptions& options) {
  using fuzz::require;
  Arena arena;
  const auto result = filters::UrlRewrite(rewrite).path_for(path, prefix, options, arena);
  if (!result) {
    const Code code = result.error().code;
    require(code == Code::bad_path || code == Code::uri_too_long);
    require(std::string_view(result.error().rule) == "H1-20" && !result.error().detail.empty());
    return;
  }
  require(result->starts_with('/') && result->size() <= std::max(path.size(), filters::longest_rewritten_path));
  std::vector<char> room(result->size() * 3);
  const auto again = syntax::canonical_path(*result, options, room);
  require(again && again->data() == result->data() && again->size() == result->size());
  if (const auto* by = std::get_if<model::ReplacePrefix>(&rewrite.path)) require(result->starts_with(by->value));
  if (const auto* by = std::get_if<model::ReplacePath>(&rewrite.path)) require(*result == by->value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using Match = model::PathMatch;
  if (size == 0) return 0;
  const syntax::PathOptions options = {.keep_encoded_slash = (data[0] & 1) != 0, .merge_slashes = (data[0] & 2) != 0};
  const bool by_bytes = (data[0] & 4) != 0;
  constexpr std::array types = {kube::GateRewriteType::replace_prefix_match, kube::GateRewriteType::replace_full_path,
                                kube::GateRewriteType::replace_regex_match, kube::GateRewriteType::replace_regex_match};
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string_view raw = take_line(text);
  const std::string_view length = take_line(text);

  std::vector<char> room(raw.size() * 3);
  const auto path = syntax::canonical_path(raw, options, room);
  if (!path) return 0;
  std::size_t prefix = std::min<std::size_t>(length.empty() ? 0 : static_cast<unsigned char>(length[0]), path->size());
  while (!by_bytes && prefix != 0 && prefix != path->size() && (*path)[prefix] != '/') --prefix;
  while (!by_bytes && prefix != 0 && (*path)[prefix - 1] == '/') --prefix;

  kube::GatePathRewrite from{.type = types[data[0] >> 3U & 3U], .regex = {}, .value = std::string(take_line(text))};
  if (from.type == kube::GateRewriteType::replace_regex_match) from.regex = text;
  const kube::Object root;
  dialects::Findings findings(root);
  const Match match{.kind = by_bytes ? Match::Kind::byte_prefix : Match::Kind::element_prefix,
                    .value = std::string(path->substr(0, prefix))};
  const auto rewrite =
      dialects::gate_route::url_rewrite({.hostname = {}, .path = std::move(from)}, "rewrite", match, options, findings);
  // What only looks like a mistake is said, and done.
  const auto is_refusal = [](const dialects::Finding& one) { return one.verdict == dialects::Verdict::rejected; };
  fuzz::require(rewrite.has_value() == std::ranges::none_of(findings.take(), is_refusal));
  if (rewrite) judge(*rewrite, *path, path->substr(0, prefix), options);
  return 0;
}
