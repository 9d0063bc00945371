// SPDX-License-Identifier: Apache-2.0
// Any file of objects becomes a model and statuses: no crash, a second time nothing changes, in another order and one
// by one they become the same model, it can be compiled, and without the objects nothing is left.

#include <cstddef>
#include <cstdint>
#include <ranges>
#include <string_view>

#include "control/engine.hpp"
#include "kube/reader.hpp"
#include "require.hpp"
#include "routing/compiler.hpp"

namespace {

// The same objects, the last one first and each on its own.
sallyport::control::Parts one_by_one(const sallyport::sources::Changes& all) {
  sallyport::control::Engine engine({});
  engine.apply({});  // the listeners are there without any object
  for (const auto& object : all.changed | std::views::reverse) {
    sallyport::sources::Changes one;
    one.changed.push_back(object);
    engine.apply(one);
  }
  return engine.parts();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using sallyport::fuzz::require;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  sallyport::sources::Changes all;
  all.changed = sallyport::kube::read_objects("input.yaml", text).objects;

  sallyport::control::Engine engine({});
  const auto first = engine.apply(all);
  require(first.changed.size() == all.changed.size());
  require(engine.apply(all).delta.empty());
  require(engine.parts() == one_by_one(all));
  sallyport::routing::Compiler compiler;
  require(compiler.apply(first.delta).snapshot != nullptr);

  sallyport::sources::Changes none;
  for (const auto& object : all.changed) none.removed.push_back(object->ref);
  const auto last = engine.apply(none);
  require(last.gone.size() == all.changed.size());
  require(compiler.apply(last.delta).snapshot != nullptr);
  require(engine.parts().rules.empty() && engine.parts().endpoint_sets.empty());
  return 0;
}
