// SPDX-License-Identifier: Apache-2.0
// Any bytes as what an API server sends: a watch, a list, discovery. The same texts however the bytes come, none longer
// than it may be; what is read of each is an object of the kind that was asked for, or says why not.
//
// The first byte chooses the size of the pieces and how long a text may be.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fuzz/require.hpp"
#include "sources/api_server/discovery.hpp"
#include "sources/api_server/objects.hpp"
#include "sources/api_server/splitters.hpp"

namespace {

using namespace sallyport::sources::api_server;
using sallyport::fuzz::require;
using sallyport::kube::Kind;

constexpr std::size_t head = 4096;  // of a text that is too long

struct Texts {
  std::vector<std::pair<std::string, bool>> all;  // and whether it is too long
  bool is_whole = true;
  std::string envelope;

  bool operator==(const Texts&) const = default;
};

template <class Splitter>
Texts cut(Splitter& splitter, std::string_view bytes, std::size_t piece, std::size_t most) {
  Texts texts;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const std::string held(bytes.substr(0, piece));
    splitter.take(held);
    while (const auto one = splitter.next()) {
      require(one->text.size() <= std::max(most, head));
      require(one->is_too_long || one->text.size() <= most);
      texts.all.emplace_back(one->text, one->is_too_long);
    }
  }
  return texts;
}

Texts lines_of(std::string_view bytes, std::size_t piece, std::size_t most) {
  LineSplitter splitter(most);
  return cut(splitter, bytes, piece, most);
}

Texts items_of(std::string_view bytes, std::size_t piece, std::size_t most) {
  ItemSplitter splitter(most);
  Texts texts = cut(splitter, bytes, piece, most);
  texts.is_whole = splitter.is_whole();
  texts.envelope = splitter.envelope().text;
  return texts;
}

void judge(const sallyport::ObjectRef& ref, const Kind& kind) {
  require(ref.group == kind.group && ref.kind == kind.name && !ref.name.empty());
  require(ref.namespace_.empty() != kind.is_namespaced);
}

void judge(const Item& item, const Resource& resource) {
  judge(item.ref, *resource.kind);
  require((item.object == nullptr) == resource.is_metadata_only);
  if (item.object) require(item.object->ref == item.ref && item.object->line == 0);
}

void judge(const Unreadable& unreadable, const Resource& resource) {
  if (unreadable.ref) judge(*unreadable.ref, *resource.kind);
  require(!unreadable.message.empty());
}

void judge_event(const Cut& line, const Resource& resource) {
  const Event event = read_event(line, resource);
  if (const auto* changed = std::get_if<Changed>(&event)) judge(changed->item, resource);
  if (const auto* removed = std::get_if<Removed>(&event)) judge(removed->ref, *resource.kind);
  if (const auto* unreadable = std::get_if<Unreadable>(&event)) judge(*unreadable, resource);
}

void judge_item(const Cut& text, const Resource& resource) {
  const auto item = read_item(text, resource);
  item ? judge(*item, resource) : judge(item.error(), resource);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 16 + 1;
  const std::size_t most = data[0] >= 128 ? 64 : most_object_bytes;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);

  const Texts lines = lines_of(bytes, piece, most);
  const Texts items = items_of(bytes, piece, most);
  require(lines == lines_of(bytes, bytes.size() + 1, most));
  require(items == items_of(bytes, bytes.size() + 1, most));

  static const std::vector<Resource> resources = [] {
    std::vector<Resource> made(3);
    made[0].kind = sallyport::kube::find_kind("", "Service");
    made[1].kind = sallyport::kube::find_kind("", "Secret");
    made[1].is_metadata_only = true;
    made[2].kind = sallyport::kube::find_kind("networking.k8s.io", "IngressClass");
    return made;
  }();
  for (const Resource& resource : resources) {
    for (const auto& [text, is_too_long] : lines.all) judge_event({text, is_too_long}, resource);
    for (const auto& [text, is_too_long] : items.all) judge_item({text, is_too_long}, resource);
  }
  if (const auto frame = read_frame({items.envelope, false})) require(!frame->version.empty());
  require(read_status(bytes, 503).code == 503);

  static const std::vector<const Kind*> kinds = {sallyport::kube::find_kind("", "Service"),
                                                 sallyport::kube::find_kind("networking.k8s.io", "Ingress")};
  if (const auto presences = read_aggregated(bytes, kinds)) require(presences->size() == kinds.size());
  (void)read_resources(bytes, *kinds[1]);
  return 0;
}
