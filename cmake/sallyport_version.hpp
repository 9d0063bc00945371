// SPDX-License-Identifier: Apache-2.0
// What was built, from what, with what. The values are those of sallyport_version.cpp, which cmake/version.cmake writes:
// a new commit builds one file again, and a test links the program with a version of its own (tests/neighbour).

#pragma once

#include <string_view>

namespace sallyport {

extern const std::string_view version;  // of the file VERSION
extern const std::string_view commit;
extern const std::string_view compiler;

}  // namespace sallyport
