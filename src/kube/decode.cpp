// SPDX-License-Identifier: Apache-2.0

#include "kube/decode.hpp"

#include <limits>

#include "kube/base64.hpp"
#include "kube/scalar.hpp"
#include "kube/timestamp.hpp"

namespace sallyport::kube {
namespace {

constexpr std::uint64_t highest_port = 65535;

}  // namespace

Decoder::Within::Within(Decoder& decoder, std::string_view key, std::uint32_t line)
    : decoder_(decoder), outer_size_(decoder.path_.size()), outer_line_(decoder.line_) {
  append_field(decoder.path_, key);
  decoder.line_ = line;
}

Decoder::Within::Within(Decoder& decoder, std::size_t index, std::uint32_t line)
    : decoder_(decoder), outer_size_(decoder.path_.size()), outer_line_(decoder.line_) {
  append_field(decoder.path_, index);
  decoder.line_ = line;
}

Decoder::Within::~Within() {
  decoder_.path_.resize(outer_size_);
  decoder_.line_ = outer_line_;
}

bool Decoder::invalid(std::string message) {
  complain(Complaint::Kind::invalid, path_, line_, std::move(message));
  return false;
}

bool Decoder::mismatch(const Node& node, std::string_view wanted) {
  const bool wants_quotes = wanted == "a text" && node.kind == Node::Kind::plain && !node.is_null();
  return invalid(text::cat("must be ", wanted, ", not ", node.type_name(), wants_quotes ? " (put it in quotes)" : ""));
}

bool Decoder::missing(const Node& node, std::string_view name) {
  complain(Complaint::Kind::invalid, field(path_, name), line_ == 0 ? node.line : line_, "is required");
  return false;
}

void Decoder::unknown(const Node::Entry& entry) {
  complain(Complaint::Kind::unknown_field, field(path_, entry.key), entry.line, "is not a field that is known here");
}

// The last place is kept for a complaint about the whole object, so that nothing invalid is ever overlooked.
void Decoder::complain(Complaint::Kind kind, std::string field, std::uint32_t line, std::string message) {
  if (complaints_.size() >= max_complaints) return;
  const bool is_last = complaints_.size() + 1 == max_complaints;
  if (is_last && kind == Complaint::Kind::unknown_field) return;
  if (is_last) complaints_.push_back({kind, "", line, text::cat("has more than ", max_complaints - 1, " mistakes")});
  if (!is_last) complaints_.push_back({kind, std::move(field), line, std::move(message)});
}

bool Decoder::number(const Node& node, std::uint64_t least, std::uint64_t most, std::uint64_t& value) {
  if (!node.is_number()) return mismatch(node, "a number");
  const auto number = scalar::whole_number(node.text);
  if (!number || *number < least || *number > most) {
    return invalid(text::cat("must be a decimal number from ", least, " to ", most));
  }
  value = *number;
  return true;
}

bool Decoder::into(const Node& node, std::string& value) {
  const auto text = node.string();
  if (!text) return mismatch(node, "a text");
  value = *text;
  return true;
}

bool Decoder::into(const Node& node, bool& value) {
  const auto boolean = node.boolean();
  if (!boolean) return mismatch(node, "true or false");
  value = *boolean;
  return true;
}

bool Decoder::into(const Node& node, PortNumber& value) {
  std::uint64_t wide = 0;
  if (!number(node, 1, highest_port, wide)) return false;
  value = static_cast<PortNumber>(wide);
  return true;
}

bool Decoder::into(const Node& node, std::uint32_t& value) {
  std::uint64_t wide = 0;
  if (!number(node, 0, std::numeric_limits<std::int32_t>::max(), wide)) return false;
  value = static_cast<std::uint32_t>(wide);
  return true;
}

bool Decoder::into(const Node& node, std::int32_t& value) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (!node.is_number()) return mismatch(node, "a number");
  const auto number = scalar::signed_number(node.text);
  if (!number || *number < Limits::min() || *number > Limits::max()) {
    return invalid(text::cat("must be a decimal number from ", Limits::min(), " to ", Limits::max()));
  }
  value = static_cast<std::int32_t>(*number);
  return true;
}

bool Decoder::into(const Node& node, std::uint64_t& value) {
  return number(node, 0, std::numeric_limits<std::int64_t>::max(), value);
}

bool Decoder::into(const Node& node, IntOrString& value) {
  if (!node.is_number()) {
    const auto text = node.string();
    if (!text) return mismatch(node, "a number or a text");
    value = std::string(*text);
    return true;
  }
  PortNumber port = 0;
  if (!into(node, port)) return false;
  value = std::uint32_t{port};
  return true;
}

bool Decoder::into(const Node& node, Bytes& value) {
  const auto text = node.string();
  if (!text) return mismatch(node, "a text");
  value.value.resize(base64_room(*text));
  const auto size = decode_base64(*text, value.value.data());
  if (!size) return invalid("is not base64");
  value.value.resize(*size);
  return true;
}

// No message here may say more than what kind of value it is.
bool Decoder::into(const Node& node, SecretBytes& value) {
  const auto text = node.string();
  if (!text) return mismatch(node, "a text");
  value = SecretBytes(base64_room(*text));
  const auto size = decode_base64(*text, value.writable());
  if (!size) return invalid("is not base64");
  value.shorten(*size);
  return true;
}

bool Decoder::into(const Node& node, SecretText& value) {
  const auto text = node.string();
  if (!text) return mismatch(node, "a text");
  value.value = SecretBytes(*text);
  return true;
}

bool Decoder::into(const Node& node, Timestamp& value) {
  const auto text = node.string();
  if (!text) return mismatch(node, "a text");
  const auto time = parse_timestamp(*text);
  if (!time) return invalid("must be a time such as 2026-05-04T03:02:01Z");
  value = *time;
  return true;
}

}  // namespace sallyport::kube
