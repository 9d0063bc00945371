// SPDX-License-Identifier: Apache-2.0
// Which rules a look-up finds without asking others like them: those whose host is known or any, and whose path begins
// with a text. The others are asked one by one, by every request that reaches their rank; whoever wrote one is told.

#pragma once

#include "model/parts.hpp"
#include "syntax/regex.hpp"

namespace sallyport::model {

bool is_indexed(const HostPattern& host);
bool is_indexed(const PathMatch& path);
// With the path's regular expression, which was compiled already; null when it does not compile or there is none.
bool is_indexed(const PathMatch& path, const syntax::Regex* regex);
bool is_indexed(const Rule& rule);

}  // namespace sallyport::model
