// SPDX-License-Identifier: Apache-2.0
// Hosts and paths of rules as every dialect reads them, and the annotations about paths. The detail of an error is the
// sentence of its finding.

#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "dialects/findings.hpp"
#include "kube/object.hpp"
#include "model/match.hpp"
#include "syntax/path.hpp"

namespace sallyport::dialects {

// A name, or *.example.com, which covers exactly one label more.
Result<model::HostPattern> host_pattern(std::string_view host);

// As the paths of requests are compared; an error if no request can have it.
Result<std::string> canonical_path(std::string_view written, const syntax::PathOptions& options);

// Kept without a trailing slash: /aaa/bbb/ is /aaa/bbb.
model::PathMatch element_prefix(std::string canonical);

// Reads our own annotations about paths: those that say for one object what an option of the same name says for all.
// Others of ours have no meaning, unless they are `read_elsewhere`; those that say who may ask are left to
// access_annotations.hpp.
void read_annotations(const kube::Object& root, Findings& findings, syntax::PathOptions& paths,
                      bool (*read_elsewhere)(std::string_view name) = nullptr);

}  // namespace sallyport::dialects
