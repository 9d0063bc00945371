// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/file.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "kube/base64.hpp"
#include "kube/encode.hpp"
#include "kube/reader.hpp"

namespace sallyport::sources::last_good {
namespace {

constexpr std::string_view head = R"({"apiVersion":"v1","kind":"List","metadata":{"lastGood":)";
constexpr std::string_view no_secrets = R"(],"secrets":null)";
constexpr std::string_view cipher = R"(],"secrets":{"cipher":"AES-256-GCM","key":")";
constexpr std::string_view checksum = R"(,"sha256":")";
constexpr std::string_view end = "\"}\n";
constexpr std::size_t checksum_digits = 64;
constexpr std::string_view list = R"({"apiVersion":"v1","kind":"List","items":[)";
constexpr std::string_view between = ",\n";

void zero(std::string& text) { ::explicit_bzero(text.data(), text.size()); }

std::size_t text_room(const kube::Texts& texts) {
  std::size_t room = 0;
  for (const auto& [key, value] : texts) room += key.size() + value.size() + 8;
  return room;
}

// At least what it takes, mostly: a text that grows leaves copies behind.
std::size_t room_for(const kube::Object& object, const kube::Secret& secret) {
  constexpr std::size_t most_of_an_escape = 6;
  std::size_t room = 4096 + most_of_an_escape * (text_room(object.meta.labels) + text_room(object.meta.annotations));
  for (const auto& [key, value] : secret.data) room += most_of_an_escape * key.size() + value.size() / 3 * 4 + 16;
  return room;
}

// Lines of the objects, and of the Secrets what is to be sealed.
class Lines {
 public:
  void add(const kube::Object& object, const Key* key) {
    const auto* const secret = kube::as<kube::Secret>(object);
    const bool written = secret == nullptr ? add_open(object) : key != nullptr && add_secret(object, *secret);
    ++(written ? objects_ : left_out_);
  }

  std::string_view open() { return open_; }
  const std::vector<SecretBytes>& secrets() const { return secrets_; }
  std::size_t objects() const { return objects_; }
  std::size_t left_out() const { return left_out_; }

  void finish() {
    if (!open_.empty()) open_ += '\n';
    if (!secrets_.empty()) secrets_.emplace_back(std::string_view("\n"));
  }

  std::string content() const {
    std::string digests = sha256(open_);
    for (const SecretBytes& piece : secrets_) digests += sha256(piece.reveal());
    return sha256(digests);
  }

 private:
  bool add_open(const kube::Object& object) {
    const std::size_t before = open_.size();
    if (before != 0) open_ += between;
    if (kube::append_object(object, open_)) return true;
    open_.resize(before);
    return false;
  }

  bool add_secret(const kube::Object& object, const kube::Secret& secret) {
    std::string line;
    line.reserve(room_for(object, secret));
    if (!secrets_.empty()) line += between;
    const bool written = kube::append_object(object, line);
    if (written) secrets_.emplace_back(std::string_view(line));
    zero(line);
    return written;
  }

  std::string open_;
  std::vector<SecretBytes> secrets_;
  std::size_t objects_ = 0;
  std::size_t left_out_ = 0;
};

// Takes literals and values off the front of a text; not good() any more from the first that is not there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool take(std::string_view literal) {
    const bool found = text_.starts_with(literal);
    if (found) text_.remove_prefix(literal.size());
    return found;
  }
  void need(std::string_view literal) { good_ = take(literal) && good_; }
  std::string_view until(std::string_view mark) {
    const std::size_t at = text_.find(mark);
    good_ = good_ && at != text_.npos;
    if (!good_) return {};
    const std::string_view value = text_.substr(0, at);
    text_.remove_prefix(at + mark.size());
    return value;
  }
  bool good() const { return good_; }
  bool good_to_the_end() const { return good_ && text_.empty(); }

 private:
  std::string_view text_;
  bool good_ = true;
};

// As many whole lines as there are in a piece of this size; at least one.
std::string_view first_lines(std::string_view lines, std::size_t size) {
  if (lines.size() <= size) return lines;
  std::size_t at = lines.rfind('\n', size);
  if (at == lines.npos) at = lines.find('\n', size);
  return lines.substr(0, at == lines.npos ? lines.npos : at + 1);
}

class ObjectLines {
 public:
  ObjectLines(const std::string& name, Contents& into) : name_(name), into_(into) {}

  // `number`: of the first of these lines.
  void read(std::string_view lines, std::size_t number) {
    constexpr std::size_t together = 1024 * 1024;
    while (!lines.empty()) {
      const std::string_view some = first_lines(lines, together);
      if (!read_together(some, number)) read_each(some, number);
      number += static_cast<std::size_t>(std::ranges::count(some, '\n'));
      lines.remove_prefix(some.size());
    }
  }

 private:
  // As one list, which begins so many lines down that each object says where it stands. False if one of them is no
  // object.
  bool read_together(std::string_view lines, std::size_t number) {
    const std::size_t last = lines.find_last_not_of(between);
    if (last == lines.npos) return true;
    std::string text;
    text.reserve(list.size() + number + lines.size() + 2);
    text += list;
    text.append(number - 1, '\n');
    text += lines.substr(0, last + 1);
    text += "]}";
    kube::FileContents read = kube::read_objects(name_, text);
    zero(text);
    if (!read.problems.empty()) return false;
    into_.unreadable += read.ignored.size();
    into_.objects.insert(into_.objects.end(), read.objects.begin(), read.objects.end());
    return true;
  }

