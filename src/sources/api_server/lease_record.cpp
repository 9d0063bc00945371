// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/lease_record.hpp"

#include <optional>

#include "base/json_writer.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "sources/api_server/json_at.hpp"

namespace sallyport::sources::api_server {
namespace {

using kube::Node;

// A field that is absent leaves the value as it is.
class Fields {
 public:
  Fields(const Node* map, std::string_view path) : map_(map), path_(path) {}

  Fields& text(std::string_view name, std::string& value) {
    const Node* const node = at(map_, name);
    if (node == nullptr) return *this;
    if (const auto written = node->kind == Node::Kind::text ? node->string() : std::nullopt) {
      value = *written;
    } else {
      wrong(name, "a text");
    }
    return *this;
  }
  Fields& number(std::string_view name, std::uint32_t& value) {
    const Node* const node = at(map_, name);
    if (node == nullptr) return *this;
    const auto written = node->is_number() ? parse_decimal<std::uint32_t>(node->text) : std::nullopt;
    if (!written) wrong(name, "a number that is not negative");
    value = written.value_or(0);
    return *this;
  }
  // Empty if all were good.
  const std::string& mistake() const { return mistake_; }

 private:
  void wrong(std::string_view name, std::string_view wanted) {
    if (mistake_.empty()) mistake_ = text::cat(path_, ".", name, " is not ", wanted);
  }

  const Node* map_;
  std::string_view path_;
  std::string mistake_;
};

void write_spec(JsonWriter& json, const LeaseRecord& record) {
  json.key("spec").begin_object();
  json.member("holderIdentity", record.holder).member("leaseDurationSeconds", record.duration_seconds);
  json.member("acquireTime", record.acquire_time).member("renewTime", record.renew_time);
  json.member("leaseTransitions", record.transitions).end_object();
}

}  // namespace

Result<LeaseRecord> parse_lease(std::string_view json) {
  const auto tree = read_json(json);
  if (!tree) return fail(invalid(tree.error()));
  const Node* const document = tree->root();
  if (document->kind != Node::Kind::map) return fail(invalid("no object"));
  for (const std::string_view name : {"metadata", "spec"}) {
    const Node* const part = at(document, name);
    if (part != nullptr && part->kind != Node::Kind::map) return fail(invalid(text::cat(name, " is not a map")));
  }
  LeaseRecord record;
  Fields metadata(at(document, "metadata"), "metadata");
  metadata.text("resourceVersion", record.resource_version);
  Fields spec(at(document, "spec"), "spec");
  spec.text("holderIdentity", record.holder).number("leaseDurationSeconds", record.duration_seconds);
  spec.text("acquireTime", record.acquire_time).text("renewTime", record.renew_time);
  spec.number("leaseTransitions", record.transitions);
  for (const Fields* const fields : {&metadata, &spec}) {
    if (!fields->mistake().empty()) return fail(invalid(fields->mistake()));
  }
  if (record.resource_version.empty()) return fail(invalid("metadata.resourceVersion is missing"));
  return record;
}

std::string new_lease_text(std::string_view namespace_, std::string_view name, const LeaseRecord& record) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("apiVersion", "coordination.k8s.io/v1").member("kind", "Lease");
  json.key("metadata").begin_object().member("namespace", namespace_).member("name", name).end_object();
  write_spec(json, record);
  json.end_object();
  return out;
}

std::string lease_patch_text(const LeaseRecord& record) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("metadata").begin_object();
  json.member("resourceVersion", record.resource_version).end_object();
  write_spec(json, record);
  json.end_object();
  return out;
}

}  // namespace sallyport::sources::api_server
