// SPDX-License-Identifier: Apache-2.0
// What one worker counts. It alone writes; others get copies by message.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "http/grpc.hpp"
#include "http/notes.hpp"
#include "net/tls/refusal.hpp"
#include "proxy/proxy_loss.hpp"

namespace sallyport::proxy {

// Upper bounds in milliseconds; one more bucket holds all above.
inline constexpr std::array<std::int64_t, 12> duration_bounds = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000, 30000};

// Results of calls of gRPC, whose HTTP status is 200 whatever becomes of them.
enum class CallResult : std::uint8_t { ok, client_error, server_error };
inline constexpr std::size_t call_result_count = 3;

struct RequestCounters {
  std::array<std::uint64_t, 6> by_class{};  // [2] counts 2xx; [0] those that got no status
  std::array<std::uint64_t, duration_bounds.size() + 1> by_duration{};
  std::chrono::microseconds duration_sum{0};
  std::array<std::uint64_t, call_result_count> by_call_result{};  // of those that are calls of gRPC

  void count(http::GrpcStatus status) {
    const CallResult result = status == http::GrpcStatus::ok   ? CallResult::ok
                              : http::is_servers_fault(status) ? CallResult::server_error
                                                               : CallResult::client_error;
    ++by_call_result[static_cast<std::size_t>(result)];
  }
  void count(std::uint16_t status, std::chrono::microseconds took) {
    ++by_class[status / 100 < 6 ? status / 100U : 0U];
    std::size_t bucket = 0;
    while (bucket < duration_bounds.size() && took > std::chrono::milliseconds(duration_bounds[bucket])) ++bucket;
    ++by_duration[bucket];
    duration_sum += took;
  }
  void add(const RequestCounters& other) {
    for (std::size_t i = 0; i < by_class.size(); ++i) by_class[i] += other.by_class[i];
    for (std::size_t i = 0; i < by_duration.size(); ++i) by_duration[i] += other.by_duration[i];
    duration_sum += other.duration_sum;
    for (std::size_t i = 0; i < by_call_result.size(); ++i) by_call_result[i] += other.by_call_result[i];
  }
};

struct BackendReport {
  std::string id;
  RequestCounters requests;
  std::uint64_t connects = 0;
  std::uint64_t connect_failures = 0;
  std::uint64_t stale_retries = 0;
};

// What follows a switch of protocols. Bytes are counted when it ends.
struct TunnelCounters {
  std::uint64_t begun = 0;
  std::uint64_t open = 0;
  std::uint64_t from_clients = 0;  // bytes
  std::uint64_t to_clients = 0;
};

inline constexpr std::size_t code_count = static_cast<std::size_t>(Code::invalid) + 1;

struct WorkerReport {
  std::size_t number = 0;      // which worker, from 0
  std::uint64_t accepted = 0;  // connections of clients
  std::uint64_t open = 0;
  std::uint64_t sources_refused = 0;                             // connections of sources that have as many as they may
  std::array<std::uint64_t, proxy_loss_count> proxy_losses{};    // of connections, for what should be a PROXY header
  std::array<std::uint64_t, net::tls::reason_count> refusals{};  // of handshakes
  std::uint64_t full_handshakes = 0;
  std::uint64_t resumed_handshakes = 0;
  std::uint64_t pressure = 0;       // the stage
  std::uint64_t shed = 0;           // idle connections that were ended under pressure
  std::uint64_t cut = 0;            // exchanges that were
  std::uint64_t charged_bytes = 0;  // all that connections, idle ones to endpoints among them, hold
  std::uint64_t held_bytes = 0;     // of these, in buffers
  std::uint64_t frame_bytes = 0;    // and in coroutines
  std::uint64_t lost_log_lines = 0;
  TunnelCounters tunnels;
  http::Notes notes;                                // of what clients sent
  RequestCounters unrouted;                         // requests that reached no backend
  std::array<std::uint64_t, code_count> by_code{};  // answers of our own
  std::array<std::uint64_t, http::grpc_status_count> by_grpc_status{};
  std::vector<BackendReport> backends;
};

}  // namespace sallyport::proxy
