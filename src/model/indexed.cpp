// SPDX-License-Identifier: Apache-2.0
#include "model/indexed.hpp"

namespace sallyport::model {

bool is_indexed(const HostPattern& host) { return host.kind != HostPattern::Kind::regex; }

bool is_indexed(const PathMatch& path) {
  if (path.kind != PathMatch::Kind::regex) return true;
  const auto regex = syntax::Regex::compile(path.value, path.ignore_case);
  return is_indexed(path, regex ? &*regex : nullptr);
}

bool is_indexed(const PathMatch& path, const syntax::Regex* regex) {
  return path.kind != PathMatch::Kind::regex || (regex != nullptr && regex->begins_path());
}

bool is_indexed(const Rule& rule) { return is_indexed(rule.host) && is_indexed(rule.path); }

}  // namespace sallyport::model
