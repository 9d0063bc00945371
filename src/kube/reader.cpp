// SPDX-License-Identifier: Apache-2.0

#include "kube/reader.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "base/text.hpp"
#include "kube/decode.hpp"
#include "kube/encode.hpp"
#include "kube/json.hpp"
#include "kube/kinds.hpp"
#include "kube/yaml.hpp"

namespace sallyport::kube {
namespace {

// Longer paths have their parent's line: nothing that is read lies there, and no document may make this walk slow. Nor
// have fields that are told back to the cluster lines of their own: they come and go without a change of meaning.
constexpr std::size_t longest_line_path = 512;

void add_lines(const Node& node, const Lines::Place& place, bool is_in_file, Lines& lines) {
  for (std::size_t at = 0; at < node.entries.size(); ++at) {
    const Node::Entry& entry = node.entries[at];
    if (entry.key == "managedFields" || (place.size() == 0 && entry.key == "status")) continue;
    const Lines::Place below = node.kind == Node::Kind::map ? place.in(entry.key) : place.in(at);
    if (below.size() > longest_line_path) continue;
    lines.add(below, is_in_file ? entry.line : 0);
    add_lines(*entry.value, below, is_in_file, lines);
  }
}

struct TypeNames {
  std::string group;
  std::string version;
  std::string kind;
};

// RFC 1123, as Kubernetes wants names.
bool is_name(std::string_view text, std::size_t longest, bool may_have_dots) {
  const auto is_inner = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (c == '.' && may_have_dots);
  };
  const auto is_end = [](char c) { return c == '-' || c == '.'; };
  return !text.empty() && text.size() <= longest && std::ranges::all_of(text, is_inner) && !is_end(text.front()) &&
         !is_end(text.back());
}

// What is told back to the cluster, and what changes with it, does not change what an object means.
std::pair<Digest, Digest> meaning_and_content(const Node& document) {
  static constexpr std::array<std::string_view, 2> apart{"metadata", "status"};
  static constexpr std::array<std::string_view, 2> of_versions{"managedFields", "resourceVersion"};
  const auto add = [](const Node* map, std::string_view key, Digest& digest) {
    const Node::Entry* const entry = map == nullptr ? nullptr : map->find(key);
    digest.add(std::uint64_t{entry == nullptr ? 0U : 1U});
    if (entry != nullptr) add_content(*entry->value, digest);
  };
  const Node::Entry* const metadata = document.find("metadata");
  const Node* const meta = metadata == nullptr ? nullptr : metadata->value;
  Digest meaning;
  add_content_without(document, apart, meaning);
  if (meta != nullptr) add_content_without(*meta, of_versions, meaning);
  Digest content = meaning;
  for (const std::string_view key : of_versions) add(meta, key, content);
  add(&document, "status", content);
  return {meaning, content};
}

class FileReader {
 public:
  explicit FileReader(std::string_view file_name) : file_name_(file_name) {}

  FileContents read(std::string_view bytes) {
    auto trees = file_name_.ends_with(".json") ? parse_json(bytes) : parse_yaml(bytes);
    if (!trees) {
      unidentified(trees.error().line, std::move(trees.error().message));
      return std::move(contents_);
    }
    for (const Tree& tree : *trees) take(*tree.root(), nullptr);
    return std::move(contents_);
  }

  FileContents read(const Node& document, const Kind& kind) {
    const TypeNames inferred{std::string(kind.group), std::string(kind.version), std::string(kind.name)};
    take(document, &inferred);
    return std::move(contents_);
  }

 private:
  // `inferred`: what an item of a typed list is when it does not say so itself. Lists in lists end with the tree's
  // depth.
  void take(const Node& document, const TypeNames* inferred) {
    const auto names = type_names(document, inferred);
    if (!names) return;
    const Node::Entry* items = names->kind.ends_with("List") ? document.find("items") : nullptr;
    if (names->kind == "List" || items != nullptr) return take_items(items, *names);
    const Kind* kind = find_kind(names->group, names->kind);
    if (kind == nullptr || kind->version != names->version) return ignore(document, kind, *names);
    decode(document, *kind);
  }

  void take_items(const Node::Entry* items, const TypeNames& names) {
    if (items == nullptr) return;
    if (items->value->kind != Node::Kind::list) {
      return unidentified(items->line, text::cat("items of a ", names.kind, " must be a list"));
    }
    TypeNames inferred = names;
    inferred.kind.resize(names.kind.size() - std::string_view("List").size());
    for (const Node::Entry& item : items->value->entries) {
      take(*item.value, inferred.kind.empty() ? nullptr : &inferred);
    }
  }

