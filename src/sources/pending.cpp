// SPDX-License-Identifier: Apache-2.0

#include "sources/pending.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::sources {

void Pending::add(FolderWatch::Events events, net::Time now) {
  for (const std::string& path : events.edits.written) events_.edits.gone.erase(path);
  events_.wants_scan = events_.wants_scan || events.wants_scan;
  events_.edits.written.merge(events.edits.written);
  events_.edits.gone.merge(events.edits.gone);
  if (!first_ && !empty()) first_ = now;
  if (!has_half()) half_.reset();
  if (!half_ && has_half()) half_ = now;
}

net::Time Pending::due() const { return half_ ? std::min(*half_ + settle, *first_ + longest) : *first_ + gathering; }

FolderWatch::Events Pending::take() {
  first_.reset();
  half_.reset();
  return std::exchange(events_, {});
}

}  // namespace sallyport::sources
