// SPDX-License-Identifier: Apache-2.0
// What an API server sends, as tests write it.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "sources/api_server/list_watch.hpp"

namespace sallyport::sources::api_server {

// A Service of the namespace shop, as an item or in an event.
inline std::string service(std::string_view name, std::string_view version, std::string_view namespace_ = "shop") {
  return text::cat(R"({"kind":"Service","apiVersion":"v1","metadata":{"name":")", name, R"(","namespace":")",
                   namespace_, R"(","resourceVersion":")", version, R"("},"spec":{"ports":[{"port":80}]}})");
}

inline std::string event(std::string_view type, std::string_view object) {
  return text::cat(R"({"type":")", type, R"(","object":)", object, "}\n");
}

inline std::string bookmark(std::string_view version) {
  return event("BOOKMARK", text::cat(R"({"kind":"Service","metadata":{"resourceVersion":")", version, R"("}})"));
}

inline std::string end_of_list(std::string_view version) {
  return event("BOOKMARK", text::cat(R"({"kind":"Service","metadata":{"resourceVersion":")", version,
                                     R"(","annotations":{"k8s.io/initial-events-end":"true"}}})"));
}

inline std::string status(unsigned code, std::string_view reason, std::string_view message) {
  return text::cat(R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")", message,
                   R"(","reason":")", reason, R"(","code":)", code, "}");
}

inline std::string list_of(std::string_view kind, std::string_view version, const std::vector<std::string>& items,
                           std::string_view proceed = "") {
  return text::cat(R"({"kind":")", kind, R"(List","apiVersion":"v1","metadata":{"resourceVersion":")", version,
                   R"(","continue":")", proceed, R"("},"items":[)", text::join(items, ","), "]}");
}

inline std::string services(std::string_view version, const std::vector<std::string>& items,
                            std::string_view proceed = "") {
  return list_of("Service", version, items, proceed);
}

inline Resource service_resource() {
  return {.kind = kube::find_kind("", "Service"), .namespace_ = {}, .selector = {}};
}

inline ObjectRef service_ref(std::string name, std::string namespace_ = "shop") {
  return {"", "Service", std::move(namespace_), std::move(name)};
}

// No test waits for longer than it must.
inline Pace fast_pace() {
  Pace pace;
  pace.first_wait = net::Duration(1);
  pace.longest_wait = net::Duration(2);
  pace.longest_unanswered = net::Duration(2);
  pace.refused_wait = net::Duration(2);
  pace.second_look = net::Duration(2);
  return pace;
}

}  // namespace sallyport::sources::api_server
