// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/object.hpp"

namespace sallyport::fake_api {

void append_object(std::string& out, const Object& object, Form form, std::uint64_t revision, bool is_item) {
  if (form == Form::whole && !object.raw.empty()) {
    out += object.raw;
    return;
  }
  const bool is_as_it_is = form == Form::whole && revision == object.revision && (!is_item || object.kind->is_custom);
  if (is_as_it_is) return object.json.append_to(out);
  Json sent = Json::map();
  if (form == Form::metadata) {
    sent["kind"] = "PartialObjectMetadata";
    sent["apiVersion"] = "meta.k8s.io/v1";
    sent["metadata"] = *object.json.find("metadata");
  } else {
    sent = object.json;
    if (is_item && !object.kind->is_custom) {
      sent.remove("kind");
      sent.remove("apiVersion");
    }
  }
  sent["metadata"]["resourceVersion"] = std::to_string(revision);
  sent.append_to(out);
}

}  // namespace sallyport::fake_api
