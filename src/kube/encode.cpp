// SPDX-License-Identifier: Apache-2.0

#include "kube/encode.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "kube/base64.hpp"
#include "kube/decode.hpp"
#include "kube/kinds.hpp"
#include "kube/scalar.hpp"
#include "kube/timestamp.hpp"

namespace sallyport::kube {
namespace {

// A copy of the whole object that kubectl leaves there: nothing reads it.
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

template <class T>
bool is_required(std::string_view name) {
  if constexpr (requires { T::required; }) return std::ranges::find(T::required, name) != T::required.end();
  return false;
}

// Whether leaving the value out says the same as writing it.
class Blank {
 public:
  template <class T>
  static bool is(const T&) {
    return false;
  }
  static bool is(PortNumber port) { return port == 0; }
  static bool is(const std::string& text) { return text.empty(); }
  template <class T>
  static bool is(const std::optional<T>& value) {
    return !value.has_value();
  }
  template <class T>
  static bool is(const std::unique_ptr<T>& value) {
    return value == nullptr;
  }
  template <class T>
  static bool is(const std::vector<T>& list) {
    return list.empty();
  }
  template <class T>
  static bool is(const std::map<std::string, T, std::less<>>& map) {
    return map.empty();
  }
  template <DescribedStruct T>
  static bool is(const T& of) {
    bool all = true;
    std::size_t at = 0;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
      const std::string& name = field_names<T>()[at++];
      all = all && !is_required<T>(name) && is(of.*member.pointer);
    });
    return all;
  }
};

class Encoder {
 public:
  explicit Encoder(JsonWriter& json) : json_(json) {}

  template <DescribedStruct T>
  void members(const T& of) {
    std::size_t at = 0;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
      const std::string& name = field_names<T>()[at++];
      const auto& inner = of.*member.pointer;
      if (!is_required<T>(name) && Blank::is(inner)) return;
      json_.key(name);
      value(inner);
    });
  }

  template <DescribedStruct T>
  void value(const T& of) {
    json_.begin_object();
    members(of);
    json_.end_object();
  }
  template <DescribedEnum E>
  void value(E of) {
    std::size_t at = 0;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto enumerator) {
      const std::string& name = value_names<E>()[at++];
      if (enumerator.value == of) json_.value(name);
    });
  }
  template <std::integral Number>
  void value(Number number) {
    json_.value(number);
  }
  void value(const std::string& text) { json_.value(text); }
  void value(const IntOrString& either) {
    std::visit([this](const auto& one) { value(one); }, either);
  }
  void value(const Timestamp& time) { json_.value(format_timestamp(time)); }
  void value(const Bytes& bytes) { encoded(bytes.value); }
  void value(const SecretBytes& bytes) { encoded(bytes.reveal()); }
  void value(const SecretText& text) { json_.value(text.value.reveal()); }

  template <class T>
  void value(const std::optional<T>& of) {
    of ? value(*of) : void(json_.null());
  }
  template <class T>
  void value(const std::unique_ptr<T>& of) {
    of ? value(*of) : void(json_.null());
  }
  template <class T>
  void value(const std::vector<std::optional<T>>& list) {
    json_.begin_array();
    for (const auto& one : list) value(one);
    json_.end_array();
  }
  template <class T>
  void value(const std::map<std::string, T, std::less<>>& map) {
    json_.begin_object();
    for (const auto& [key, one] : map) {
      json_.key(key);
      value(one);
    }
    json_.end_object();
  }

 private:
  // Through a text of its own, which is zeroed: it may be a Secret's.
  void encoded(std::string_view bytes) {
    std::string text = encode_base64(bytes);
    json_.value(text);
    explicit_bzero(text.data(), text.size());
  }

  JsonWriter& json_;
};

void write_meta(Encoder& encoder, const Meta& meta) {
  if (!meta.annotations.contains(last_applied)) return encoder.value(meta);
  Meta copy = meta;
  copy.annotations.erase(std::string(last_applied));
  encoder.value(copy);
}

// A number that reads the same in JSON, of few digits.
std::optional<std::int64_t> plain_integer(std::string_view text) {
  constexpr std::size_t longest = 18;
  return text.size() <= longest && text != "-0" ? scalar::signed_number(text) : std::nullopt;
}

class DocumentWriter {
 public:
  DocumentWriter(std::string& out, std::size_t most) : out_(out), most_(most), json_(out) {}

  // False when it is too much.
  bool write_object(const Node& document, std::string_view api_version, std::string_view kind) {
    json_.begin_object();
    json_.member("apiVersion", api_version);
    json_.member("kind", kind);
    for (const Node::Entry& entry : document.entries) {
      if (entry.key == "apiVersion" || entry.key == "kind") continue;
      json_.key(entry.key);
      if (!write(*entry.value, entry.key == "metadata" ? Place::metadata : Place::elsewhere)) return false;
    }
    json_.end_object();
    return true;
  }

  bool write_value(const Node& value) { return write(value, Place::elsewhere); }

 private:
  enum class Place : std::uint8_t { metadata, elsewhere };

  bool write(const Node& node, Place place) {
    if (out_.size() > most_) return false;
    switch (node.kind) {
      case Node::Kind::list:
        json_.begin_array();
        for (const Node::Entry& entry : node.entries) {
          if (!write(*entry.value, Place::elsewhere)) return false;
        }
        json_.end_array();
        return true;
      case Node::Kind::map:
        json_.begin_object();
        for (const Node::Entry& entry : node.entries) {
          if (place == Place::metadata && entry.key == "managedFields") continue;
          json_.key(entry.key);
          if (!write(*entry.value, Place::elsewhere)) return false;
        }
        json_.end_object();
        return true;
      default:
        scalar(node);
        return true;
    }
  }

  // Nothing of it may be valid where it was not. What is a number but none that a field could want stays a number that
  // none could; yes and the like become texts, which no boolean takes.
  void scalar(const Node& node) {
    if (node.kind == Node::Kind::text) {
      json_.value(node.text);
    } else if (node.is_null()) {
      json_.null();
    } else if (scalar::is_core_boolean(node.text)) {
      json_.value(*node.boolean());
    } else if (const auto number = plain_integer(node.text)) {
      json_.value(*number);
    } else if (node.is_number()) {
      json_.written("0.5");
    } else {
      json_.value(node.text);
    }
  }

  std::string& out_;
  std::size_t most_;
  JsonWriter json_;
};

}  // namespace

bool append_object(const Object& object, std::string& out) {
  const bool is_secret = std::holds_alternative<Secret>(object.body);
  if (is_secret && object.invalid_within("") != nullptr) return false;
  if (!is_secret && !object.complaints.empty()) {
    out += object.document;
    return !object.document.empty();
  }
  const Kind* const kind = find_kind(object.ref.group, object.ref.kind);
  if (kind == nullptr) return false;
  JsonWriter json(out);
  Encoder encoder(json);
  json.begin_object();
  json.member("apiVersion", api_version(kind->group, kind->version));
  json.member("kind", kind->name);
  json.key("metadata");
  write_meta(encoder, object.meta);
  std::visit([&](const auto& body) { encoder.members(body); }, object.body);
  json.end_object();
  return true;
}

std::string document_text(const Node& document, std::string_view api_version, std::string_view kind, std::size_t most) {
  std::string text;
  if (!DocumentWriter(text, most).write_object(document, api_version, kind) || text.size() > most) return {};
  return text;
}

std::string value_text(const Node& value, std::size_t most) {
  std::string text;
  if (!DocumentWriter(text, most).write_value(value) || text.size() > most) return {};
  return text;
}

}  // namespace sallyport::kube
