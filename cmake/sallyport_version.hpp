// SPDX-License-Identifier: Apache-2.0
// What was built, from what, with what. Written by cmake/version.cmake; version comes from the file VERSION.

#pragma once

#include <string_view>

namespace sallyport {

inline constexpr std::string_view version = "@version@";
inline constexpr std::string_view commit = "@commit@";
inline constexpr std::string_view compiler = "@compiler@";

}  // namespace sallyport
