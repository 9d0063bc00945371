// SPDX-License-Identifier: Apache-2.0

#include "kube/decode.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "kube/reader.hpp"

namespace sallyport::kube {
namespace {

struct Bad {
  const char* type;
  const char* body;
  const char* field;
  std::uint32_t line;
  const char* message;
};

static_assert(!std::is_copy_constructible_v<Object>, "an object may be a Secret");

constexpr const char* a_service = "v1\nkind: Service";
constexpr const char* a_slice = "discovery.k8s.io/v1\nkind: EndpointSlice";
constexpr const char* an_endpoints = "v1\nkind: Endpoints";
constexpr const char* an_ingress = "networking.k8s.io/v1\nkind: Ingress";
constexpr const char* a_class = "networking.k8s.io/v1\nkind: IngressClass";
constexpr const char* a_secret = "v1\nkind: Secret";
constexpr const char* a_config_map = "v1\nkind: ConfigMap";
constexpr const char* a_namespace = "v1\nkind: Namespace";
constexpr const char* a_gate_route = "sallyport.dev/v1alpha1\nkind: GateRoute";

// Two lines of type, metadata and the comment: the body begins in line 5.
const Bad bads[] = {
    {a_service, "spec: 5\n", "spec", 5, "must be a map, not a number"},
    {a_service, "spec: []\n", "spec", 5, "must be a map, not a list"},
    {a_service, "spec:\n  type: Cluster\n", "spec.type", 6,
     "must be one of ClusterIP, NodePort, LoadBalancer, ExternalName"},
    {a_service, "spec:\n  type: 5\n", "spec.type", 6, "must be a text, not a number (put it in quotes)"},
    {a_service, "spec:\n  clusterIP: 10\n", "spec.clusterIP", 6, "must be a text, not a number (put it in quotes)"},
    {a_service, "spec:\n  externalName: true\n", "spec.externalName", 6,
     "must be a text, not a boolean (put it in quotes)"},
    {a_service, "spec:\n  selector: web\n", "spec.selector", 6, "must be a map, not a text"},
    {a_service, "spec:\n  selector:\n    app: 1.5\n", "spec.selector.app", 7,
     "must be a text, not a number (put it in quotes)"},
    {a_service, "spec:\n  ports: {port: 80}\n", "spec.ports", 6, "must be a list, not a map"},
    {a_service, "spec:\n  ports: [80]\n", "spec.ports[0]", 6, "must be a map, not a number"},
    {a_service, "spec:\n  ports:\n  - name: http\n", "spec.ports[0].port", 7, "is required"},
    {a_service, "spec:\n  ports:\n  - port: 0\n", "spec.ports[0].port", 7, "must be a decimal number from 1 to 65535"},
    {a_service, "spec:\n  ports:\n  - port: 65536\n", "spec.ports[0].port", 7,
     "must be a decimal number from 1 to 65535"},
    {a_service, "spec:\n  ports:\n  - port: -1\n", "spec.ports[0].port", 7, "must be a decimal number from 1 to 65535"},
    {a_service, "spec:\n  ports:\n  - port: 080\n", "spec.ports[0].port", 7,
     "must be a decimal number from 1 to 65535"},
    {a_service, "spec:\n  ports:\n  - port: 80.5\n", "spec.ports[0].port", 7,
     "must be a decimal number from 1 to 65535"},
    {a_service, "spec:\n  ports:\n  - port: \"80\"\n", "spec.ports[0].port", 7, "must be a number, not a text"},
    {a_service, "spec:\n  ports:\n  - port: http\n", "spec.ports[0].port", 7, "must be a number, not a text"},
    {a_service, "spec:\n  ports:\n  - {port: 80}\n  - port: 80\n    targetPort: [80]\n", "spec.ports[1].targetPort", 9,
     "must be a number or a text, not a list"},
    {a_service, "spec:\n  ports:\n  - port: 80\n    targetPort: 70000\n", "spec.ports[0].targetPort", 8,
     "must be a decimal number from 1 to 65535"},
    {a_service, "spec:\n  ports:\n  - port: 80\n    protocol: tcp\n", "spec.ports[0].protocol", 8,
     "must be one of TCP, UDP, SCTP"},
    {a_service, "spec:\n  publishNotReadyAddresses: 1\n", "spec.publishNotReadyAddresses", 6,
     "must be true or false, not a number"},
    {a_service, "spec:\n  publishNotReadyAddresses: \"true\"\n", "spec.publishNotReadyAddresses", 6,
     "must be true or false, not a text"},
    {a_service, "spec:\n  sessionAffinityConfig:\n    clientIP:\n      timeoutSeconds: 3000000000\n",
     "spec.sessionAffinityConfig.clientIP.timeoutSeconds", 8, "must be a decimal number from 0 to 2147483647"},
    {a_service, "status:\n  loadBalancer:\n    ingress: x\n", "status.loadBalancer.ingress", 7,
     "must be a list, not a text"},
    {a_slice, "endpoints: []\n", "addressType", 1, "is required"},
    {a_slice, "addressType: ipv4\n", "addressType", 5, "must be one of IPv4, IPv6, FQDN"},
    {a_slice, "addressType: IPv4\nendpoints:\n- zone: a\n", "endpoints[0].addresses", 7, "is required"},
    {a_slice, "addressType: IPv4\nendpoints:\n- addresses: 10.0.0.1\n", "endpoints[0].addresses", 7,
     "must be a list, not a text"},
    {a_slice, "addressType: IPv4\nendpoints:\n- addresses: [10.0.0.1, 10]\n", "endpoints[0].addresses[1]", 7,
     "must be a text, not a number (put it in quotes)"},
    {a_slice, "addressType: IPv4\nendpoints:\n- addresses: [a]\n  conditions:\n    ready: maybe\n",
     "endpoints[0].conditions.ready", 9, "must be true or false, not a text"},
    {a_slice, "addressType: IPv4\nports:\n- port: x\n", "ports[0].port", 7, "must be a number, not a text"},
    {an_endpoints, "subsets:\n- addresses:\n  - hostname: a\n", "subsets[0].addresses[0].ip", 7, "is required"},
    {an_endpoints, "subsets:\n- addresses: [{ip: 10.0.0.1}]\n  ports:\n  - name: x\n", "subsets[0].ports[0].port", 8,
     "is required"},
    {an_endpoints, "subsets: {}\n", "subsets", 5, "must be a list, not a map"},
    {an_ingress, "spec:\n  ingressClassName: 5\n", "spec.ingressClassName", 6,
     "must be a text, not a number (put it in quotes)"},
    {an_ingress, "spec:\n  defaultBackend:\n    service:\n      port: {number: 80}\n",
     "spec.defaultBackend.service.name", 7, "is required"},
    {an_ingress, "spec:\n  rules:\n  - host: [a]\n", "spec.rules[0].host", 7, "must be a text, not a list"},
    {an_ingress, "spec:\n  rules:\n  - http: {}\n", "spec.rules[0].http.paths", 7, "is required"},
    {an_ingress, "spec:\n  rules:\n  - http:\n      paths:\n      - backend: {}\n",
     "spec.rules[0].http.paths[0].pathType", 9, "is required"},
    {an_ingress, "spec:\n  rules:\n  - http:\n      paths:\n      - pathType: Exact\n",
     "spec.rules[0].http.paths[0].backend", 9, "is required"},
    {an_ingress, "spec:\n  rules:\n  - http:\n      paths:\n      - backend: {}\n        pathType: prefix\n",
     "spec.rules[0].http.paths[0].pathType", 10, "must be one of Exact, Prefix, ImplementationSpecific"},
    {an_ingress, "spec:\n  rules:\n  - http:\n      paths:\n      - null\n", "spec.rules[0].http.paths[0]", 9,
     "must be a map, not null"},
    {an_ingress, "spec:\n  tls:\n  - hosts: a\n", "spec.tls[0].hosts", 7, "must be a list, not a text"},
    {a_class, "spec:\n  controller: [x]\n", "spec.controller", 6, "must be a text, not a list"},
    {a_class, "spec:\n  parameters: {name: x}\n", "spec.parameters.kind", 6, "is required"},
    {a_secret, "data:\n  tls.crt: \"%%\"\n", "data[tls.crt]", 6, "is not base64"},
    {a_secret, "data:\n  tls.crt: 5\n", "data[tls.crt]", 6, "must be a text, not a number (put it in quotes)"},
    {a_secret, "data: []\n", "data", 5, "must be a map, not a list"},
    {a_secret, "stringData:\n  a: {}\n", "stringData.a", 6, "must be a text, not a map"},
    {a_config_map, "data:\n  a.conf: 5\n", "data[a.conf]", 6, "must be a text, not a number (put it in quotes)"},
    {a_config_map, "binaryData:\n  b: x\n", "binaryData.b", 6, "is not base64"},
    {a_config_map, "immutable: perhaps\n", "immutable", 5, "must be true or false, not a text"},
    {a_namespace, "status: active\n", "status", 5, "must be a map, not a text"},
    {a_gate_route, "status: {}\n", "spec", 1, "is required"},
    {a_gate_route, "spec: {hosts: [a]}\n", "spec.rules", 5, "is required"},
    {a_gate_route, "spec:\n  priority: high\n  rules: []\n", "spec.priority", 6, "must be a number, not a text"},
    {a_gate_route, "spec:\n  priority: 1.5\n  rules: []\n", "spec.priority", 6,
     "must be a decimal number from -2147483648 to 2147483647"},
    {a_gate_route, "spec:\n  priority: 2147483648\n  rules: []\n", "spec.priority", 6,
     "must be a decimal number from -2147483648 to 2147483647"},
    {a_gate_route, "spec:\n  priority: -2147483649\n  rules: []\n", "spec.priority", 6,
     "must be a decimal number from -2147483648 to 2147483647"},
    {a_gate_route, "spec:\n  rules:\n  - path: {value: /a}\n    backends: []\n", "spec.rules[0].path.type", 7,
     "is required"},
    {a_gate_route, "spec:\n  rules:\n  - path: {type: Glob, value: /a}\n    backends: []\n", "spec.rules[0].path.type",
     7, "must be one of Exact, Prefix, BytePrefix, Regex, Any"},
    {a_gate_route, "spec:\n  rules:\n  - backends: []\n    when: [{not: {not: [x]}}]\n",
     "spec.rules[0].when[0].not.not", 8, "must be a map, not a list"},
    {a_gate_route, "spec:\n  rules:\n  - backends: [{service: a}]\n", "spec.rules[0].backends[0].port", 7,
     "is required"},
};

ObjectPtr read_one(const char* type, const char* body) {
  const auto contents =
      read_objects("x.yaml", text::cat("apiVersion: ", type, "\nmetadata: {name: x}\n# body\n", body));
  EXPECT_EQ(contents.objects.size(), 1U) << body;
  return contents.objects.empty() ? nullptr : contents.objects[0];
}

TEST(Decode, EachKindOfBadnessIsNamedWithItsFieldAndLine) {
  for (const Bad& bad : bads) {
    const auto read = read_one(bad.type, bad.body);
    ASSERT_NE(read, nullptr);
    ASSERT_EQ(read->complaints.size(), 1U) << bad.type << "\n" << bad.body;
    const Complaint expected{Complaint::Kind::invalid, bad.field, bad.line, bad.message};
    EXPECT_EQ(read->complaints[0], expected) << bad.body << read->complaints[0].field << ":" << read->complaints[0].line
                                             << ": " << read->complaints[0].message;
    EXPECT_NE(read->invalid_within(bad.field), nullptr);
  }
}

TEST(Decode, MetadataComplaintsLeaveTheObjectUsable) {
  const auto contents = read_objects("x.yaml", R"(apiVersion: v1
kind: Service
metadata:
  name: x
  labels: {a: 5, b: c}
  annotations: x
  creationTimestamp: yesterday
  generation: -1
)");
  ASSERT_EQ(contents.objects.size(), 1U);
  const Object& read = *contents.objects[0];
  std::vector<std::string> fields;
  for (const Complaint& complaint : read.complaints) fields.push_back(complaint.field);
  EXPECT_EQ(fields, (std::vector<std::string>{"metadata.labels.a", "metadata.annotations", "metadata.creationTimestamp",
                                              "metadata.generation"}));
  EXPECT_EQ(read.meta.labels, (Texts{{"b", "c"}}));
  EXPECT_EQ(read.meta.creation_timestamp, std::nullopt);
}

TEST(Decode, UnknownFieldsAreNamedAndHarmless) {
  const auto read = read_one(an_ingress, "spec:\n  rules:\n  - host: a\n    port: 80\n  ruels: []\nextra: 1\n");
  ASSERT_EQ(read->complaints.size(), 3U);
  for (const Complaint& complaint : read->complaints) EXPECT_EQ(complaint.kind, Complaint::Kind::unknown_field);
  EXPECT_EQ(read->complaints[0].field, "spec.rules[0].port");
  EXPECT_EQ(read->complaints[0].line, 8U);
  EXPECT_EQ(read->complaints[1].field, "spec.ruels");
  EXPECT_EQ(read->complaints[2].field, "extra");
  EXPECT_EQ(as<Ingress>(*read)->spec.rules.at(0)->host, "a");
  EXPECT_EQ(read->invalid_within(""), nullptr);
}

TEST(Decode, FieldsThatKubernetesKnowsButWeDoNotReadAreNoComplaint) {
  const auto contents = read_objects("x.yaml", R"(apiVersion: v1
kind: Service
metadata:
  name: x
  managedFields: [{manager: kubectl}]
  ownerReferences: []
  finalizers: [a]
status:
  loadBalancer: {}
  conditions: []
)");
  EXPECT_TRUE(contents.objects.at(0)->complaints.empty());
}

TEST(Decode, AWrongRuleLeavesTheOthers) {
  const auto read = read_one(an_ingress, "spec:\n  rules:\n  - host: a\n  - host: 5\n  - host: c\n");
  const auto& rules = as<Ingress>(*read)->spec.rules;
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[0]->host, "a");
  EXPECT_FALSE(rules[1].has_value());
  EXPECT_EQ(rules[2]->host, "c");
  EXPECT_NE(read->invalid_within("spec.rules[1]"), nullptr);
  EXPECT_EQ(read->invalid_within("spec.rules[2]"), nullptr);
}

TEST(Decode, AWrongPathLeavesTheOthersOfItsRule) {
  const auto read = read_one(an_ingress, R"(spec:
  rules:
  - http:
      paths:
      - {pathType: Exact, path: /a, backend: {service: {name: a, port: {number: http}}}}
      - {pathType: Exact, path: /b, backend: {service: {name: b, port: {number: 80}}}}
)");
  const auto& paths = as<Ingress>(*read)->spec.rules.at(0)->http->paths;
  ASSERT_EQ(paths.size(), 2U);
  EXPECT_FALSE(paths[0].has_value());
  EXPECT_EQ(paths[1]->path, "/b");
}

TEST(Decode, PrioritiesAreSigned) {
  for (const auto& [written, value] :
       {std::pair("-2147483648", std::numeric_limits<std::int32_t>::min()),
        std::pair("2147483647", std::numeric_limits<std::int32_t>::max()), std::pair("-1", -1), std::pair("0", 0)}) {
    const auto read = read_one(a_gate_route, text::cat("spec:\n  priority: ", written, "\n  rules: []\n").c_str());
    EXPECT_TRUE(read->complaints.empty());
    EXPECT_EQ(as<GateRoute>(*read)->spec.priority, value);
  }
}

TEST(Decode, AStructMayHoldItsOwnKind) {
  const auto read = read_one(a_gate_route, R"(spec:
  rules:
  - backends: []
    when: [{any: [{not: {all: [{method: [GET]}, {header: {name: a, present: true}}]}}, {client: [10.0.0.0/8]}]}]
)");
  ASSERT_TRUE(read->complaints.empty());
  const auto& any = as<GateRoute>(*read)->spec.rules.at(0)->when.at(0)->any;
  ASSERT_EQ(any->size(), 2U);
  const auto& all = any->at(0)->not_->all;
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ(all->at(0)->method->at(0), "GET");
  EXPECT_EQ(all->at(1)->header->present, true);
  EXPECT_EQ(any->at(1)->client->at(0), "10.0.0.0/8");
  EXPECT_EQ(any->at(1)->not_, nullptr);
}

TEST(Decode, AStructOfItsOwnKindThatIsWrongIsAbsent) {
  const auto read = read_one(a_gate_route, R"(spec:
  rules:
  - backends: []
    when: [{not: {method: GET}}, {method: [POST]}]
)");
  const auto& when = as<GateRoute>(*read)->spec.rules.at(0)->when;
  EXPECT_FALSE(when.at(0).has_value());
  EXPECT_TRUE(when.at(1).has_value());
  EXPECT_NE(read->invalid_within("spec.rules[0]"), nullptr);
}

TEST(Decode, OutsideOfListsTheOptionalStructIsAbsent) {
  const auto read = read_one(
      an_ingress, "spec:\n  defaultBackend: {service: {name: a, port: {number: 0x50}}}\n  rules: [{host: a}]\n");
  const auto& spec = as<Ingress>(*read)->spec;
  EXPECT_FALSE(spec.default_backend.has_value());
  EXPECT_EQ(spec.rules.at(0)->host, "a");
  EXPECT_NE(read->invalid_within("spec.defaultBackend"), nullptr);
}

TEST(Decode, AComplaintAboutWhatHoldsAFieldIsOneAboutTheField) {
  const auto read = read_one(an_ingress, "spec: 5\n");
  EXPECT_NE(read->invalid_within("spec.ingressClassName"), nullptr);
  EXPECT_EQ(read->invalid_within("metadata.annotations"), nullptr);
}

TEST(Decode, YesAndOffAreBooleansOnlyWhereABooleanIsWanted) {
  const auto read = read_one(a_service, "spec:\n  publishNotReadyAddresses: yes\n  selector: {app: on, y: n}\n");
  EXPECT_TRUE(read->complaints.empty());
  EXPECT_TRUE(as<Service>(*read)->spec.publish_not_ready_addresses);
  EXPECT_EQ(as<Service>(*read)->spec.selector, (Texts{{"app", "on"}, {"y", "n"}}));
}

TEST(Decode, NullIsAbsent) {
  const auto read = read_one(an_ingress, "spec:\n  ingressClassName: null\n  rules:\n  tls: ~\nstatus: null\n");
  EXPECT_TRUE(read->complaints.empty());
  EXPECT_EQ(as<Ingress>(*read)->spec.ingress_class_name, std::nullopt);
}

TEST(Decode, AnOptionalPortOfZeroIsAbsent) {
  const auto read = read_one(a_service, "spec:\n  ports: [{port: 80, nodePort: 0}]\n");
  EXPECT_TRUE(read->complaints.empty());
  EXPECT_EQ(as<Service>(*read)->spec.ports.at(0)->node_port, std::nullopt);
}

TEST(Decode, ComplaintsAreCappedAndTheLastOneIsAboutTheWholeObject) {
  std::string body = "spec:\n  clusterIPs:\n";
  for (int times = 0; times < 1000; ++times) body += "  - 5\n";
  const auto read = read_one(a_service, body.c_str());
  ASSERT_EQ(read->complaints.size(), max_complaints);
  EXPECT_EQ(read->complaints.back().field, "");
  EXPECT_NE(read->invalid_within("spec.type"), nullptr);
  EXPECT_EQ(as<Service>(*read)->spec.cluster_ips.size(), 1000U);
}

TEST(Decode, ManyUnknownFieldsDoNotCrowdOutAnInvalidOne) {
  std::string body;
  for (int times = 0; times < 1000; ++times) body += "unknown" + std::to_string(times) + ": 1\n";
  const auto read = read_one(a_service, ("spec:\n  ports:\n  - name: a\n" + body).c_str());
  EXPECT_LT(read->complaints.size(), max_complaints);
  EXPECT_NE(read->invalid_within("spec.ports[0]"), nullptr);
}

}  // namespace
}  // namespace sallyport::kube
