// SPDX-License-Identifier: Apache-2.0
// Annotations that say who may ask, where what they say does not happen: they are of another controller, of another
// version of ours or of another kind of object, or cannot be read. What they close stays closed
// (docs/decisions/0015-annotations-of-others.md).

#pragma once

#include <string_view>
#include <vector>

#include "dialects/findings.hpp"
#include "kube/object.hpp"

namespace sallyport::dialects {

// Of the name behind the controller's prefix: "auth-url", "whitelist-source-range".
bool limits_access(std::string_view name);
// "false", "off", "": what it is about does not happen.
bool is_switched_off(std::string_view value);

// The names of all annotations that something is wrong with, if it is their values: those are not among the object's.
// Views into its complaints.
std::vector<std::string_view> unreadable_annotations(const kube::Object& root);

// One of ours, whether this version knows it or not.
bool says_who_may_ask(std::string_view annotation);

// A finding for each of ours that says who may ask and is not `read_elsewhere`. True: requests have to get 503, as
// otherwise anybody could ask.
[[nodiscard]] bool note_access_not_honoured(const kube::Object& root, Findings& findings,
                                            bool (*read_elsewhere)(std::string_view name) = nullptr);

}  // namespace sallyport::dialects
