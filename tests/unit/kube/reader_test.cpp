// SPDX-License-Identifier: Apache-2.0

#include "kube/reader.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"
#include "kube/json.hpp"

namespace sallyport::kube {
namespace {

FileContents yaml(std::string_view text) { return read_objects("shop/web.yaml", text); }

// The only object of a text that has nothing else.
ObjectPtr only(const FileContents& contents) {
  EXPECT_EQ(contents.objects.size(), 1U);
  for (const FileProblem& problem : contents.problems) ADD_FAILURE() << problem.line << ": " << problem.message;
  return contents.objects.empty() ? nullptr : contents.objects[0];
}

constexpr std::string_view whole_ingress = R"(apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  uid: 4f0c
  labels: {app: web}
  annotations:
    sallyport.dev/encoded-slash: keep
  creationTimestamp: 2001-09-09T01:46:40Z
  generation: 7
  resourceVersion: "12"
spec:
  ingressClassName: sallyport
  defaultBackend:
    service: {name: front, port: {number: 80}}
  tls:
  - hosts: [shop.example.com]
    secretName: cert
  rules:
  - host: shop.example.com
    http:
      paths:
      - path: /cart
        pathType: Prefix
        backend:
          service:
            name: cart
            port:
              name: http
)";

TEST(Reader, AnIngressIsReadWhole) {
  const auto object = only(yaml(whole_ingress));
  EXPECT_EQ(object->ref, (ObjectRef{"networking.k8s.io", "Ingress", "shop", "web"}));
  EXPECT_EQ(object->file, "shop/web.yaml");
  EXPECT_EQ(object->line, 1U);
  EXPECT_EQ(object->meta.uid, "4f0c");
  EXPECT_EQ(object->meta.labels.at("app"), "web");
  EXPECT_EQ(object->meta.annotations.at("sallyport.dev/encoded-slash"), "keep");
  EXPECT_EQ(object->meta.creation_timestamp, Timestamp{1'000'000'000});
  EXPECT_EQ(object->meta.generation, 7U);
  EXPECT_EQ(object->meta.resource_version, "12");
  EXPECT_TRUE(object->complaints.empty());
  const auto& spec = as<Ingress>(*object)->spec;
  EXPECT_EQ(spec.ingress_class_name, "sallyport");
  EXPECT_EQ(spec.default_backend->service->port.number, 80);
  EXPECT_EQ(spec.tls.at(0)->hosts.at(0), "shop.example.com");
  EXPECT_EQ(spec.rules.at(0)->host, "shop.example.com");
  const IngressPath& path = *spec.rules.at(0)->http->paths.at(0);
  EXPECT_EQ(path.path, "/cart");
  EXPECT_EQ(path.path_type, PathType::prefix);
  EXPECT_EQ(path.backend.service->name, "cart");
  EXPECT_EQ(path.backend.service->port.name, "http");
  EXPECT_EQ(path.backend.service->port.number, std::nullopt);
  EXPECT_EQ(as<Service>(*object), nullptr);
}

TEST(Reader, EveryFieldHasItsLine) {
  const auto object = only(yaml(whole_ingress));
  EXPECT_EQ(object->lines.at("metadata.annotations[sallyport.dev/encoded-slash]"), 9U);
  EXPECT_EQ(object->lines.at("spec.rules[0].http.paths[0].pathType"), 25U);
  EXPECT_EQ(object->lines.at("spec.rules[0].http.paths[0].backend.service.port.number"), 29U);
}

TEST(Reader, WhatIsToldBackToTheClusterChangesNoMeaning) {
  const auto version = [](std::string_view metadata, std::string_view rest) {
    return only(yaml(text::cat("apiVersion: v1\nkind: Service\nmetadata: {name: a", metadata, "}\n", rest)));
  };
  const auto one = version("", "spec: {clusterIP: None}\n");
  for (const auto& same :
       {version(", resourceVersion: '7'", "spec: {clusterIP: None}\n"),
        version(", managedFields: [{manager: kubectl}]", "spec: {clusterIP: None}\n"),
        version("", "spec: {clusterIP: None}\nstatus: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}\n")}) {
    EXPECT_EQ(same->meaning, one->meaning);
    EXPECT_NE(same->content, one->content);
  }
  for (const auto& other :
       {version(", generation: 2", "spec: {clusterIP: None}\n"),
        version(", labels: {status: x}", "spec: {clusterIP: None}\n"), version("", "spec: {clusterIP: 10.0.0.1}\n")}) {
    EXPECT_NE(other->meaning, one->meaning);
  }
}

TEST(Reader, YamlAndJsonGiveTheSameObject) {
  const auto one =
      only(yaml("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80, targetPort: "
                "http}, {port: 81, targetPort: 8081}]\n  clusterIP: None\n"));
  const auto other = only(read_objects("web.json", R"({"kind":"Service","apiVersion":"v1","metadata":{"name":"a"},
    "spec":{"clusterIP":"None","ports":[{"port":80,"targetPort":"http"},{"port":81,"targetPort":8081}]}})"));
  EXPECT_EQ(one->content, other->content);
  EXPECT_EQ(one->meaning, other->meaning);
  EXPECT_EQ(one->ref, other->ref);
  for (const auto& object : {one, other}) {
    const auto& spec = as<Service>(*object)->spec;
    EXPECT_EQ(spec.cluster_ip, "None");
    EXPECT_EQ(spec.ports.at(0)->target_port, IntOrString("http"));
    EXPECT_EQ(spec.ports.at(1)->target_port, IntOrString(std::uint32_t{8081}));
  }
  EXPECT_EQ(other->lines.at("spec.ports"), 2U);
}

TEST(Reader, AnEndpointSliceKeepsAbsentConditionsApart) {
  const auto object = only(yaml(R"(apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv6
ports: [{name: http, port: 8080, appProtocol: kubernetes.io/h2c}, {name: any}]
endpoints:
- addresses: ["fd00::1"]
  conditions: {ready: false, serving: null}
  zone: a
  hints: {forZones: [{name: a}]}
  targetRef: {kind: Pod, name: p, namespace: default}
)"));
  const auto& slice = *as<EndpointSlice>(*object);
  EXPECT_EQ(object->meta.labels.at(std::string(service_name_label)), "web");
  EXPECT_EQ(slice.address_type, AddressType::ipv6);
  EXPECT_EQ(slice.ports.at(0)->app_protocol, "kubernetes.io/h2c");
  EXPECT_EQ(slice.ports.at(1)->port, std::nullopt);
  EXPECT_EQ(slice.endpoints.at(0)->conditions.ready, false);
  EXPECT_EQ(slice.endpoints.at(0)->conditions.serving, std::nullopt);
  EXPECT_EQ(slice.endpoints.at(0)->hints->for_zones.at(0)->name, "a");
  EXPECT_EQ(slice.endpoints.at(0)->target_ref->name, "p");
}

TEST(Reader, EndpointsIngressClassConfigMapAndNamespaceAreRead) {
  const auto contents = yaml(R"(
{apiVersion: v1, kind: Endpoints, metadata: {name: e}, subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: sallyport, namespace: dropped}
spec: {controller: sallyport.dev/controller, parameters: {kind: ConfigMap, name: p, scope: Namespace, namespace: n}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a.conf: "x", empty: null}, binaryData: {b: aGk=}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: n, labels: {env: test}}}
)");
  ASSERT_EQ(contents.objects.size(), 4U);
  EXPECT_EQ(as<Endpoints>(*contents.objects[0])->subsets.at(0)->addresses.at(0)->ip, "10.0.0.1");
  EXPECT_EQ(contents.objects[1]->ref, (ObjectRef{"networking.k8s.io", "IngressClass", "", "sallyport"}));
  EXPECT_EQ(as<IngressClass>(*contents.objects[1])->spec.parameters->namespace_, "n");
  EXPECT_EQ(as<ConfigMap>(*contents.objects[2])->data.at("a.conf"), "x");
  EXPECT_EQ(as<ConfigMap>(*contents.objects[2])->data.at("empty"), "");
  EXPECT_EQ(as<ConfigMap>(*contents.objects[2])->binary_data.at("b").value, "hi");
  EXPECT_EQ(contents.objects[3]->ref, (ObjectRef{"", "Namespace", "", "n"}));
  for (const auto& object : contents.objects) EXPECT_TRUE(object->complaints.empty()) << to_text(object->ref);
}

TEST(Reader, ASecretsDataIsDecodedAndStringDataWins) {
  const auto object =
      only(yaml("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ntype: Opaque\ndata: {a: aGk=, b: "
                "aGk=}\nstringData: {b: plain}\n"));
  const auto& secret = *as<Secret>(*object);
  EXPECT_EQ(secret.data.at("a").reveal(), "hi");
  EXPECT_EQ(secret.data.at("b").reveal(), "plain");
  EXPECT_TRUE(secret.string_data.empty());
}

TEST(Reader, ASecretsValueIsInNoText) {
  const auto contents = yaml(R"(
{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {x: "hunter2!"}, stringData: {y: [hunter2], z: 2222}}
---
{apiVersion: v1, kind: Secret, metadata: {name: b}, data: "hunter2", type: [hunter2], stringdata: hunter2}
---
{apiVersion: v1, kind: Secret, data: {x: hunter2}}
)");
  ASSERT_EQ(contents.objects.size(), 2U);
  EXPECT_EQ(contents.objects[0]->complaints.size(), 3U);
  EXPECT_EQ(contents.objects[1]->complaints.size(), 3U);
  ASSERT_EQ(contents.problems.size(), 1U);
  std::string all = contents.problems[0].message;
  for (const auto& object : contents.objects) {
    for (const Complaint& complaint : object->complaints) all += complaint.field + complaint.message;
  }
  EXPECT_EQ(all.find("hunter2"), std::string::npos) << all;
  EXPECT_EQ(all.find("2222"), std::string::npos) << all;
}

TEST(Reader, ANamespacedObjectWithoutNamespaceIsInDefault) {
  const auto object = only(yaml("{apiVersion: v1, kind: Service, metadata: {name: a}}"));
  EXPECT_EQ(object->ref.namespace_, "default");
  EXPECT_EQ(object->meta.namespace_, "default");
}

TEST(Reader, ListsAreTakenApart) {
  const auto contents = yaml(R"(
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Service, metadata: {name: a}}
- apiVersion: v1
  kind: List
  items: [{apiVersion: v1, kind: Service, metadata: {name: b}}]
---
apiVersion: v1
kind: ServiceList
items:
- metadata: {name: c}
)");
  ASSERT_EQ(contents.objects.size(), 3U);
  EXPECT_EQ(contents.objects[0]->line, 5U);
  EXPECT_EQ(contents.objects[1]->ref.name, "b");
  EXPECT_EQ(contents.objects[2]->ref, (ObjectRef{"", "Service", "default", "c"}));
}

TEST(Reader, UnknownKindsAndVersionsAreNamedAndHarmNothing) {
  const auto contents = yaml(R"(
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: n}}
---
{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: old}}
---
{apiVersion: networking.k8s.io/v1beta1, kind: Ingress, metadata: {name: old}}
---
{apiVersion: v1, kind: Service, metadata: {name: a}}
)");
  EXPECT_EQ(contents.objects.size(), 1U);
  EXPECT_TRUE(contents.problems.empty());
  EXPECT_TRUE(contents.is_whole);
  ASSERT_EQ(contents.ignored.size(), 3U);
  EXPECT_EQ(contents.ignored[0].ref, (ObjectRef{"apps", "Deployment", "n", "d"}));
  EXPECT_EQ(contents.ignored[0].line, 2U);
  EXPECT_EQ(contents.ignored[0].message, "Deployment of apps/v1 is not a kind that is read here");
  EXPECT_EQ(contents.ignored[2].message,
            "Ingress of networking.k8s.io/v1beta1 is not read, only that of networking.k8s.io/v1");
}

