// SPDX-License-Identifier: Apache-2.0
// Tree to described struct, field by field: what is wrong becomes a complaint with its path and line.
//
// into(node, value) gives false if the value, or something in it that lies in no list element of its own, is not
// usable; object.hpp says what that harms. Null counts as absent.

#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "kube/meta.hpp"
#include "kube/names.hpp"
#include "kube/object.hpp"
#include "kube/tree.hpp"

namespace sallyport::kube {

inline constexpr std::size_t max_complaints = 200;  // of an object

template <class T>
concept DescribedStruct = boost::describe::has_describe_members<T>::value;
template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

class Decoder {
 public:
  // Complaints go to the object.
  explicit Decoder(Object& object) : complaints_(object.complaints) {}

  // `also_known`: fields that somebody else reads.
  template <DescribedStruct T>
  bool into(const Node& node, T& value, std::span<const std::string_view> also_known = {});
  template <DescribedEnum E>
  bool into(const Node& node, E& value);
  template <class T>
  bool into(const Node& node, std::optional<T>& value);
  // As an optional, for a struct that holds its own kind.
  template <class T>
  bool into(const Node& node, std::unique_ptr<T>& value);
  template <class T>
  bool into(const Node& node, std::vector<std::optional<T>>& list);
  template <class T>
  bool into(const Node& node, std::map<std::string, T, std::less<>>& map);

  bool into(const Node& node, std::string& value);
  bool into(const Node& node, bool& value);
  bool into(const Node& node, PortNumber& value);
  bool into(const Node& node, std::uint32_t& value);
  bool into(const Node& node, std::int32_t& value);
  bool into(const Node& node, std::uint64_t& value);
  bool into(const Node& node, IntOrString& value);
  bool into(const Node& node, Bytes& value);
  bool into(const Node& node, SecretBytes& value);
  bool into(const Node& node, SecretText& value);
  bool into(const Node& node, Timestamp& value);

  // Until it goes, what is decoded lies in that field of where the decoder stood.
  class Within {
   public:
    Within(Decoder& decoder, std::string_view key, std::uint32_t line);
    Within(Decoder& decoder, std::size_t index, std::uint32_t line);
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;
    ~Within();

   private:
    Decoder& decoder_;
    std::size_t outer_size_;  // of its path
    std::uint32_t outer_line_;
  };

 private:
  // A complaint about where the decoder stands. Always false.
  bool invalid(std::string message);
  // "must be a text, not a number"
  bool mismatch(const Node& node, std::string_view wanted);
  // Complains that the field is not there. Always false.
  bool missing(const Node& node, std::string_view name);
  bool number(const Node& node, std::uint64_t least, std::uint64_t most, std::uint64_t& value);
  void unknown(const Node::Entry& entry);
  void complain(Complaint::Kind kind, std::string field, std::uint32_t line, std::string message);
  template <class T>
  bool has_required(const Node& node);
  template <class T>
  void find_unknown(const Node& node, std::span<const std::string_view> also_known);

  std::vector<Complaint>& complaints_;
  std::string path_;
  std::uint32_t line_ = 0;
};

template <DescribedStruct T>
bool Decoder::into(const Node& node, T& value, std::span<const std::string_view> also_known) {
  if (node.kind != Node::Kind::map) return mismatch(node, "a map");
  bool usable = has_required<T>(node);
  std::size_t at = 0;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    const std::string& name = field_names<T>()[at++];
    const Node::Entry* entry = node.find(name);
    if (entry == nullptr) return;
    const Within within(*this, name, entry->line);
    if (!into(*entry->value, value.*member.pointer)) usable = false;
  });
  find_unknown<T>(node, also_known);
  return usable;
}

template <class T>
bool Decoder::has_required(const Node& node) {
  bool all = true;
  if constexpr (requires { T::required; }) {
    for (const std::string_view name : T::required) {
      if (node.find(name) == nullptr) all = missing(node, name);
    }
  }
  return all;
}

template <class T>
void Decoder::find_unknown(const Node& node, std::span<const std::string_view> also_known) {
  for (const Node::Entry& entry : node.entries) {
    bool known = std::ranges::count(field_names<T>(), entry.key) + std::ranges::count(also_known, entry.key) != 0;
    if constexpr (requires { T::unread; }) known = known || std::ranges::count(T::unread, entry.key) != 0;
    if (!known) unknown(entry);
  }
}

template <DescribedEnum E>
bool Decoder::into(const Node& node, E& value) {
  const auto written = node.string();
  if (!written) return mismatch(node, "a text");
  bool found = false;
  std::size_t at = 0;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
    if (value_names<E>()[at++] != *written) return;
    value = enumerator.value;
    found = true;
  });
  return found || invalid(text::cat("must be one of ", text::join(value_names<E>(), ", ")));
}

template <class T>
bool Decoder::into(const Node& node, std::optional<T>& value) {
  if constexpr (std::same_as<T, PortNumber>) {
    if (node.kind == Node::Kind::plain && node.text == "0") return true;
  }
  if (!into(node, value.emplace())) value.reset();
  return value.has_value();
}

template <class T>
bool Decoder::into(const Node& node, std::unique_ptr<T>& value) {
  value = std::make_unique<T>();
  if (!into(node, *value)) value.reset();
  return value != nullptr;
}

template <class T>
bool Decoder::into(const Node& node, std::vector<std::optional<T>>& list) {
  if (node.kind != Node::Kind::list) return mismatch(node, "a list");
  list.reserve(node.entries.size());
  for (std::size_t at = 0; at < node.entries.size(); ++at) {
    const Within within(*this, at, node.entries[at].line);
    if (!into(*node.entries[at].value, list.emplace_back().emplace())) list.back().reset();
  }
  return true;
}

template <class T>
bool Decoder::into(const Node& node, std::map<std::string, T, std::less<>>& map) {
  if (node.kind != Node::Kind::map) return mismatch(node, "a map");
  bool usable = true;
  for (const Node::Entry& entry : node.entries) {
    const Within within(*this, entry.key, entry.line);
    T value{};
    if (entry.value->is_null() || into(*entry.value, value)) {  // null is the empty value, as in the API
      map.insert_or_assign(entry.key, std::move(value));
    } else {
      usable = false;
    }
  }
  return usable;
}

}  // namespace sallyport::kube
