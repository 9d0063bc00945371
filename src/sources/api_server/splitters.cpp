// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/splitters.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::sources::api_server {
namespace {

constexpr std::size_t in_list = 1;   // brackets that are open right in the list's object
constexpr std::size_t in_items = 2;  // and right in its "items"

bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

}  // namespace

void GrowingText::add(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ <= most_) {
    text_ += bytes;
    return;
  }
  if (text_.size() < head) text_ += bytes.substr(0, head - text_.size());
  if (text_.size() <= head) return;
  text_.resize(head);
  text_.shrink_to_fit();
}

bool GrowingText::is_blank() const { return size_ <= most_ && std::ranges::all_of(text_, is_space); }

void GrowingText::clear() {
  text_.clear();
  if (text_.capacity() > kept_room) text_ = std::string();
  size_ = 0;
}

std::optional<Cut> LineSplitter::next() {
  if (std::exchange(is_given_, false)) line_.clear();
  while (!bytes_.empty()) {
    const std::size_t end = bytes_.find('\n');
    if (end == bytes_.npos) {
      line_.add(std::exchange(bytes_, {}));
      return std::nullopt;
    }
    const std::string_view rest = bytes_.substr(0, end);
    bytes_.remove_prefix(end + 1);
    if (line_.empty() && rest.size() <= most_) {
      if (std::ranges::all_of(rest, is_space)) continue;
      return Cut{rest, false};
    }
    line_.add(rest);
    if (line_.is_blank()) {
      line_.clear();
      continue;
    }
    is_given_ = true;
    return line_.cut();
  }
  return std::nullopt;
}

std::optional<Cut> ItemSplitter::next() {
  if (std::exchange(is_given_, false)) {
    item_.clear();
    is_item_whole_ = false;
  }
  while (!bytes_.empty() && !is_whole_) {
    if (const std::string_view run = plain_run(); !run.empty()) {
      (in_items_ ? item_ : envelope_).add(run);
      bytes_.remove_prefix(run.size());
      continue;
    }
    const char byte = bytes_.front();
    bytes_.remove_prefix(1);
    step(byte);
    if (!is_item_whole_) continue;
    is_given_ = true;
    return item_.cut();
  }
  return std::nullopt;
}

// What goes on in a text and needs no look: most of a list is that.
std::string_view ItemSplitter::plain_run() const {
  if (!in_text_ || is_escaped_ || depth_ == in_list) return {};
  return bytes_.substr(0, bytes_.find_first_of("\"\\"));
}

void ItemSplitter::step(char byte) {
  if (in_text_) return step_in_text(byte);
  step_outside(byte);
}

void ItemSplitter::step_in_text(char byte) {
  keep(byte);
  if (std::exchange(is_escaped_, false)) return;
  if (byte == '\\') {
    is_escaped_ = true;
  } else if (byte == '"') {
    in_text_ = false;
  } else if (depth_ == in_list && name_.size() < 16) {
    name_ += byte;
  }
}

void ItemSplitter::step_outside(char byte) {
  if (in_items_ && ends_item(byte)) return;
  const bool was_items_next = is_items_next_;
  if (!is_space(byte)) is_items_next_ = false;
  switch (byte) {
    case '"':
      in_text_ = true;
      if (depth_ == in_list) name_.clear();
      break;
    case ':':
      if (depth_ == in_list) is_items_next_ = name_ == "items";
      break;
    case ',':
      if (depth_ == in_list) name_.clear();
      break;
    case '{':
    case '[':
      ++depth_;
      if (was_items_next && byte == '[') {
        keep(byte);
        in_items_ = true;
        return;
      }
      break;
    case '}':
    case ']':
      if (depth_ != 0) --depth_;
      keep(byte);
      is_whole_ = depth_ == 0;
      if (in_items_ && depth_ == in_items) is_item_whole_ = true;
      return;
    default:
      break;
  }
  keep(byte);
}

// What stands between items, right in their list. True: the byte is no item's.
bool ItemSplitter::ends_item(char byte) {
  if (depth_ != in_items) return false;
  if (byte == ']') {
    is_item_whole_ = !item_.empty();
    in_items_ = false;
    --depth_;
    envelope_.add(byte);
    return true;
  }
  if (byte == ',') {
    is_item_whole_ = !item_.empty();
    return true;
  }
  return is_space(byte);
}

void ItemSplitter::keep(char byte) { (in_items_ ? item_ : envelope_).add(byte); }

}  // namespace sallyport::sources::api_server
