// SPDX-License-Identifier: Apache-2.0
// What an API server sends, cut into texts of one object each while it comes: a watch into its lines, a list into its
// items. Pure: no I/O, and no more is held than one text of `most` bytes, however much comes.
//
// A text that is larger is given as its first bytes, which mostly say whose it is, and marked; what follows it is not
// harmed. take() gets the next bytes once next() has given none; what next() gives holds until the next call of either.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::sources::api_server {

// Of one object: more than an API server accepts of one (3 MiB), with some for what it adds.
inline constexpr std::size_t most_object_bytes = std::size_t{4} << 20U;

struct Cut {
  std::string_view text;
  bool is_too_long = false;  // `text` is its beginning only
};

// One text as it grows.
class GrowingText {
 public:
  explicit GrowingText(std::size_t most) : most_(most) {}

  void add(std::string_view bytes);
  void add(char byte) { add(std::string_view(&byte, 1)); }
  bool empty() const { return size_ == 0; }
  // There is nothing in it but white space.
  bool is_blank() const;
  Cut cut() const { return {text_, size_ > most_}; }
  void clear();

 private:
  static constexpr std::size_t head = 4096;         // that is kept of one that is too long
  static constexpr std::size_t kept_room = 65'536;  // for the next text

  std::size_t most_;
  std::string text_;
  std::size_t size_ = 0;  // of the whole
};

class LineSplitter {
 public:
  explicit LineSplitter(std::size_t most = most_object_bytes) : line_(most), most_(most) {}

  void take(std::string_view bytes) { bytes_ = bytes; }
  // Without its line feed; lines of nothing are left out.
  std::optional<Cut> next();

 private:
  GrowingText line_;  // that began in bytes which are gone
  std::size_t most_;
  std::string_view bytes_;  // that are not cut yet
  bool is_given_ = false;   // `line_` was, and may be cleared
};

// The items of a list, and the list without them, in any order of its fields. Whether they are JSON is not judged here:
// a text of balanced brackets is a text.
class ItemSplitter {
 public:
  static constexpr std::size_t most_envelope_bytes = std::size_t{256} << 10U;

  explicit ItemSplitter(std::size_t most = most_object_bytes) : item_(most), envelope_(most_envelope_bytes) {}

  void take(std::string_view bytes) { bytes_ = bytes; }
  std::optional<Cut> next();

  // The list's end was seen. What comes after it is not looked at.
  bool is_whole() const { return is_whole_; }
  // The list with "items": [].
  Cut envelope() const { return envelope_.cut(); }

 private:
  std::string_view plain_run() const;
  void step(char byte);
  void step_in_text(char byte);
  void step_outside(char byte);
  bool ends_item(char byte);
  void keep(char byte);

  GrowingText item_;
  GrowingText envelope_;
  std::string_view bytes_;
  std::string name_;            // the last text that stood right in the list's object: perhaps a field's name
  std::size_t depth_ = 0;       // of brackets
  bool in_text_ = false;        // between quotes
  bool is_escaped_ = false;     // the byte before was a backslash in a text
  bool is_items_next_ = false;  // "items": was just read
  bool in_items_ = false;
  bool is_item_whole_ = false;  // `item_` may be given
  bool is_given_ = false;       // and was
  bool is_whole_ = false;
};

}  // namespace sallyport::sources::api_server
