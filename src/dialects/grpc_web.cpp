// SPDX-License-Identifier: Apache-2.0
#include "dialects/grpc_web.hpp"

#include <string>

#include "base/text.hpp"

namespace sallyport::dialects {

bool wants_grpc_web(const kube::Object& root, Findings& findings) {
  const auto found = root.meta.annotations.find(grpc_web_annotation);
  if (found == root.meta.annotations.end()) return false;
  const std::string& value = found->second;
  if (value != "true" && value != "false") {
    findings.add(Verdict::rejected, kube::field("metadata.annotations", grpc_web_annotation), "InvalidAnnotation",
                 text::cat("annotation ", grpc_web_annotation, R"( is "true" or "false")"));
  }
  return value == "true";
}

}  // namespace sallyport::dialects
