// SPDX-License-Identifier: Apache-2.0
// The parts of the model as JSON, for /config: everything that is served, and where it was written. There is no
// Secret's value in the model, and of fields that may hold one their fingerprint is shown (redacted.hpp). Pure.

#pragma once

#include "base/json_writer.hpp"
#include "model/parts.hpp"

namespace sallyport::commands {

void write_listener(JsonWriter& json, const model::Listener& listener);
void write_rule(JsonWriter& json, const model::Rule& rule);
// `endpoints` is null if nobody gives the backend any.
void write_backend(JsonWriter& json, const model::Backend& backend, const model::EndpointSet* endpoints);

// {"kind", "namespace", "name", "file", "line", "field"}; what is empty is left out.
void write_origin(JsonWriter& json, const model::Origin& origin);

// "active", "draining"
std::string_view to_text(model::Endpoint::State state);

}  // namespace sallyport::commands
