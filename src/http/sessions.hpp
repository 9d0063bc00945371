// SPDX-License-Identifier: Apache-2.0
// The connections of one version of HTTP that come in by one entrance, as their worker sees them: how many there are,
// what they hold, and how they end. Belongs to the worker's thread; all is called from between two turns.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "http/connection_facts.hpp"
#include "http/notes.hpp"
#include "http/session_settings.hpp"

namespace sallyport::http {

class Sessions {
 public:
  // Idle connections end now, others after what they are at.
  virtual void drain() = 0;
  // Connections may stay again.
  virtual void undo_drain() = 0;

  // Under pressure. What is waited for from now on is waited for as these say; idle connections wait no longer than
  // they. The settings must outlive it.
  virtual void use(const ServerSettings& settings) = 0;
  // No connection stays beyond the requests that it has.
  virtual void set_sheds(bool sheds) = 0;
  // So many of the idle ones, those first that have been it for longest; who has just come or been answered is let be.
  // How many ended.
  virtual std::size_t end_oldest_idle(std::size_t most) = 0;
  // Bytes of what can be cut off and holds most; 0: there is nothing.
  virtual std::size_t largest() const = 0;
  // That is cut off. False: there is none, or it holds less than that, so that little would be gained.
  virtual bool reset_largest(std::size_t at_least) = 0;

  virtual std::size_t idle() const = 0;
  virtual std::size_t connections() const = 0;
  virtual std::uint64_t accepted() const = 0;
  virtual const Notes& notes() const = 0;

  // Called when a connection has ended.
  using OnClosed = std::move_only_function<void(const ConnectionFacts& facts)>;
  virtual void set_on_closed(OnClosed call) = 0;

 protected:
  ~Sessions() = default;
};

}  // namespace sallyport::http
