// SPDX-License-Identifier: Apache-2.0
// The fields of a message in the order received, with the names as received; the id is by lower case, so that looking
// one up compares integers.
//
// Texts are views into the arena or read buffer of their exchange. A value can hold no CTL but HTAB and a name only a
// token: what the serialiser writes cannot split a message (reference: reliability-security.md H1-19).

#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/arena.hpp"
#include "syntax/header_name.hpp"
#include "syntax/token.hpp"

namespace sallyport::http {

struct Field {
  syntax::HeaderId id;
  bool is_secret = false;  // its sender wants no table of a compression to have it (RFC 7541 7.1.3)
  std::string_view name;
  std::string_view value;
};

class Fields {
 public:
  explicit Fields(Arena& arena) : arena_(&arena) {}

  const Field* begin() const { return fields_; }
  const Field* end() const { return fields_ + size_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  const Field* find(syntax::HeaderId id) const {
    const Field* found = std::find_if(begin(), end(), [id](const Field& field) { return field.id == id; });
    return found == end() ? nullptr : found;
  }
  // By a name that has no id of its own; any spelling of it.
  const Field* find(std::string_view name) const {
    const Field* found = std::find_if(
        begin(), end(), [name](const Field& field) { return syntax::equals_ignore_case(field.name, name); });
    return found == end() ? nullptr : found;
  }
  // Empty when there is none.
  std::string_view value(syntax::HeaderId id) const {
    const Field* field = find(id);
    return field == nullptr ? std::string_view() : field->value;
  }

  // Refuses (false) what cannot be a field, and what the arena has no room for. The texts must outlive the message.
  [[nodiscard]] bool add(std::string_view name, std::string_view value) {
    return syntax::is_token(name) && syntax::is_field_value(value) && append(syntax::header_id(name), name, value);
  }
  [[nodiscard]] bool add(syntax::HeaderId id, std::string_view value) {
    return syntax::is_field_value(value) && append(id, syntax::spelling_of(id), value);
  }
  // Every earlier one goes.
  [[nodiscard]] bool set(syntax::HeaderId id, std::string_view value) {
    remove(id);
    return add(id, value);
  }

  // REQUIRES: a parser has just checked name and value, and id is the name's. False: no room in the arena.
  [[nodiscard]] bool append(syntax::HeaderId id, std::string_view name, std::string_view value) {
    if (size_ == capacity_ && !grow()) return false;
    std::construct_at(fields_ + size_, Field{.id = id, .name = name, .value = value});
    ++size_;
    return true;
  }

  // Of those behind the first `count`.
  void mark_secret(std::size_t count) {
    for (Field& field : std::span(fields_, size_).subspan(std::min(count, size_))) field.is_secret = true;
  }

  void remove(syntax::HeaderId id) {
    remove_if([id](const Field& field) { return field.id == id; });
  }
  template <class Predicate>
  std::size_t remove_if(Predicate predicate) {
    Field* last = std::remove_if(fields_, fields_ + size_, predicate);
    const auto removed = static_cast<std::size_t>(fields_ + size_ - last);
    size_ -= removed;
    return removed;
  }
  void clear() { size_ = 0; }

  // Those of an id become one, in the first one's place. False: no room in the arena; nothing changed.
  [[nodiscard]] bool join(syntax::HeaderId id, std::string_view between) {
    std::size_t size = 0;
    for (const Field& field : *this) size += field.id == id ? field.value.size() + between.size() : 0;
    const std::span<char> room = arena_->text(size);
    if (room.size() < size) return false;
    char* at = room.data();
    Field* first = nullptr;
    bool is_secret = false;
    for (Field& field : std::span(fields_, size_)) {
      if (field.id != id) continue;
      is_secret = is_secret || field.is_secret;
      if (first != nullptr) at = std::copy(between.begin(), between.end(), at);
      if (first == nullptr) first = &field;
      at = std::copy(field.value.begin(), field.value.end(), at);
    }
    if (first == nullptr) return true;
    first->value = {room.data(), static_cast<std::size_t>(at - room.data())};
    first->is_secret = is_secret;
    const char* const joined = first->value.data();
    remove_if([id, joined](const Field& field) { return field.id == id && field.value.data() != joined; });
    return true;
  }

  // Copies every text into the arena, so that they outlive whatever they were part of. False: no room; nothing changed.
  [[nodiscard]] bool keep_texts() {
    std::size_t size = 0;
    for (const Field& field : *this) size += field.name.size() + field.value.size();
    const std::span<char> room = arena_->text(size);
    if (room.size() < size) return false;
    char* at = room.data();
    const auto kept = [&at](std::string_view text) {
      const std::string_view copy(at, text.size());
      at = std::copy(text.begin(), text.end(), at);
      return copy;
    };
    for (Field& field : std::span(fields_, size_)) {
      field.name = kept(field.name);
      field.value = kept(field.value);
    }
    return true;
  }

 private:
  bool grow() {
    const std::size_t wanted = capacity_ == 0 ? 32 : capacity_ * 2;
    auto* memory = static_cast<Field*>(arena_->allocate(wanted * sizeof(Field), alignof(Field)));
    if (memory == nullptr) return false;
    std::uninitialized_copy_n(fields_, size_, memory);
    fields_ = memory;
    capacity_ = wanted;
    return true;
  }

  Arena* arena_;
  Field* fields_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace sallyport::http
