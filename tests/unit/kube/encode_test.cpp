// SPDX-License-Identifier: Apache-2.0
#include "kube/encode.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/text.hpp"
#include "kube/reader.hpp"

namespace sallyport::kube {
namespace {

ObjectPtr read(std::string_view text, std::string_view name = "a.yaml") {
  const FileContents contents = read_objects(name, text);
  EXPECT_EQ(contents.objects.size(), 1U) << text;
  for (const FileProblem& problem : contents.problems) ADD_FAILURE() << problem.message << "\n" << text;
  return contents.objects.empty() ? nullptr : contents.objects[0];
}

std::string written(const Object& object) {
  std::string text;
  EXPECT_TRUE(append_object(object, text));
  return text;
}

std::string written(std::string_view yaml) { return written(*read(yaml)); }

TEST(EncodeObject, SaysWhatItSaidInOneLine) {
  const std::string text = written(R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  creationTimestamp: 2001-09-09T01:46:40Z
  generation: 7
  annotations: {note: "two\nlines"}
spec:
  ingressClassName: sallyport
  rules:
  - host: shop.example.com
    http:
      paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]
)");
  EXPECT_EQ(text,
            R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"web","namespace":"shop",)"
            R"("annotations":{"note":"two\nlines"},"creationTimestamp":"2001-09-09T01:46:40Z","generation":7},)"
            R"("spec":{"ingressClassName":"sallyport","rules":[{"host":"shop.example.com","http":{"paths":[)"
            R"({"path":"/","pathType":"Prefix","backend":{"service":{"name":"web","port":{"number":80}}}}]}}]}})");
  EXPECT_EQ(written(*read(text, "a.json")), text);
}

TEST(EncodeObject, WhatHasToBeThereIsThereThoughItIsEmpty) {
  const std::string text = written(R"(
apiVersion: sallyport.dev/v1alpha1
kind: GateRoute
metadata: {name: web, namespace: shop}
spec:
  rules:
  - requestHeaders: {set: [{name: X-Empty, value: ""}]}
    backends: [{service: web, port: http, weight: 0}, {service: web, port: 8080}]
)");
  EXPECT_NE(text.find(R"({"name":"X-Empty","value":""})"), text.npos) << text;
  EXPECT_NE(text.find(R"([{"service":"web","port":"http","weight":0},{"service":"web","port":8080,"weight":1}])"),
            text.npos)
      << text;
  EXPECT_TRUE(read(text, "a.json")->complaints.empty());
}

TEST(EncodeObject, BytesAreBase64) {
  const std::string text = written(R"(
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
binaryData: {a: "AAEC", b: "/w==", c: ""}
)");
  EXPECT_NE(text.find(R"("binaryData":{"a":"AAEC","b":"/w==","c":""})"), text.npos) << text;
}

TEST(EncodeObject, SecretsTextsAreMergedIntoItsData) {
  const std::string text = written(R"(
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
type: Opaque
data: {a: "YQ=="}
stringData: {b: b}
)");
  EXPECT_NE(text.find(R"("type":"Opaque","data":{"a":"YQ==","b":"Yg=="})"), text.npos) << text;
}

TEST(EncodeObject, TheCopyThatKubectlLeavesIsLeftOut) {
  const std::string text = written(R"(
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}", mine: "1"}}
)");
  EXPECT_EQ(text, R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","annotations":{"mine":"1"}}})");
}

// An invalid class that was left out would be the wish for no class.
TEST(EncodeObject, AnInvalidFieldStaysInvalid) {
  const ObjectPtr first = read(R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  managedFields: [{manager: somebody}]
  labels: {size: "007", on: "yes"}
spec: {ingressClassName: 5, defaultBackend: {service: {name: web, port: {number: 80}}}}
)");
  ASSERT_NE(first->invalid_within("spec.ingressClassName"), nullptr);
  const std::string text = written(*first);
  EXPECT_EQ(text.find("managedFields"), text.npos);
  const ObjectPtr second = read(text, "a.json");
  ASSERT_NE(second->invalid_within("spec.ingressClassName"), nullptr);
  EXPECT_EQ(second->complaints.size(), 1U);
  EXPECT_EQ(second->meta, first->meta);
  EXPECT_EQ(as<Ingress>(*second)->spec.default_backend->service->port.number, 80);
}

// 1.5 is a number and no name, and "1.5" is one.
TEST(EncodeObject, NothingBecomesValid) {
  for (const char* const value :
       {"1.5", "0x10", "1e3", ".inf", "-0", "12345678901234567890", "true", "[]", "{}", "5"}) {
    const ObjectPtr first =
        read(text::cat("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec: "
                       "{ingressClassName: ",
                       value, "}\n"));
    const ObjectPtr second = read(written(*first), "a.json");
    EXPECT_NE(second->invalid_within("spec.ingressClassName"), nullptr) << value;
  }
}

TEST(EncodeObject, AnInvalidElementOfAListKeepsItsPlace) {
  const ObjectPtr first = read(R"(
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: a.example.com}, {host: [1, 0x10, yes, 1e3, .inf, ~, -0, 123456789012345678901234567890]}, {host: b.example.com}]}
)");
  const ObjectPtr second = read(written(*first), "a.json");
  const auto& rules = as<Ingress>(*second)->spec.rules;
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_TRUE(rules[0] && !rules[1] && rules[2]);
}

TEST(EncodeObject, ASecretWithAnInvalidFieldIsNotWritten) {
  const ObjectPtr secret = read(R"(
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
data: {good: "YQ==", bad: "not base64"}
)");
  EXPECT_TRUE(secret->document.empty());
  std::string text = "before";
  EXPECT_FALSE(append_object(*secret, text));
  EXPECT_EQ(text, "before");
}

TEST(EncodeObject, ADocumentThatIsTooLargeIsNotKept) {
  const std::string filler(max_document_bytes, 'x');
  const ObjectPtr object =
      read(text::cat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nimmutable: 5\ndata: {a: ", filler, "}\n"));
  ASSERT_NE(object->invalid_within("immutable"), nullptr);
  std::string text;
  EXPECT_FALSE(append_object(*object, text));
}

TEST(EncodeObject, AFieldThatIsNotKnownStaysThere) {
  const std::string text = written("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndatum: {a: [b, 1]}\n");
  EXPECT_NE(text.find(R"("datum":{"a":["b",1]})"), text.npos) << text;
  EXPECT_EQ(read(text, "a.json")->complaints.size(), 1U);
}

// As the API server lists them.
TEST(EncodeObject, AnItemOfAListThatDoesNotSayWhatItIsSaysItThen) {
  const ObjectPtr first =
      read(R"({"apiVersion":"v1","kind":"ConfigMapList","items":[{"metadata":{"name":"a"},"datum":5}]})", "a.json");
  EXPECT_EQ(written(*first), R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"datum":5})");
}

TEST(EncodeObject, AnObjectWithoutComplaintsKeepsNoDocument) {
  EXPECT_TRUE(read("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n")->document.empty());
}

}  // namespace
}  // namespace sallyport::kube
