// SPDX-License-Identifier: Apache-2.0
// Any bytes as a last good configuration, with the checksum that they have and with the right one, and as the lines of
// one: no crash, and each object that was read is written on one line that says the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/text.hpp"
#include "fuzz/require.hpp"
#include "kube/encode.hpp"
#include "kube/reader.hpp"
#include "sources/last_good/file.hpp"

namespace {

using sallyport::fuzz::require;
namespace last_good = sallyport::sources::last_good;
namespace kube = sallyport::kube;

constexpr const char* name = "last-good.json";

const last_good::Key& key() {
  static const auto made = last_good::Key::made_of("0123456789abcdef0123456789abcdef");
  return *made;
}

std::string with_checksum(std::string_view body) {
  return sallyport::text::cat(body, ",\"sha256\":\"", last_good::hex(last_good::sha256(body)), "\"}\n");
}

void check(const kube::ObjectPtr& object) {
  std::string line;
  if (!kube::append_object(*object, line)) return;
  require(line.find('\n') == line.npos);
  const kube::FileContents again = kube::read_objects(name, line);
  require(again.problems.empty() && again.objects.size() == 1);
  const kube::Object& second = *again.objects[0];
  require(second.ref == object->ref && second.meta.generation == object->meta.generation);
  for (const kube::Complaint& complaint : object->complaints) {
    if (complaint.kind == kube::Complaint::Kind::invalid) require(second.invalid_within(complaint.field) != nullptr);
  }
  std::string same;
  require(kube::append_object(second, same) && same == line);
}

void check(std::string_view bytes) {
  const auto contents = last_good::read_text(bytes, &key(), name);
  if (!contents) return require(!contents.error().detail.empty());
  for (const kube::ObjectPtr& object : contents->objects) check(object);
  const auto text = last_good::make_text(contents->objects, &key(), {});
  require(text.has_value() && text->objects + text->left_out == contents->objects.size());
  const auto again = last_good::read_text(text->bytes, &key(), name);
  require(again.has_value() && again->unreadable == 0 && again->objects.size() == text->objects);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check(with_checksum(bytes));
  const std::string first =
      R"({"apiVersion":"v1","kind":"List","metadata":{"lastGood":1,"written":"","by":"","objects":0},"items":[)";
  check(with_checksum(sallyport::text::cat(first, "\n", bytes, "\n],\"secrets\":null")));
  return 0;
}
