// SPDX-License-Identifier: Apache-2.0

#include "kube/yaml.hpp"

#include <yaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace sallyport::kube {
namespace {

using Step = TreeBuilder::Step;

constexpr std::size_t max_anchors = 1000;  // of a document
constexpr std::string_view core_tag = "tag:yaml.org,2002:";

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

// libyaml's event, freed with its turn.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&event_); }

  yaml_event_t* get() { return &event_; }
  const yaml_event_t* operator->() const { return &event_; }
  std::uint32_t line() const { return static_cast<std::uint32_t>(event_.start_mark.line + 1); }

 private:
  yaml_event_t event_{};
};

class YamlReader {
 public:
  explicit YamlReader(std::string_view bytes) : bytes_(bytes) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  }
  YamlReader(const YamlReader&) = delete;
  YamlReader& operator=(const YamlReader&) = delete;
  ~YamlReader() { yaml_parser_delete(&parser_); }

  std::expected<std::vector<Tree>, Mistake> read() {
    for (;;) {
      Event event;
      if (yaml_parser_parse(&parser_, event.get()) == 0) return std::unexpected(parser_mistake());
      if (event->type == YAML_STREAM_END_EVENT) return std::move(trees_);
      if (auto step = take(event); !step) return std::unexpected(std::move(step.error()));
    }
  }

 private:
  Step take(const Event& event) {
    switch (event->type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        return {};
      case YAML_DOCUMENT_END_EVENT:
        finish_document();
        return {};
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_SEQUENCE_START_EVENT:
        return begin(Node::Kind::list, event, text_of(event->data.sequence_start.tag),
                     text_of(event->data.sequence_start.anchor));
      case YAML_MAPPING_START_EVENT:
        return begin(Node::Kind::map, event, text_of(event->data.mapping_start.tag),
                     text_of(event->data.mapping_start.anchor));
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return end();
      case YAML_ALIAS_EVENT:
        return alias(event);
      default:
        return {};
    }
  }

  void finish_document() {
    Tree tree = builder_.take();
    if (tree.root() != nullptr && !tree.root()->is_null()) trees_.push_back(std::move(tree));
  }

  Step scalar(const Event& event) {
    const auto& data = event->data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
    const std::string_view tag = text_of(data.tag);
    const bool is_plain = data.style == YAML_PLAIN_SCALAR_STYLE;
    if (builder_.wants_key()) {
      if (data.anchor != nullptr) return mistake(event, "an anchor on a key is not supported");
      return builder_.key(std::string(text), event.line(), is_plain && text == "<<");
    }
    const auto kind = scalar_kind(tag, is_plain);
    if (!kind) return mistake(event, text::cat("the tag ", tag.substr(0, 80), " is not supported"));
    if (auto step = builder_.scalar(*kind, text, event.line()); !step) return step;
    return remember(text_of(data.anchor), event.line());
  }

  static std::optional<Node::Kind> scalar_kind(std::string_view tag, bool is_plain) {
    if (tag.empty()) return is_plain ? Node::Kind::plain : Node::Kind::text;
    if (tag == "!") return Node::Kind::text;
    if (!tag.starts_with(core_tag)) return std::nullopt;
    tag.remove_prefix(core_tag.size());
    if (tag == "str") return Node::Kind::text;
    const bool is_core = tag == "int" || tag == "bool" || tag == "float" || tag == "null" || tag == "timestamp";
    return is_core ? std::optional(Node::Kind::plain) : std::nullopt;
  }

  Step begin(Node::Kind kind, const Event& event, std::string_view tag, std::string_view anchor) {
    if (builder_.wants_key()) return mistake(event, "a key must be a text");
    const std::string_view own_tag = kind == Node::Kind::list ? "tag:yaml.org,2002:seq" : "tag:yaml.org,2002:map";
    if (!tag.empty() && tag != own_tag) {
      return mistake(event, text::cat("the tag ", tag.substr(0, 80), " is not supported"));
    }
    open_anchors_.emplace_back(anchor);
    return builder_.begin(kind, event.line());
  }

  Step end() {
    const std::string anchor = std::move(open_anchors_.back());
    open_anchors_.pop_back();
    if (auto step = builder_.end(); !step) return step;
    return remember(anchor, builder_.last()->line);
  }

  Step alias(const Event& event) {
    const std::string_view name = text_of(event->data.alias.anchor);
    if (builder_.wants_key()) return mistake(event, "an alias as a key is not supported");
    const auto anchor = anchors_.find(name);
    const bool is_open = std::ranges::find(open_anchors_, name) != open_anchors_.end();
    if (anchor != anchors_.end() && !is_open) return builder_.alias(anchor->second, event.line());
    return mistake(event, text::cat("the alias *", name.substr(0, 80),
                                    is_open ? " lies in what it stands for" : " has no anchor before it"));
  }

  // Under its anchor, for later aliases.
  Step remember(std::string_view anchor, std::uint32_t line) {
    if (anchor.empty()) return {};
    if (anchors_.size() >= max_anchors) {
      return std::unexpected(Mistake{line, text::cat("more than ", max_anchors, " anchors in one document")});
    }
    anchors_.insert_or_assign(std::string(anchor), builder_.last());
    return {};
  }

  static Step mistake(const Event& event, std::string message) {
    return std::unexpected(Mistake{event.line(), std::move(message)});
  }

  Mistake parser_mistake() const {
    const std::string_view problem = parser_.problem == nullptr ? "it does not parse" : parser_.problem;
    std::uint32_t line = static_cast<std::uint32_t>(parser_.problem_mark.line + 1);
    if (parser_.error == YAML_READER_ERROR) {  // that has no mark, only an offset
      line = static_cast<std::uint32_t>(1 + std::ranges::count(bytes_.substr(0, parser_.problem_offset), '\n'));
    }
    return {line, text::cat("not YAML: ", problem)};
  }

  std::string_view bytes_;
  yaml_parser_t parser_{};
  TreeBuilder builder_;
  std::vector<Tree> trees_;
  std::map<std::string, const Node*, std::less<>> anchors_;  // of this document
  std::vector<std::string> open_anchors_;                    // of the lists and maps being read; empty: none
};

}  // namespace

std::expected<std::vector<Tree>, Mistake> parse_yaml(std::string_view bytes) {
  if (bytes.size() > max_file_bytes) return std::unexpected(Mistake{0, "larger than 16 MiB"});
  return YamlReader(bytes).read();
}

}  // namespace sallyport::kube
