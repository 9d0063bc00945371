// SPDX-License-Identifier: Apache-2.0
// Any file of objects becomes a model and statuses: no crash, a second time nothing changes, and without the objects
// nothing is left.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "control/engine.hpp"
#include "kube/reader.hpp"
#include "require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using sallyport::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  sallyport::sources::Changes all;
  all.changed = sallyport::kube::read_objects("input.yaml", text).objects;

  sallyport::control::Engine engine({});
  const auto first = engine.apply(all);
  require(first.changed.size() == all.changed.size());
  require(engine.apply(all).delta.empty());

  sallyport::sources::Changes none;
  for (const auto& object : all.changed) none.removed.push_back(object->ref);
  require(engine.apply(none).gone.size() == all.changed.size());
  require(engine.parts().rules.empty() && engine.parts().endpoint_sets.empty());
  return 0;
}
