// SPDX-License-Identifier: Apache-2.0
// What workers counted and what control knows, as Prometheus text. Labels come from configured objects and fixed
// enumerations only, never from a request; and there are never more series than the limit says (reference:
// reliability-security.md M-2).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "commands/backend_series.hpp"
#include "commands/last_good.hpp"
#include "control/propagation.hpp"
#include "control/status.hpp"
#include "control/work.hpp"
#include "proxy/counters.hpp"
#include "routing/compiler.hpp"
#include "sources/api_server/event_writer.hpp"
#include "sources/api_server/kind_figures.hpp"
#include "sources/api_server/status_writer.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

// What is not counted by workers.
struct Figures {
  bool ready = false;
  std::uint64_t version = 0;  // of the model
  control::Totals objects;
  control::Work work;
  control::Propagation propagation;
  routing::CompilerCounts compiled;
  std::array<std::uint64_t, 4> file_problems{};  // by sources::Problem::Kind
  struct Expiry {
    std::string certificate;     // id
    std::int64_t not_after = 0;  // seconds since 1970
  };
  std::vector<Expiry> certificates = {};
  std::optional<LastGoodFigures> last_good = {};             // if it is kept at all
  std::vector<sources::api_server::KindFigures> kinds = {};  // if a cluster is read
  struct ToldBack {
    bool leads = false;
    sources::api_server::StatusWriter::Counts statuses;
    sources::api_server::EventWriter::Counts events;
  };
  std::optional<ToldBack> told_back = {};  // if this process may write to a cluster
};

// Workers by number, and backends as `series` has it, have series of their own until `most_series` is reached; what is
// left is added up under the label value "overflow". `series` takes in the reading.
std::string metrics_text(const std::vector<proxy::WorkerReport>& workers, const Figures& figures,
                         std::size_t most_series, BackendSeries& series);

}  // namespace sallyport::commands
