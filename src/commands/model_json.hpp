// SPDX-License-Identifier: Apache-2.0
// The parts of the model as JSON, for /config: everything that is served, and where it was written. Of
// certificates, and of fields that may hold a secret (redacted.hpp), a fingerprint is shown. Pure.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json_writer.hpp"
#include "model/parts.hpp"

namespace sallyport::commands {

void write_listener(JsonWriter& json, const model::Listener& listener);
void write_rule(JsonWriter& json, const model::Rule& rule);
// An endpoint that is a name.
void write_named(JsonWriter& json, const model::NamedEndpoint& named);
// `endpoints` is null if nobody gives the backend any.
void write_backend(JsonWriter& json, const model::Backend& backend, const model::EndpointSet* endpoints);

// {"kind", "namespace", "name", "file", "line", "field"}; what is empty is left out.
void write_origin(JsonWriter& json, const model::Origin& origin);

// "active", "draining"
std::string_view to_text(model::Endpoint::State state);

// Its chain and its key are nobody's to see here: it is told by its fingerprint.
void write_certificate(JsonWriter& json, const model::Certificate& certificate);
void write_server_name(JsonWriter& json, const model::ServerName& name);

// RFC 3339, UTC; of seconds since 1970.
std::string time_text(std::int64_t seconds);

}  // namespace sallyport::commands
