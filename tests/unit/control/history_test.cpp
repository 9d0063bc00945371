// SPDX-License-Identifier: Apache-2.0
// Nothing depends on history: after random edits, also to wrong versions, the engine has what a fresh one has that was
// only told the versions in force and the newest ones; and its deltas, added up, are its model (but for lines).

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "control/engine.hpp"
#include "unit/control/objects.hpp"

namespace sallyport::control {
namespace {

class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
  bool one_in(std::size_t many) { return below(many) == 0; }

  // Sometimes moved to other lines.
  std::string object() { return std::string(below(3), '\n') + any_object(); }

 private:
  std::string any_object() {
    switch (below(6)) {
      case 0:
        return one_in(4) ? broken_service() : service(pick({"web", "api"}));
      case 1:
        return slice(pick({"10.0.0.1", "10.0.0.2", "169.254.0.1", "nonsense"}), pick({"web", "api", "none"}));
      case 2:
        return ingress_class();
      default:
        return any_ingress();
    }
  }

  std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(from.size())); }

  std::string broken_service() {
    return "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {type: Magic}\n";
  }

  // Slices move from Service to Service.
  std::string any_slice() {
    return slice(pick({"10.0.0.1", "10.0.0.2", "169.254.0.1", "nonsense"}), pick({"web", "api", "none"}),
                 pick({"one", "two"}));
  }

  std::string ingress_class() {
    return text::cat(
        "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ", pick({"sallyport", "edge"}),
        "}\nspec: {controller: ", pick({"sallyport.dev/controller", "example.com/other", "[wrong]"}), "}\n");
  }

  std::string any_rule() {
    return rule(pick({"a.example.com", "*.example.com", "", "WRONG"}), pick({"/", "/shop", "/shop/", "wrong"}),
                pick({"Exact", "Prefix", "Prefix", "Regex"}), pick({"web", "api", "gone"}));
  }

  std::string any_ingress() {
    std::string spec = one_in(8) ? "rules: wrong" : rules({any_rule(), any_rule()});
    if (one_in(3)) spec += ", ingressClassName: " + pick({"sallyport", "edge", "nobody", "[wrong]"});
    if (one_in(4)) spec += ", defaultBackend: {service: {name: web, port: {number: 80}}}";
    std::string meta = ", generation: " + std::to_string(below(100));
    if (one_in(2)) meta += ", creationTimestamp: 2026-0" + std::to_string(1 + below(3)) + "-01T00:00:00Z";
    return ingress(pick({"a", "b", "c", "d"}), spec, meta);
  }

  std::mt19937 random_;
};

template <class Part>
void add(ById<Part>& to, const model::Changes<Part>& changes) {
  for (const model::Id& id : changes.removed) EXPECT_EQ(to.erase(id), 1U) << "removed twice: " << id;
  for (const Part& part : changes.changed) to.insert_or_assign(part.id, part);
}

void add(Parts& to, const model::Delta& delta) {
  add(to.listeners, delta.listeners);
  add(to.endpoint_sets, delta.endpoint_sets);
  add(to.backends, delta.backends);
  add(to.rules, delta.rules);
}

struct Versions {
  kube::ObjectPtr newest;
  kube::ObjectPtr good;
};

bool is_good(const dialects::Dialects& all, const kube::Object& object) {
  for (const auto& dialect : all) {
    for (const auto& root : dialect->roots()) {
      const bool translates = root.group == object.ref.group && root.kind == object.ref.kind;
      if (translates && !dialect->faults(object).empty()) return false;
    }
  }
  return true;
}

void expect_same_as_fresh(const Engine& engine, const std::map<ObjectRef, Versions>& versions) {
  sources::Changes good;
  sources::Changes newest;
  for (const auto& [ref, version] : versions) {
    if (version.good) good.changed.push_back(version.good);
    newest.changed.push_back(version.newest);
  }
  Engine fresh({});
  fresh.apply(good);
  fresh.apply(newest);
  ASSERT_EQ(engine.parts(), fresh.parts());
  ASSERT_EQ(engine.statuses(), fresh.statuses());
}

class History : public testing::TestWithParam<unsigned> {};

TEST_P(History, DoesNotMatter) {
  Writer writer(GetParam());
  const dialects::Dialects all = dialects::all({});
  Engine engine({});
  Parts added_up;
  std::map<ObjectRef, Versions> versions;
  for (int step = 0; step < 150; ++step) {
    sources::Changes changes;
    if (!versions.empty() && writer.one_in(4)) {
      const auto at = std::next(versions.begin(), static_cast<std::ptrdiff_t>(writer.below(versions.size())));
      changes.removed.push_back(at->first);
      versions.erase(at);
    } else {
      changes.changed = objects(writer.object());
      for (const kube::ObjectPtr& object : changes.changed) {
        Versions& version = versions[object->ref];
        version.newest = object;
        if (is_good(all, *object)) version.good = object;
      }
    }
    const std::uint64_t before = engine.version();
    const Outcome outcome = engine.apply(changes);
    ASSERT_EQ(outcome.delta.version, before + (outcome.delta.empty() ? 0 : 1));
    add(added_up, outcome.delta);
    ASSERT_TRUE(difference(added_up, engine.parts()).empty());
    expect_same_as_fresh(engine, versions);
    if (HasFatalFailure()) FAIL() << "seed " << GetParam() << ", step " << step;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, History, testing::Range(1U, 9U));

}  // namespace
}  // namespace sallyport::control
