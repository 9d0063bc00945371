// SPDX-License-Identifier: Apache-2.0

#include "kube/json.hpp"

// A result that is used without a look at its error does not compile then; else it would throw.
#define SIMDJSON_EXCEPTIONS 0
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/text.hpp"

namespace sallyport::kube {
namespace {

namespace ondemand = simdjson::ondemand;
using Step = TreeBuilder::Step;

constexpr std::string_view white_space = " \t\r\n";

// The text with the room behind it that simdjson wants; zeroed at the end, for it may hold a Secret.
class Padded {
 public:
  explicit Padded(std::string_view bytes) : size_(bytes.size()), text_(bytes.size() + simdjson::SIMDJSON_PADDING, ' ') {
    std::ranges::copy(bytes, text_.begin());
  }
  Padded(const Padded&) = delete;
  Padded& operator=(const Padded&) = delete;
  ~Padded() { explicit_bzero(text_.data(), text_.size()); }

  const char* begin() const { return text_.data(); }
  simdjson::padded_string_view view() const { return simdjson::padded_string_view(text_.data(), size_, text_.size()); }

 private:
  std::size_t size_;
  std::string text_;
};

// The line of places that come in the order of the text.
class LineCounter {
 public:
  explicit LineCounter(const char* begin) : at_(begin) {}

  std::uint32_t line_of(const char* place) {
    if (place > at_) {
      line_ += static_cast<std::uint32_t>(std::count(at_, place, '\n'));
      at_ = place;
    }
    return line_;
  }
  std::uint32_t line() const { return line_; }

 private:
  const char* at_;
  std::uint32_t line_ = 1;
};

// simdjson checks as it goes, so every value is visited to its end. Recursion ends with the builder's depth cap.
class JsonReader {
 public:
  JsonReader(const Padded& text, std::size_t first) : text_(text), lines_(text.begin()) {
    lines_.line_of(text.begin() + first);
  }

  std::expected<std::vector<Tree>, Mistake> read() {
    ondemand::document document;
    if (const auto error = parser_.iterate(text_.view()).get(document)) return std::unexpected(mistake(error));
    if (auto step = root(document); !step) return std::unexpected(std::move(step.error()));
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
      return std::unexpected(Mistake{lines_.line(), "not JSON: something follows the value"});
    }
    std::vector<Tree> trees;
    trees.push_back(builder_.take());
    return trees;
  }

 private:
  // The document itself: only an object or a list can hold anything that we read.
  Step root(ondemand::document& document) {
    ondemand::json_type type{};
    if (const auto error = document.type().get(type)) return std::unexpected(mistake(error));
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      if (const auto error = document.get_object().get(object)) return std::unexpected(mistake(error));
      return map(object, lines_.line());
    }
    if (type == ondemand::json_type::array) {
      ondemand::array array;
      if (const auto error = document.get_array().get(array)) return std::unexpected(mistake(error));
      return list(array, lines_.line());
    }
    return std::unexpected(Mistake{lines_.line(), "is not a Kubernetes object: it is no JSON object"});
  }

  Step value(ondemand::value& value, std::uint32_t line) {
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return std::unexpected(mistake(error));
    switch (type) {
      case ondemand::json_type::object: {
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return std::unexpected(mistake(error));
        return map(object, line);
      }
      case ondemand::json_type::array: {
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return std::unexpected(mistake(error));
        return list(array, line);
      }
      case ondemand::json_type::string: {
        std::string_view text;
        if (const auto error = value.get_string().get(text)) return std::unexpected(mistake(error));
        return builder_.scalar(Node::Kind::text, text, line);
      }
      default:
        return plain(value, line);
    }
  }

  // A number, true, false or null: its spelling is checked, then kept.
  Step plain(ondemand::value& value, std::uint32_t line) {
    std::string_view token = value.raw_json_token();
    token = token.substr(0, token.find_last_not_of(white_space) + 1);
    if (token == "true" || token == "false") {
      bool ignored = false;
      if (const auto error = value.get_bool().get(ignored)) return std::unexpected(mistake(error));
    } else if (token == "null") {
      bool is_null = false;
      if (const auto error = value.is_null().get(is_null)) return std::unexpected(mistake(error));
      if (!is_null) return std::unexpected(Mistake{line, "not JSON"});
    } else {
      ondemand::number ignored;
      if (const auto error = value.get_number().get(ignored)) return std::unexpected(mistake(error));
    }
    return builder_.scalar(Node::Kind::plain, token, line);
  }

  Step map(ondemand::object& object, std::uint32_t line) {
    if (auto step = builder_.begin(Node::Kind::map, line); !step) return step;
    for (auto item : object) {
      ondemand::field field;
      if (const auto error = std::move(item).get(field)) return std::unexpected(mistake(error));
      const std::uint32_t key_line = lines_.line_of(field.key().raw());
      std::string_view key;
      if (const auto error = field.unescaped_key().get(key)) return std::unexpected(mistake(error));
      if (auto step = builder_.key(std::string(key), key_line); !step) return step;
      if (auto step = value(field.value(), key_line); !step) return step;
    }
    return builder_.end();
  }

  Step list(ondemand::array& array, std::uint32_t line) {
    if (auto step = builder_.begin(Node::Kind::list, line); !step) return step;
    for (auto item : array) {
      ondemand::value element;
      if (const auto error = std::move(item).get(element)) return std::unexpected(mistake(error));
      if (auto step = value(element, lines_.line_of(element.raw_json_token().data())); !step) return step;
    }
    return builder_.end();
  }

  Mistake mistake(simdjson::error_code error) const {
    return {lines_.line(), text::cat("not JSON: ", simdjson::error_message(error))};
  }

  const Padded& text_;
  LineCounter lines_;
  ondemand::parser parser_;
  TreeBuilder builder_;
};

}  // namespace

std::expected<std::vector<Tree>, Mistake> parse_json(std::string_view bytes) {
  if (bytes.size() > max_file_bytes) return std::unexpected(Mistake{0, "larger than 16 MiB"});
  const auto first = bytes.find_first_not_of(white_space);
  if (first == bytes.npos) return std::vector<Tree>();
  const Padded text(bytes);
  return JsonReader(text, first).read();
}

}  // namespace sallyport::kube
