// SPDX-License-Identifier: Apache-2.0
#include "proxy/handshakes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proxy/sources.hpp"

namespace sallyport::proxy {

bool Handshakes::enter(Place& place, const syntax::IpAddress& address, net::Time now) {
  const bool is_exempt =
      std::ranges::any_of(exempt_, [&](const syntax::Cidr& block) { return block.contains(address); });
  if (!is_exempt) {
    const std::uint64_t source = source_of(address);
    const auto found = of_source_.find(source);
    const bool is_full = found != of_source_.end() && found->second >= most_of_source_;
    if (is_full && !make_room(source, now)) return false;
    place.source_ = source;
  }
  if (all_.size() >= most_ && !make_room(std::nullopt, now)) return false;
  if (place.source_) ++of_source_[*place.source_];
  place.since_ = now;
  place.here_ = all_.insert(all_.end(), &place);
  place.at_ = this;
  return true;
}

// Of this source, or of all. A second is enough for anybody who is not far away, or up to something.
bool Handshakes::make_room(const std::optional<std::uint64_t>& source, net::Time now) {
  constexpr net::Duration new_for{1'000};
  const auto oldest = std::ranges::find_if(all_, [&](const Place* one) { return !source || one->source_ == source; });
  if (oldest == all_.end() || (*oldest)->since_ + new_for > now) return false;
  (*oldest)->give_way();
  return true;
}

void Handshakes::Place::leave() {
  if (at_ == nullptr) return;
  if (source_) {
    const auto found = at_->of_source_.find(*source_);
    if (--found->second == 0) at_->of_source_.erase(found);
  }
  at_->all_.erase(here_);
  at_ = nullptr;
}

}  // namespace sallyport::proxy
