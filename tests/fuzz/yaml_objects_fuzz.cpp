// SPDX-License-Identifier: Apache-2.0
// Any bytes as a YAML file of objects: no crash, and what comes out keeps its promises.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/require.hpp"
#include "kube/decode.hpp"
#include "kube/reader.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using sallyport::fuzz::require;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto contents = sallyport::kube::read_objects("x.yaml", bytes);
  require(contents.is_whole || !contents.problems.empty());
  for (const auto& object : contents.objects) {
    require(!object->ref.name.empty() && !object->ref.kind.empty());
    require(object->line != 0 && object->lines.at("metadata.name") != 0);
    require(object->complaints.size() <= sallyport::kube::max_complaints);
    for (const auto& complaint : object->complaints) require(complaint.line != 0 && !complaint.message.empty());
  }
  return 0;
}
