// SPDX-License-Identifier: Apache-2.0
// `sallyport version`.

#pragma once

#include <iosfwd>

namespace sallyport::commands {

// Version, commit, compiler, libraries; a line each.
int version(std::ostream& out);

}  // namespace sallyport::commands
