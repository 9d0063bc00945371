// SPDX-License-Identifier: Apache-2.0
// The body of an object of each kind, in YAML: the same object is read from the same tree written as JSON, with the
// same complaints. The first byte chooses the kind.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "kube/decode.hpp"
#include "kube/reader.hpp"
#include "kube/yaml.hpp"
#include "require.hpp"
#include "text_parts.hpp"
#include "tree_json.hpp"

namespace {

using namespace sallyport;
using fuzz::require;

struct Head {
  std::string_view version;
  std::string_view kind;
};

constexpr std::array<Head, 9> heads = {{{"v1", "Service"},
                                        {"discovery.k8s.io/v1", "EndpointSlice"},
                                        {"v1", "Endpoints"},
                                        {"networking.k8s.io/v1", "Ingress"},
                                        {"networking.k8s.io/v1", "IngressClass"},
                                        {"v1", "Secret"},
                                        {"v1", "ConfigMap"},
                                        {"v1", "Namespace"},
                                        {"sallyport.dev/v1alpha1", "GateRoute"}}};

void check_object(const kube::Object& object) {
  require(object.complaints.size() <= kube::max_complaints);
  for (const kube::Complaint& complaint : object.complaints) {
    require(!complaint.field.empty() && !complaint.message.empty() && complaint.line != 0);
    if (complaint.kind == kube::Complaint::Kind::invalid) require(object.invalid_within(complaint.field) != nullptr);
  }
}

void check_alike(const kube::Object& one, const kube::Object& other) {
  require(one.ref == other.ref && one.content == other.content);
  require(one.complaints.size() == other.complaints.size());
  for (std::size_t at = 0; at < one.complaints.size(); ++at) {
    require(one.complaints[at].field == other.complaints[at].field);
    require(one.complaints[at].message == other.complaints[at].message);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Head& head = heads[data[0] % heads.size()];
  std::string text = "apiVersion: " + std::string(head.version) + "\nkind: " + std::string(head.kind) + "\n";
  text += "metadata: {name: one, namespace: shop}\n";
  text += fuzz::whole_text(data + 1, size - 1);
  const kube::FileContents contents = kube::read_objects("x.yaml", text);
  for (const auto& object : contents.objects) check_object(*object);
  if (contents.objects.size() != 1 || contents.objects[0]->ref.kind != head.kind) return 0;

  const auto trees = kube::parse_yaml(text);
  require(trees.has_value());
  if (trees->size() != 1 || trees->front().root()->size > 10'000) return 0;
  bool alike = true;
  std::string json;
  fuzz::append_json(json, *trees->front().root(), alike);
  if (!alike) return 0;
  const kube::FileContents again = kube::read_objects("x.json", json);
  require(again.objects.size() == 1);
  check_alike(*contents.objects[0], *again.objects[0]);
  return 0;
}
