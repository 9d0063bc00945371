// SPDX-License-Identifier: Apache-2.0
// What carries one exchange with the API server: a stream of an HTTP/2 connection that others use too, or a connection
// of HTTP/1.1 for it alone, which is kept for the next one if it is clean at the end.
//
// Belongs to the exchange, whose arena and notes it uses, on its loop's thread.

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "base/arena.hpp"
#include "http/h1/client_connection.hpp"
#include "http/h2/client_stream.hpp"
#include "http/notes.hpp"

namespace sallyport::sources::api_server {

// Connections of HTTP/1.1 that nobody uses now.
class IdleConnections final : private http::h1::ClientConnection::Keeper {
 public:
  using Connection = std::unique_ptr<http::h1::ClientConnection>;

  // The one used last, for another exchange; null: there is none.
  Connection take(Arena& arena, http::Notes& notes) {
    while (!all_.empty()) {
      Connection one = std::move(all_.back());
      all_.pop_back();
      if (one->begin(arena, notes)) return one;
    }
    return nullptr;
  }
  void keep(Connection connection) {
    if (all_.size() == most) return;
    connection->keep(*this);
    all_.push_back(std::move(connection));
  }
  void clear() { all_.clear(); }

 private:
  static constexpr std::size_t most = 32;

  void drop(http::h1::ClientConnection& connection) override {
    std::erase_if(all_, [&](const Connection& one) { return one.get() == &connection; });
  }

  std::vector<Connection> all_;
};

class Carrier {
 public:
  explicit Carrier(std::unique_ptr<http::h2::ClientStream> stream) : stream_(std::move(stream)) {}
  // Where it goes back to is null when it was made for what is not shown any more.
  Carrier(IdleConnections::Connection connection, std::weak_ptr<IdleConnections> back)
      : connection_(std::move(connection)), back_(std::move(back)) {}
  Carrier(Carrier&&) = default;
  Carrier& operator=(Carrier&&) = delete;
  ~Carrier() {
    if (connection_ == nullptr || !connection_->end()) return;
    if (const auto back = back_.lock()) back->keep(std::move(connection_));
  }

  http::ClientExchange& exchange() const {
    if (connection_ != nullptr) return *connection_;
    return *stream_;
  }

 private:
  std::unique_ptr<http::h2::ClientStream> stream_;
  IdleConnections::Connection connection_;
  std::weak_ptr<IdleConnections> back_;
};

}  // namespace sallyport::sources::api_server
