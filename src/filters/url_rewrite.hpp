// SPDX-License-Identifier: Apache-2.0
// Changes the path and the host name under which the upstream is asked; query, access log and X-Forwarded-Host keep
// what the client asked for.
//
// Rule H1-20 again for what comes out of it: the path has to be canonical as it stands, by the options of the rule.
// Nothing is decoded any more, no dot segment removed, no slashes merged: a client that finds a text which becomes one
// of these must not get by it where rules for other paths stand guard. Such a request is refused.

#pragma once

#include <cstddef>
#include <string_view>

#include "filters/filter.hpp"
#include "model/filter.hpp"
#include "syntax/path.hpp"

namespace sallyport::filters {

// Bytes: what came longer, because the limit uri-bytes is higher, may stay as long.
inline constexpr std::size_t longest_rewritten_path = std::size_t{8} * 1024;

class UrlRewrite final : public Filter {
 public:
  explicit UrlRewrite(const model::UrlRewrite& settings) : settings_(settings) {}

  net::Task<Result<http::Response>> handle(Exchange& exchange, Next next) const override;

  // What becomes of a canonical path of which `prefix` is the part that the rule's path stands for: a view of `path` or
  // of the arena.
  Result<std::string_view> path_for(std::string_view path, std::string_view prefix, const syntax::PathOptions& options,
                                    Arena& arena) const;

 private:
  model::UrlRewrite settings_;
};

}  // namespace sallyport::filters