TEST(Reader, AnObjectTwiceInAFileCountsOnce) {
  const auto contents = yaml(R"({apiVersion: v1, kind: Service, metadata: {name: a}}
---
{apiVersion: v1, kind: Service, metadata: {name: a, namespace: default}, spec: {clusterIP: None}}
)");
  ASSERT_EQ(contents.objects.size(), 1U);
  EXPECT_EQ(contents.objects[0]->line, 1U);
  ASSERT_EQ(contents.problems.size(), 1U);
  EXPECT_EQ(contents.problems[0].line, 3U);
  EXPECT_EQ(contents.problems[0].duplicate, contents.objects[0]->ref);
  EXPECT_TRUE(contents.is_whole);
}

TEST(Reader, ATextThatDoesNotParseGivesNothingButAProblem) {
  const auto contents = yaml("{apiVersion: v1, kind: Service, metadata: {name: a}}\n---\na: [\n");
  EXPECT_TRUE(contents.objects.empty());
  EXPECT_FALSE(contents.is_whole);
  EXPECT_EQ(contents.problems.size(), 1U);
}

struct Unnamed {
  const char* document;
  std::uint32_t line;
  const char* message;
};

TEST(Reader, ADocumentThatDoesNotSayWhatItIsIsAProblemOfTheFile) {
  const Unnamed cases[] = {
      {"just text", 1, "is not a Kubernetes object: it is a text, not a map"},
      {"[1]", 1, "is not a Kubernetes object: it is a list, not a map"},
      {"replicas: 3", 1, "is not a Kubernetes object: it has no kind"},
      {"kind: Service", 1, "is not a Kubernetes object: it has no apiVersion"},
      {"apiVersion: v1\nkind: [Service]", 2, "is not a Kubernetes object: it has no kind that is a text"},
      {"apiVersion: 1\nkind: Service", 1, "is not a Kubernetes object: it has no apiVersion that is a text"},
      {"apiVersion: v1\nkind: Service", 1, "Service: metadata is required"},
      {"apiVersion: v1\nkind: Service\nmetadata: 3", 3, "Service: metadata must be a map, not a number"},
      {"apiVersion: v1\nkind: Service\nmetadata:\n  labels: {}", 3, "Service: metadata.name is required"},
      {"apiVersion: v1\nkind: Service\nmetadata:\n  name: 5", 4,
       "Service: metadata.name must be a text, not a number (put it in quotes)"},
      {"apiVersion: v1\nkind: Service\nmetadata:\n  name: A", 4,
       "Service: metadata.name must be of lower-case letters, digits, '-' and '.'"},
      {"apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: [b]", 5,
       "Service: metadata.namespace must be a text, not a list"},
      {"apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  namespace: a.b", 5,
       "Service: metadata.namespace must be of lower-case letters, digits and '-'"},
      {"apiVersion: v1\nkind: List\nitems: 5", 3, "items of a List must be a list"},
      {"apiVersion: v1\nkind: List\nitems:\n- 5", 4, "is not a Kubernetes object: it is a number, not a map"},
  };
  for (const auto& [document, line, message] : cases) {
    const auto contents = yaml(document);
    EXPECT_TRUE(contents.objects.empty()) << document;
    EXPECT_FALSE(contents.is_whole) << document;
    ASSERT_EQ(contents.problems.size(), 1U) << document;
    EXPECT_EQ(contents.problems[0].line, line) << document;
    EXPECT_EQ(contents.problems[0].message, message) << document;
  }
}