  // One that is no object harms itself only.
  void read_each(std::string_view lines, std::size_t number) {
    for (; !lines.empty(); ++number) {
      const std::string_view one = first_lines(lines, 0);
      if (!read_together(one, number)) ++into_.unreadable;
      lines.remove_prefix(one.size());
    }
  }

  const std::string& name_;
  Contents& into_;
};

struct Parts {
  Scanner header;
  std::string_view open;     // lines of objects
  std::string_view closing;  // what stands behind them, up to the checksum
  std::string_view beside;   // all before the closing
};

Result<Parts> take_apart(std::string_view bytes) {
  if (!bytes.starts_with(head)) return fail(invalid("is no last good configuration"));
  Scanner header(bytes.substr(head.size()));
  const auto written_as = parse_decimal<std::uint64_t>(header.until(","));
  if (!header.good() || !written_as || *written_as == 0) return fail(invalid("is no last good configuration"));
  if (*written_as > form) {
    return fail(
        invalid(text::cat("was written by a newer version, in form ", *written_as, "; this one reads form ", form)));
  }
  const std::size_t tail = checksum.size() + checksum_digits + end.size();
  const bool has_tail =
      bytes.size() >= tail && bytes.ends_with(end) && bytes.substr(bytes.size() - tail).starts_with(checksum);
  if (!has_tail) return fail(invalid("is torn: its end is missing"));
  const std::string_view told = bytes.substr(bytes.size() - tail + checksum.size(), checksum_digits);
  const std::string_view body = bytes.substr(0, bytes.size() - tail);
  if (hex(sha256(body)) != told) return fail(invalid("is damaged: its checksum is another"));
  const std::size_t items = body.find('\n');
  const std::size_t closing = body.rfind('\n');
  if (items == body.npos) return fail(invalid("is damaged: it has no lines"));
  return Parts{.header = header,
               .open = body.substr(items + 1, closing - items),
               .closing = body.substr(closing + 1),
               .beside = body.substr(0, closing + 1)};
}

Result<SecretBytes> open_secrets(std::string_view closing, const Key& key, std::string_view beside) {
  Scanner scan(closing);
  scan.need(cipher);
  const std::string_view id = scan.until("\",\"nonce\":\"");
  const std::string_view nonce = scan.until("\",\"sealed\":\"");
  const std::string_view text = scan.until("\"}");
  if (!scan.good_to_the_end()) return fail(invalid("is damaged: what is sealed in it is not as it should be"));
  if (id != key.id()) {
    return fail(invalid(text::cat("is sealed with another key (", id.substr(0, 16), "; this one is ", key.id(), ")")));
  }
  const auto decoded = [](std::string_view base64) -> std::optional<std::string> {
    std::string bytes(kube::base64_room(base64), '\0');
    const auto size = kube::decode_base64(base64, bytes.data());
    if (!size) return std::nullopt;
    bytes.resize(*size);
    return bytes;
  };
  auto nonce_bytes = decoded(nonce);
  auto sealed = decoded(text);
  if (!nonce_bytes || !sealed) return fail(invalid("is damaged: what is sealed in it is not base64"));
  return key.open({.nonce = *std::move(nonce_bytes), .text = *std::move(sealed)}, sha256(beside));
}

}  // namespace

Result<Text> make_text(std::vector<kube::ObjectPtr> objects, const Key* key, const Stamp& stamp) {
  std::ranges::sort(objects, {}, [](const kube::ObjectPtr& one) -> const ObjectRef& { return one->ref; });
  Lines lines;
  for (const kube::ObjectPtr& object : objects) lines.add(*object, key);
  lines.finish();
  Text text{.objects = lines.objects(), .left_out = lines.left_out(), .content = lines.content()};
  text.bytes = text::cat(head, form, ",\"written\":\"", stamp.written, "\",\"by\":\"", stamp.by,
                         "\",\"objects\":", lines.objects(), "},\"items\":[\n", lines.open());
  if (key == nullptr) {
    text.bytes += no_secrets;
  } else {
    const Sealed sealed = key->seal(lines.secrets(), sha256(text.bytes));
    if (sealed.text.empty()) return fail(invalid("the Secrets could not be sealed"));
    text.bytes += text::cat(cipher, key->id(), "\",\"nonce\":\"", kube::encode_base64(sealed.nonce), "\",\"sealed\":\"",
                            kube::encode_base64(sealed.text), "\"}");
  }
  text.bytes += text::cat(checksum, hex(sha256(text.bytes)), end);
  return text;
}

Result<Contents> read_text(std::string_view bytes, const Key* key, const std::string& name) {
  Result<Parts> parts = take_apart(bytes);
  if (!parts) return Failure(parts.error());
  Contents contents;
  Scanner& header = parts->header;
  header.need("\"written\":\"");
  contents.written = header.until("\",\"by\":\"");
  contents.by = header.until("\",\"objects\":");
  header.until("},\"items\":[\n");
  if (!header.good()) return fail(invalid("is damaged: its first line is not as it should be"));
  ObjectLines lines(name, contents);
  lines.read(parts->open, 2);
  if (key == nullptr || parts->closing == no_secrets) return contents;
  const Result<SecretBytes> secrets = open_secrets(parts->closing, *key, parts->beside);
  if (!secrets) return Failure(secrets.error());
  contents.has_secrets = true;
  lines.read(secrets->reveal(), 2 + static_cast<std::size_t>(std::ranges::count(parts->open, '\n')));
  return contents;
}

}  // namespace sallyport::sources::last_good
