// SPDX-License-Identifier: Apache-2.0
// Ingresses of a cluster for tests, what control says of them, and answers of an API server.

#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "kube/reader.hpp"
#include "sources/api_server/api.hpp"
#include "sources/source.hpp"

namespace sallyport::sources::api_server {

inline ObjectRef ingress_ref(std::string name = "web") {
  return {.group = "networking.k8s.io", .kind = "Ingress", .namespace_ = "shop", .name = std::move(name)};
}

// `status` is JSON: {"loadBalancer": {…}}.
inline std::string ingress_text(int version, std::string_view status = "{}", std::string_view host = "a.example.com",
                                std::string_view name = "web", std::string_view uid = "u-1") {
  return text::cat(
      R"({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": ")", name,
      R"(", "uid": ")", uid, R"(", "resourceVersion": ")", version, R"("}, "spec": {"rules": [{"host": ")", host,
      R"("}]}, "status": )", status, "}");
}

inline std::string at(std::string_view ip) {
  return text::cat(R"({"loadBalancer": {"ingress": [{"ip": ")", ip, R"("}]}})");
}

inline kube::ObjectPtr object_of(const std::string& text) {
  const auto contents = kube::read_objects("x.json", text);
  for (const auto& problem : contents.problems) ADD_FAILURE() << problem.message << "\n" << text;
  return contents.objects.at(0);
}

inline kube::ObjectPtr ingress(int version, std::string_view status = "{}", std::string_view host = "a.example.com") {
  return object_of(ingress_text(version, status, host));
}

inline Published published(const kube::ObjectPtr& object, StatusFields fields) {
  Published published;
  published.verdict.ref = object->ref;
  published.object = object;
  published.fields = std::move(fields);
  return published;
}

inline Result<Answer> answer(unsigned status, std::string body = {}) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

inline Result<Answer> no_answer() { return fail(Code::connect_failed, "", "connection refused"); }

}  // namespace sallyport::sources::api_server
