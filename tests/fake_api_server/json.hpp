// SPDX-License-Identifier: Apache-2.0
// A JSON value that can be changed: what the fake API server keeps of an object, and what it answers with.
//
// Members keep their order and numbers their spelling, so that what was put is what is given. A value owns all below
// it.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kube/tree.hpp"

namespace sallyport::fake_api {

class Json {
 public:
  enum class Kind : std::uint8_t {
    plain,  // null, true, false or a number, as it is spelt
    text,
    list,
    map,
  };
  struct Member;

  Json();                         // null
  Json(std::string_view text);    // NOLINT(google-explicit-constructor)
  Json(const char* text);         // NOLINT(google-explicit-constructor)
  Json(const std::string& text);  // NOLINT(google-explicit-constructor)
  static Json map();
  static Json list();
  static Json boolean(bool value);
  static Json number(std::uint64_t value);
  // Of a document; a plain scalar of YAML that JSON does not know is a text.
  static Json of(const kube::Node& node);
  // A JSON object or list.
  static Result<Json> parse(std::string_view bytes);
  // Every document of a YAML text.
  static Result<std::vector<Json>> parse_yaml(std::string_view bytes);

  Kind kind() const { return kind_; }
  bool is_map() const { return kind_ == Kind::map; }
  bool is_list() const { return kind_ == Kind::list; }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_null() const { return kind_ == Kind::plain && text_ == "null"; }
  bool is_true() const { return kind_ == Kind::plain && text_ == "true"; }
  // Of a text or a plain one.
  const std::string& text() const { return text_; }

  std::vector<Member>& members() { return members_; }
  const std::vector<Member>& members() const { return members_; }

  // Null if there is none on that way.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  const Json* at(std::initializer_list<std::string_view> way) const;
  // The text there; empty if there is none.
  std::string_view text_at(std::initializer_list<std::string_view> way) const;

  // The member of that name, made if it is missing. What is no map becomes one.
  Json& operator[](std::string_view name);
  void remove(std::string_view name);
  void add(Json element);

  void append_to(std::string& out) const;
  std::string written() const;

  // Whatever the order of members.
  bool operator==(const Json& other) const;

 private:
  Json(Kind kind, std::string text);

  Kind kind_ = Kind::plain;
  std::string text_ = "null";
  std::vector<Member> members_;
};

struct Json::Member {
  std::string name;  // empty in a list
  Json value;
};

// The number there; nothing: there is no such member. An error names a member that is something else.
Result<std::optional<std::uint64_t>> number_at(const Json& of, std::string_view name);
// Likewise.
Result<std::optional<bool>> truth_at(const Json& of, std::string_view name);

}  // namespace sallyport::fake_api
