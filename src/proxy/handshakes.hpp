// SPDX-License-Identifier: Apache-2.0
// The handshakes with clients that one worker is at, of all its listeners. Each holds many times what a connection
// does, so there are only so many, and of one source fewer, so that no single one takes all there are (reference:
// reliability-security.md T-10). Where there are as many as may be, the oldest that has had its time makes room.
//
// Belongs to the worker's thread; must outlive its places.

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "net/timer_wheel.hpp"
#include "syntax/address.hpp"

namespace sallyport::proxy {

class Handshakes {
 public:
  // Those in `exempt` are not counted as those of one source: proxies that bring the connections of many.
  Handshakes(std::size_t most, std::size_t most_of_source, const std::vector<syntax::Cidr>& exempt)
      : most_(most), most_of_source_(most_of_source), exempt_(exempt) {}
  Handshakes(const Handshakes&) = delete;
  Handshakes& operator=(const Handshakes&) = delete;

  // Of one handshake, from enter() until it leaves or is destroyed.
  class Place {
   public:
    Place() = default;
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void leave();

   protected:
    virtual ~Place() { leave(); }

   private:
    friend class Handshakes;

    // Somebody else needs it. Leaves; may destroy itself.
    virtual void give_way() = 0;

    Handshakes* at_ = nullptr;  // null: it is not entered
    std::optional<std::uint64_t> source_;
    net::Time since_;
    std::list<Place*>::iterator here_;
  };

  // False: there are as many as may be, and all of them are new.
  [[nodiscard]] bool enter(Place& place, const syntax::IpAddress& address, net::Time now);

  std::size_t count() const { return all_.size(); }

 private:
  bool make_room(const std::optional<std::uint64_t>& source, net::Time now);

  std::size_t most_;
  std::size_t most_of_source_;
  const std::vector<syntax::Cidr>& exempt_;
  std::list<Place*> all_;  // in the order of their beginning
  std::map<std::uint64_t, std::size_t> of_source_;
};

}  // namespace sallyport::proxy
