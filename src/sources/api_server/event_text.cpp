// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/event_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "kube/digest.hpp"
#include "kube/kinds.hpp"
#include "kube/timestamp.hpp"

namespace sallyport::sources::api_server {
namespace {

// What events.k8s.io/v1 allows, in bytes.
constexpr std::size_t longest_note = 1024;
constexpr std::size_t longest_reason = 128;
constexpr std::size_t longest_instance = 128;
constexpr std::size_t longest_prefix = 200;  // of a name of at most 253

constexpr std::string_view controller = "sallyport.dev/controller";

// At most so many bytes, and no torn character at the end.
std::string cut(std::string text, std::size_t longest) {
  if (text.size() <= longest) return text;
  std::size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text;
}

std::string fixed_hex(std::uint64_t number) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, 16).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  return std::string(digits.size() - size, '0').append(digits.data(), size);
}

std::string name_of(const ObjectEvent& event) {
  kube::Digest digest;
  for (const std::string* const part : {&event.regarding.group, &event.regarding.kind, &event.regarding.namespace_,
                                        &event.regarding.name, &event.uid, &event.reason, &event.note}) {
    digest.add(*part);
  }
  std::string prefix = event.regarding.name.substr(0, longest_prefix);
  while (!prefix.empty() && (prefix.back() == '.' || prefix.back() == '-')) prefix.pop_back();
  return text::cat(prefix, ".", fixed_hex(digest.high), fixed_hex(digest.low));
}

std::string note_of(const Verdict& verdict) {
  return cut(verdict.field.empty() ? verdict.message : text::cat(verdict.field, ": ", verdict.message), longest_note);
}

}  // namespace

std::optional<ObjectEvent> event_of(const Published& published) {
  const Verdict& verdict = published.verdict;
  if (verdict.kind == Verdict::Kind::ignored || verdict.reason.empty() || published.object == nullptr) return {};
  const kube::Kind* const kind = kube::find_kind(verdict.ref.group, verdict.ref.kind);
  if (kind == nullptr) return {};
  ObjectEvent event;
  event.namespace_ = verdict.ref.namespace_.empty() ? "default" : verdict.ref.namespace_;
  event.reason = cut(verdict.reason, longest_reason);
  event.note = note_of(verdict);
  event.regarding = verdict.ref;
  event.api_version = kube::api_version(kind->group, kind->version);
  event.uid = published.object->meta.uid;
  event.resource_version = published.object->meta.resource_version;
  event.name = name_of(event);
  return event;
}

std::string new_event_text(const ObjectEvent& event, std::string_view instance, WallTime now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("apiVersion", "events.k8s.io/v1").member("kind", "Event");
  json.key("metadata").begin_object();
  json.member("namespace", event.namespace_).member("name", event.name).end_object();
  json.member("eventTime", kube::format_micro_time(now)).member("type", "Warning").member("reason", event.reason);
  json.member("note", event.note).member("action", "Configure");
  json.member("reportingController", controller);
  json.member("reportingInstance", cut(std::string(instance), longest_instance));
  json.key("regarding").begin_object();
  json.member("apiVersion", event.api_version).member("kind", event.regarding.kind);
  if (!event.regarding.namespace_.empty()) json.member("namespace", event.regarding.namespace_);
  json.member("name", event.regarding.name).member("uid", event.uid);
  json.member("resourceVersion", event.resource_version).end_object().end_object();
  return out;
}

std::string series_patch_text(std::uint32_t count, WallTime now) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("series").begin_object().member("count", count);
  json.member("lastObservedTime", kube::format_micro_time(now)).end_object().end_object();
  return out;
}

}  // namespace sallyport::sources::api_server
