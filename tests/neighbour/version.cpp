// SPDX-License-Identifier: Apache-2.0
// Strong definitions: they take the place of the build's own.
#include "sallyport_version.hpp"

namespace sallyport {

constinit const std::string_view version = "0.999.0";
constinit const std::string_view commit = "of another build";
constinit const std::string_view compiler = "that of its neighbour";

}  // namespace sallyport
