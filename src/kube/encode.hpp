// SPDX-License-Identifier: Apache-2.0
// From an object back to Kubernetes JSON on one line: what is read of it is what the object says.
//
// Written from the struct. An object with a complaint is written as it was read (Object::document), so that whoever
// reads it next has the same to complain of: a field that is invalid, or misspelt, never becomes one that is absent.
// Pure.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "kube/object.hpp"
#include "kube/tree.hpp"

namespace sallyport::kube {

// Of a document that is kept because of a complaint. Larger ones are not.
inline constexpr std::size_t max_document_bytes = 2 * 1024 * 1024;

// False, and nothing is written, if it cannot be written as it was meant: a Secret with an invalid field, or a document
// that was too large to be kept. Of a Secret the text has the values: whoever asked for it zeroes it.
bool append_object(const Object& object, std::string& out);

// The document as JSON, without metadata.managedFields, with its version and kind, which an item of a list need not
// say. Empty if that is more than `most` bytes.
std::string document_text(const Node& document, std::string_view api_version, std::string_view kind, std::size_t most);

// Any value as JSON. Empty if that is more than `most` bytes.
std::string value_text(const Node& value, std::size_t most);

}  // namespace sallyport::kube
