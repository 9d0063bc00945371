// SPDX-License-Identifier: Apache-2.0
// Which names of a folder count.

#pragma once

#include <string>
#include <string_view>

namespace sallyport::sources {

// Hidden (also ConfigMap's ..data and ..2026_05_04…) and editors' temporary names: .x.swp, .#x, #x#, x~, 4913.
bool is_ignored(std::string_view name);

// *.yaml, *.yml and *.json that are not ignored.
bool is_object_file(std::string_view name);

// "" + "a.yaml" is "a.yaml"; "shop" + "a.yaml" is "shop/a.yaml".
std::string join_path(std::string_view directory, std::string_view name);

}  // namespace sallyport::sources
