// SPDX-License-Identifier: Apache-2.0
// Any bytes on their way out: what is written as JSON is JSON that reads back, what is printed stays one line that says
// nothing to a terminal, and what is quoted can be told apart.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "base/printable.hpp"
#include "kube/json.hpp"
#include "model/quoted.hpp"
#include "require.hpp"
#include "text_parts.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

std::string value_in(std::string_view json) {
  const auto trees = kube::parse_json(json);
  require(trees.has_value() && trees->size() == 1);
  const kube::Node& root = *trees->front().root();
  require(root.entries.size() == 1 && root.entries[0].value->kind == kube::Node::Kind::text);
  return root.entries[0].value->text;
}

std::string as_json(std::string_view text) {
  std::string json;
  JsonWriter(json, 2).begin_object().member("key", text).end_object();
  return json;
}

void check_json(std::string_view text) {
  std::string alone;
  append_json_text(alone, text);
  for (const char c : alone) require(static_cast<unsigned char>(c) >= 0x20);
  const std::string once = value_in(as_json(text));
  require(once == text || once.find(replacement) != once.npos);
  require(value_in(as_json(once)) == once);
}

void check_printable(std::string_view text) {
  const std::string once = text::printable(text);
  for (const char c : once) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  for (std::size_t at = once.find('\xc2'); at != once.npos; at = once.find('\xc2', at + 1)) {
    require(static_cast<unsigned char>(once.at(at + 1)) >= 0xa0);
  }
  require(text::printable(once) == once);
  require(once.size() >= text.size());
}

void check_quoted(std::string_view text) {
  const std::string quoted = model::quoted(text);
  require(quoted.size() >= 2 && quoted.front() == '"' && quoted.back() == '"');
  std::string again;
  for (std::size_t at = 1; at + 1 < quoted.size(); ++at) {
    require(quoted[at] != '"');
    if (quoted[at] == '\\') ++at;
    again += quoted.at(at);
  }
  require(again == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::whole_text(data, size);
  check_json(text);
  check_printable(text);
  check_quoted(text);
  return 0;
}
