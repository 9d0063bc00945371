// SPDX-License-Identifier: Apache-2.0
// A parsed document, the same for YAML and JSON: scalars, lists and maps with their lines, no types yet.
//
// A plain scalar (written without quotes) gets its type from the struct that it is decoded into: 80 is a number for a
// port and a mistake for a name; yes is true for a bool and "yes" for a text. Aliases share nodes; sizes and heights
// count the expanded form, so that the caps below hold for whoever walks the tree.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kube/digest.hpp"

namespace sallyport::kube {

inline constexpr std::size_t max_file_bytes = 16 * 1024 * 1024;
inline constexpr std::size_t max_nodes = 1'000'000;  // of a file, aliases expanded
inline constexpr std::size_t max_depth = 64;
inline constexpr std::size_t max_key_bytes = 1024;

// Why a text is no tree. The message has no value of the text in it, at most a key.
struct Mistake {
  std::uint32_t line = 0;
  std::string message;
};

struct Node {
  enum class Kind : std::uint8_t { plain, text, list, map };

  struct Entry {
    std::string key;  // empty in a list
    std::uint32_t line = 0;
    const Node* value = nullptr;
  };

  Kind kind = Kind::plain;
  std::uint8_t height = 1;  // 1: no children
  std::uint32_t line = 0;
  std::uint32_t size = 1;  // nodes in it and itself, and one for each 64 bytes of a text
  std::string text;
  std::vector<Entry> entries;

  bool is_null() const;
  // What it is, for people: "a number".
  std::string_view type_name() const;
  // Null if there is none, or it is not a map. An entry whose value is null counts as absent.
  const Entry* find(std::string_view key) const;

  // Types of scalars. Nothing if it is not one.
  std::optional<bool> boolean() const;
  std::optional<std::string_view> string() const;
  bool is_number() const;
};

// Zeroes its scalars when it goes: they may have been a Secret's.
class Tree {
 public:
  Tree() = default;
  Tree(Tree&&) = default;
  Tree& operator=(Tree&&) = default;
  ~Tree();

  const Node* root() const { return root_; }

 private:
  friend class TreeBuilder;

  Node& add();

  std::vector<std::vector<Node>> blocks_;  // each is never larger than it was reserved: nodes stay where they are
  const Node* root_ = nullptr;
};

// Builds trees from a parser's events and keeps the caps; one builder serves all documents of one file.
class TreeBuilder {
 public:
  using Step = std::expected<void, Mistake>;

  Step begin(Node::Kind list_or_map, std::uint32_t line);
  Step end();
  // Before each value of a map. `merge`: the value's entries are taken over unless the map has them ("<<" of YAML).
  Step key(std::string name, std::uint32_t line, bool merge = false);
  Step scalar(Node::Kind plain_or_text, std::string_view text, std::uint32_t line);
  Step alias(const Node* node, std::uint32_t line);

  bool wants_key() const;
  // The one that the last step finished.
  const Node* last() const { return last_; }
  // The finished document; the next one may begin.
  Tree take();

 private:
  struct Open {
    Node* node;
    Node::Entry next;  // of a map: the key that waits for its value
    bool has_key = false;
    bool merge = false;
    std::vector<Node::Entry> merged;
  };

  Step count(std::size_t nodes, std::uint32_t line);
  Step attach(const Node* node, std::uint32_t line);
  static Step merge_into(Open& map);
  static Step find_duplicate(const Node& map);

  Tree tree_;
  std::vector<Open> open_;
  const Node* last_ = nullptr;
  std::size_t nodes_ = 0;
};

// The same for two texts that differ only in layout, comments, order of keys and kind of quotes.
void add_content(const Node& node, Digest& digest);
// Of a map, without these entries of it.
void add_content_without(const Node& map, std::span<const std::string_view> keys, Digest& digest);

}  // namespace sallyport::kube
