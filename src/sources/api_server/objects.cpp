// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/objects.hpp"

#include <algorithm>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "kube/reader.hpp"
#include "sources/api_server/backoff.hpp"
#include "sources/api_server/json_at.hpp"

namespace sallyport::sources::api_server {
namespace {

using kube::Node;

constexpr std::string_view end_of_list = "k8s.io/initial-events-end";

std::optional<unsigned> number_at(const Node* node, std::string_view key) {
  const Node* const value = at(node, key);
  return value == nullptr || !value->is_number() ? std::nullopt : parse_decimal<unsigned>(value->text);
}

ObjectRef ref_of(const kube::Kind& kind, std::string namespace_, std::string name) {
  return {std::string(kind.group), std::string(kind.name), kind.is_namespaced ? std::move(namespace_) : std::string(),
          std::move(name)};
}

// Which object it is and which version of it, without the rest.
struct Identity {
  std::optional<ObjectRef> ref;
  std::string version;
};

Identity identity_of(const Node* object, const kube::Kind& kind) {
  const Node* const metadata = at(object, "metadata");
  Identity identity{.ref = {}, .version = text_at(metadata, "resourceVersion")};
  std::string name = text_at(metadata, "name");
  std::string namespace_ = text_at(metadata, "namespace");
  if (name.empty() || (kind.is_namespaced && namespace_.empty())) return identity;
  identity.ref = ref_of(kind, std::move(namespace_), std::move(name));
  return identity;
}

// The value of "key" in what is perhaps the beginning of a JSON object, if it is a text without escapes.
std::string text_in(std::string_view beginning, std::string_view key) {
  const std::string quoted = text::cat("\"", key, "\"");
  const std::size_t found = beginning.find(quoted);
  if (found == beginning.npos) return {};
  std::string_view rest = beginning.substr(found + quoted.size());
  const std::size_t open = rest.find_first_not_of(": \t\r\n");
  if (open == rest.npos || rest[open] != '"') return {};
  rest.remove_prefix(open + 1);
  const std::size_t close = rest.find_first_of("\"\\");
  return close == rest.npos || rest[close] != '"' ? std::string() : std::string(rest.substr(0, close));
}

// Of a text that is no JSON, or too long to be read: API servers write metadata first, and the name first in it.
std::optional<ObjectRef> ref_in(std::string_view beginning, const kube::Kind& kind) {
  const std::size_t found = beginning.find("\"metadata\"");
  if (found == beginning.npos) return std::nullopt;
  beginning = beginning.substr(found, 1024);
  std::string name = text_in(beginning, "name");
  std::string namespace_ = text_in(beginning, "namespace");
  if (name.empty() || (kind.is_namespaced && namespace_.empty())) return std::nullopt;
  return ref_of(kind, std::move(namespace_), std::move(name));
}

Unreadable too_long(const Cut& text, const kube::Kind& kind) {
  return {.ref = ref_in(text.text, kind),
          .version = {},
          .message = text::cat("larger than ", most_object_bytes >> 20U, " MiB")};
}

std::expected<Item, Unreadable> item_of(const Node* document, const Resource& resource) {
  Identity identity = identity_of(document, *resource.kind);
  const auto unreadable = [&](std::string message) {
    return std::unexpected(Unreadable{std::move(identity.ref), std::move(identity.version), std::move(message)});
  };
  if (!identity.ref) return unreadable("metadata does not say which object it is");
  if (resource.is_metadata_only) return Item{*std::move(identity.ref), std::move(identity.version), nullptr, {}};
  if (resource.summarise != nullptr) {
    return Item{*std::move(identity.ref), std::move(identity.version), nullptr, resource.summarise(*document)};
  }
  kube::FileContents contents = kube::read_object(*document, *resource.kind);
  if (contents.objects.size() == 1 && contents.objects.front()->ref == *identity.ref) {
    return Item{*std::move(identity.ref), std::move(identity.version), std::move(contents.objects.front()), {}};
  }
  if (!contents.problems.empty()) return unreadable(std::move(contents.problems.front().message));
  if (!contents.ignored.empty()) return unreadable(std::move(contents.ignored.front().message));
  return unreadable("not one object of this kind");
}

Status status_of(const Node* status, unsigned code) {
  Status read{.code = number_at(status, "code").value_or(code),
              .reason = text_at(status, "reason"),
              .message = text_at(status, "message"),
              .retry_after = {}};
  if (const auto seconds = number_at(at(status, "details"), "retryAfterSeconds")) {
    read.retry_after = std::min<net::Duration>(std::chrono::seconds(*seconds), longest_asked);
  }
  return read;
}

Bookmark bookmark_of(const Node* object) {
  const Node* const metadata = at(object, "metadata");
  return {.version = text_at(metadata, "resourceVersion"),
          .ends_list = text_at(at(metadata, "annotations"), end_of_list) == "true"};
}

}  // namespace

std::expected<Item, Unreadable> read_item(const Cut& text, const Resource& resource) {
  if (text.is_too_long) return std::unexpected(too_long(text, *resource.kind));
  const auto tree = read_json(text.text);
  if (!tree) return std::unexpected(Unreadable{ref_in(text.text, *resource.kind), {}, tree.error()});
  return item_of(tree->root(), resource);
}

Event read_event(const Cut& line, const Resource& resource) {
  if (line.is_too_long) return too_long(line, *resource.kind);
  const auto tree = read_json(line.text);
  if (!tree) return Unreadable{ref_in(line.text, *resource.kind), {}, tree.error()};
  const std::string type = text_at(tree->root(), "type");
  const Node* const object = at(tree->root(), "object");
  if (type == "ADDED" || type == "MODIFIED") {
    auto item = item_of(object, resource);
    if (!item) return std::move(item.error());
    return Changed{*std::move(item)};
  }
  if (type == "DELETED") {
    Identity identity = identity_of(object, *resource.kind);
    if (!identity.ref) {
      return Unreadable{{}, std::move(identity.version), "metadata does not say which object was deleted"};
    }
    return Removed{*std::move(identity.ref), std::move(identity.version)};
  }
  if (type == "BOOKMARK") return bookmark_of(object);
  if (type == "ERROR") return status_of(object, 0);
  if (type.empty()) return Unreadable{identity_of(object, *resource.kind).ref, {}, "an event without a type"};
  return Unheard();
}

std::expected<ListFrame, std::string> read_frame(const Cut& envelope) {
  if (envelope.is_too_long) return std::unexpected("a list has too much beside its items");
  const auto tree = read_json(envelope.text);
  if (!tree) return std::unexpected(text::cat("a list that is ", tree.error()));
  const Node* const metadata = at(tree->root(), "metadata");
  ListFrame frame{.version = text_at(metadata, "resourceVersion"), .proceed = text_at(metadata, "continue")};
  const bool is_list = text_at(tree->root(), "kind").ends_with("List") && !frame.version.empty();
  if (!is_list) return std::unexpected("an answer that is no list");
  return frame;
}

Status read_status(std::string_view body, unsigned code) {
  const auto tree = read_json(body);
  if (!tree) return {.code = code, .reason = {}, .message = {}, .retry_after = {}};
  Status status = status_of(tree->root(), code);
  status.code = code;
  return status;
}

}  // namespace sallyport::sources::api_server
