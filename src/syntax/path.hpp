// SPDX-License-Identifier: Apache-2.0
// The canonical path: the only form in which a path of a rule or of a request is compared, logged and forwarded.
//
// Rule H1-20. Pure; canonical_path(canonical_path(p)) is canonical_path(p). What is done, in this order:
//  1. Refused: a path without leading '/'; space, CTL, DEL, '#', '?' and bytes of 0x80 and above; '\' and %5C; a '%'
//     without two hex digits; %00; %2F, unless it is kept, when it stays a character of its segment, as %2F.
//  2. Triplets of unreserved characters (letters, digits, - . _ ~) are decoded, once: %2561 stays as it is. All others
//     stay, in upper-case hex: %3B and ';' may mean different things to an upstream. Encoded controls other than %00,
//     and octets that are no UTF-8, stay too: old encodings use them.
//  3. Printable characters that RFC 3986 has no place for in a path (" < > [ ] ^ ` { | }) become triplets, so that
//     they have one spelling.
//  4. Dot segments are removed as in RFC 3986 5.2.4, encoded dots included; one at the end leaves a '/'. Refused:
//     climbing above the root; a dot segment with parameters ("..;x", "..%3Bx"), which some servers read as ".."; and
//     one that is bounded by a kept %2F, for the upstream that decodes it.
//  5. Runs of '/' become one, if asked. This comes after step 4, so "/a//../b" is "/a/b".

#pragma once

#include <span>
#include <string_view>

#include "base/result.hpp"

namespace sallyport::syntax {

struct PathOptions {
  bool keep_encoded_slash = false;  // --encoded-slash keep
  bool merge_slashes = true;        // --merge-slashes on

  bool operator==(const PathOptions&) const = default;
};

// What a client is told whose path has a %2F that nobody keeps.
inline constexpr const char* encoded_slash_refused =
    "an encoded slash (%2F) in the path; --encoded-slash keep lets it pass, or the annotation "
    "sallyport.dev/encoded-slash: keep";

// `raw` has no query. Gives `raw` itself if it is canonical, and otherwise a view into `room`; three times the size of
// `raw` is always enough, and too little is an internal error. `room` must not overlap `raw`.
Result<std::string_view> canonical_path(std::string_view raw, const PathOptions& options, std::span<char> room);

}  // namespace sallyport::syntax