TEST(Reader, ADocumentWithoutANameDoesNotHideTheOthers) {
  const auto contents = yaml(
      "{apiVersion: v1, kind: Service, metadata: {}}\n---\n{apiVersion: v1, kind: Service, metadata: {name: b}}\n");
  ASSERT_EQ(contents.objects.size(), 1U);
  EXPECT_EQ(contents.objects[0]->ref.name, "b");
  EXPECT_FALSE(contents.is_whole);
}

TEST(Reader, AnObjectThatComesFromNoFileHasNoLines) {
  const auto trees = parse_json(R"({"metadata": {"name": "a", "namespace": "b"},
                                    "spec": {"ports": [{"port": 80}], "odd": 1}})");
  ASSERT_TRUE(trees);
  const auto contents = read_object(*trees->front().root(), *find_kind("", "Service"));
  ASSERT_EQ(contents.objects.size(), 1U);
  const Object& object = *contents.objects.front();
  EXPECT_EQ(object.ref, (ObjectRef{"", "Service", "b", "a"}));
  EXPECT_EQ(object.file, "");
  EXPECT_EQ(object.line, 0U);
  EXPECT_TRUE(object.lines.has("spec.ports[0].port"));
  EXPECT_EQ(object.lines.at("spec.ports[0].port"), 0U);
  ASSERT_EQ(object.complaints.size(), 1U);
  EXPECT_EQ(object.complaints[0].field, "spec.odd");
  EXPECT_EQ(object.complaints[0].line, 0U);
}

}  // namespace
}  // namespace sallyport::kube