  std::optional<TypeNames> type_names(const Node& document, const TypeNames* inferred) {
    if (document.kind != Node::Kind::map) {
      unidentified(document.line, text::cat("is not a Kubernetes object: it is ", document.type_name(), ", not a map"));
      return std::nullopt;
    }
    const Node::Entry* kind = document.find("kind");
    const Node::Entry* version = document.find("apiVersion");
    if (kind == nullptr && version == nullptr && inferred != nullptr) return *inferred;
    for (const auto& [entry, name] : {std::pair(kind, "kind"), std::pair(version, "apiVersion")}) {
      if (entry != nullptr && entry->value->string() && !entry->value->string()->empty()) continue;
      const std::uint32_t line = entry == nullptr ? document.line : entry->line;
      unidentified(
          line, text::cat("is not a Kubernetes object: it has no ", name, entry == nullptr ? "" : " that is a text"));
      return std::nullopt;
    }
    const std::string_view written = *version->value->string();
    const auto slash = written.find('/');
    const bool is_core = slash == written.npos;
    return TypeNames{std::string(is_core ? "" : written.substr(0, slash)),
                     std::string(is_core ? written : written.substr(slash + 1)), std::string(*kind->value->string())};
  }

  void ignore(const Node& document, const Kind* kind, const TypeNames& names) {
    const auto text_at = [&](std::string_view key) {
      const Node::Entry* metadata = document.find("metadata");
      const Node::Entry* entry = metadata == nullptr ? nullptr : metadata->value->find(key);
      return std::string(entry == nullptr ? "" : entry->value->string().value_or(""));
    };
    const std::string written = api_version(names.group, names.version);
    std::string message = kind == nullptr ? text::cat(names.kind, " of ", written, " is not a kind that is read here")
                                          : text::cat(names.kind, " of ", written, " is not read, only that of ",
                                                      api_version(kind->group, kind->version));
    contents_.ignored.push_back(
        {.ref = {.group = names.group, .kind = names.kind, .namespace_ = text_at("namespace"), .name = text_at("name")},
         .line = document.line,
         .message = std::move(message)});
  }

  void decode(const Node& document, const Kind& kind) {
    const auto object = std::make_shared<Object>();
    Decoder decoder(*object);
    object->line = file_name_.empty() ? 0 : document.line;
    if (!identify(document, kind, decoder, *object)) return;
    const auto [earlier, is_new] = lines_.try_emplace(object->ref, object->line);
    if (!is_new) {
      std::string message =
          text::cat(to_text(object->ref), " is in line ", earlier->second, " already, and that one counts");
      contents_.problems.push_back({object->line, std::move(message), object->ref});
      return;
    }
    kind.decode_body(decoder, document, *object);
    object->file = file_name_;
    const bool is_in_file = !file_name_.empty();
    add_lines(document, Lines::Place(), is_in_file, object->lines);
    object->lines.finish(object->line);
    for (Complaint& complaint : object->complaints) complaint.line = is_in_file ? complaint.line : 0;
    std::tie(object->meaning, object->content) = meaning_and_content(document);
    // A Secret's values lie in one place only.
    const bool may_be_kept = !std::holds_alternative<Secret>(object->body);
    if (may_be_kept && !object->complaints.empty()) {
      object->document = document_text(document, api_version(kind.group, kind.version), kind.name, max_document_bytes);
    }
    contents_.objects.push_back(object);
  }

  // Reads metadata. False if it does not say which object this is.
  bool identify(const Node& document, const Kind& kind, Decoder& decoder, Object& object) {
    const Node::Entry* metadata = document.find("metadata");
    if (metadata == nullptr) return unnamed(kind, document.line, "metadata", "is required");
    Meta& meta = object.meta;
    {
      const Decoder::Within within(decoder, "metadata", metadata->line);
      decoder.into(*metadata->value, meta);
    }
    for (const std::string_view identity : {"metadata.name", "metadata.namespace"}) {
      const Complaint* wrong = object.invalid_within(identity);
      if (wrong != nullptr) return unnamed(kind, wrong->line, wrong->field, wrong->message);
    }
    if (!kind.is_namespaced) meta.namespace_.clear();
    if (kind.is_namespaced && meta.namespace_.empty()) meta.namespace_ = "default";
    const auto line_of = [&](std::string_view key) {
      const Node::Entry* entry = metadata->value->find(key);
      return entry == nullptr ? metadata->line : entry->line;
    };
    if (meta.name.empty()) return unnamed(kind, line_of("name"), "metadata.name", "is required");
    if (!is_name(meta.name, 253, true)) {
      return unnamed(kind, line_of("name"), "metadata.name", "must be of lower-case letters, digits, '-' and '.'");
    }
    if (kind.is_namespaced && !is_name(meta.namespace_, 63, false)) {
      return unnamed(kind, line_of("namespace"), "metadata.namespace", "must be of lower-case letters, digits and '-'");
    }
    object.ref = {std::string(kind.group), std::string(kind.name), meta.namespace_, meta.name};
    return true;
  }

  bool unnamed(const Kind& kind, std::uint32_t line, std::string_view field, std::string_view message) {
    unidentified(line, text::cat(kind.name, ": ", field, " ", message));
    return false;
  }

  void unidentified(std::uint32_t line, std::string message) {
    contents_.problems.push_back({line, std::move(message), std::nullopt});
    contents_.is_whole = false;
  }

  std::string file_name_;
  FileContents contents_;
  std::unordered_map<ObjectRef, std::uint32_t> lines_;  // of the file's objects so far
};

}  // namespace

FileContents read_objects(std::string_view file_name, std::string_view bytes) {
  return FileReader(file_name).read(bytes);
}

FileContents read_object(const Node& document, const Kind& kind) { return FileReader("").read(document, kind); }

}  // namespace sallyport::kube
