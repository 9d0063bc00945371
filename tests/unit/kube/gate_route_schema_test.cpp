// SPDX-License-Identifier: Apache-2.0
// The schema that a cluster gets (deploy/crds) and the structs that are read here name the same fields.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "kube/gate_route.hpp"
#include "kube/kinds.hpp"
#include "kube/names.hpp"
#include "kube/yaml.hpp"

namespace sallyport::kube {
namespace {

namespace fs = std::filesystem;

std::string definition() {
  for (fs::path at = fs::current_path();; at = at.parent_path()) {
    std::ifstream file(at / "deploy/crds/gateroutes.sallyport.dev.yaml");
    std::ostringstream all;
    if (file && all << file.rdbuf()) return all.str();
    if (at == at.root_path()) return {};
  }
}

// A path of keys; "0" is the first element of a list. Null when there is no such node.
const Node* node_at(const Node* node, std::string_view path) {
  for (const std::string_view key : text::split(path, '.')) {
    const bool is_list = node->kind == Node::Kind::list;
    const Node::Entry* entry = is_list ? (node->entries.empty() ? nullptr : node->entries.data()) : node->find(key);
    if (entry == nullptr) return nullptr;
    node = entry->value;
  }
  return node;
}

std::vector<std::string> sorted(std::vector<std::string> all) {
  std::ranges::sort(all);
  return all;
}

template <class T>
std::vector<std::string> fields_of() {
  return sorted({field_names<T>().begin(), field_names<T>().end()});
}

template <class T>
std::vector<std::string> required_of() {
  std::vector<std::string> all;
  if constexpr (requires { T::required; }) all.assign(T::required.begin(), T::required.end());
  return sorted(all);
}

class GateRouteSchema : public testing::Test {
 protected:
  void SetUp() override {
    auto trees = parse_yaml(definition());
    ASSERT_TRUE(trees.has_value()) << (trees ? "" : trees.error().message);
    ASSERT_EQ(trees->size(), 1U);
    tree_ = std::move(trees->front());
    schema_ = node_at(tree_.root(), "spec.versions.0.schema.openAPIV3Schema");
    ASSERT_NE(schema_, nullptr);
  }

  template <class T>
  void expect_described(std::string_view path) {
    const Node* object = path.empty() ? schema_ : node_at(schema_, path);
    ASSERT_NE(object, nullptr) << path;
    std::vector<std::string> properties;
    for (const Node::Entry& entry : node_at(object, "properties")->entries) properties.push_back(entry.key);
    EXPECT_EQ(sorted(properties), fields_of<T>()) << path;
    std::vector<std::string> required;
    if (const Node* list = node_at(object, "required")) {
      for (const Node::Entry& entry : list->entries) required.emplace_back(*entry.value->string());
    }
    EXPECT_EQ(sorted(required), required_of<T>()) << path;
  }

  Tree tree_;
  const Node* schema_ = nullptr;
};

TEST_F(GateRouteSchema, NamesTheKindThatIsRead) {
  const Node* root = tree_.root();
  const auto group = *node_at(root, "spec.group")->string();
  const Kind* kind = find_kind(group, *node_at(root, "spec.names.kind")->string());
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(*node_at(root, "spec.versions.0.name")->string(), kind->version);
  EXPECT_EQ(*node_at(root, "spec.scope")->string(), kind->is_namespaced ? "Namespaced" : "Cluster");
  EXPECT_EQ(*node_at(root, "metadata.name")->string(),
            text::cat(*node_at(root, "spec.names.plural")->string(), ".", group));
}

TEST_F(GateRouteSchema, HasTheFieldsOfEveryStruct) {
  const std::string rule = "properties.spec.properties.rules.items";
  expect_described<GateRouteSpec>("properties.spec");
  expect_described<GateRule>(rule);
  expect_described<GatePath>(rule + ".properties.path");
  expect_described<GatePredicate>(rule + ".properties.when.items");
  expect_described<GateTextTest>(rule + ".properties.when.items.properties.header");
  expect_described<GateTextTest>(rule + ".properties.when.items.properties.query");
  expect_described<GateRewrite>(rule + ".properties.rewrite");
  expect_described<GatePathRewrite>(rule + ".properties.rewrite.properties.path");
  expect_described<GateHeaderChanges>(rule + ".properties.requestHeaders");
  expect_described<GateHeaderChanges>(rule + ".properties.responseHeaders");
  expect_described<GateHeader>(rule + ".properties.requestHeaders.properties.set.items");
  expect_described<GateHeader>(rule + ".properties.responseHeaders.properties.add.items");
  expect_described<GateBackend>(rule + ".properties.backends.items");
}

// What an API server prunes, nobody can be told of.
TEST_F(GateRouteSchema, KeepsMisspeltFieldsForTheGatewayToFind) {
  const std::string rule = "properties.spec.properties.rules.items";
  for (const std::string& place :
       {std::string("properties.spec"), rule, rule + ".properties.when.items", rule + ".properties.backends.items",
        rule + ".properties.rewrite", rule + ".properties.rewrite.properties.path"}) {
    const Node* keeps = node_at(schema_, place + ".x-kubernetes-preserve-unknown-fields");
    ASSERT_NE(keeps, nullptr) << place;
    EXPECT_EQ(keeps->boolean(), true) << place;
  }
}

TEST_F(GateRouteSchema, HasTheTypesOfPaths) {
  const Node* types = node_at(schema_, "properties.spec.properties.rules.items.properties.path.properties.type.enum");
  ASSERT_NE(types, nullptr);
  std::vector<std::string> names;
  for (const Node::Entry& entry : types->entries) names.emplace_back(*entry.value->string());
  EXPECT_TRUE(std::ranges::equal(names, value_names<GatePathType>()));
}

TEST_F(GateRouteSchema, HasTheTypesOfRewriting) {
  const Node* types = node_at(
      schema_, "properties.spec.properties.rules.items.properties.rewrite.properties.path.properties.type.enum");
  ASSERT_NE(types, nullptr);
  std::vector<std::string> names;
  for (const Node::Entry& entry : types->entries) names.emplace_back(*entry.value->string());
  EXPECT_TRUE(std::ranges::equal(names, value_names<GateRewriteType>()));
}

}  // namespace
}  // namespace sallyport::kube
