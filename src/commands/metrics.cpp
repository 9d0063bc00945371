// SPDX-License-Identifier: Apache-2.0
#include "commands/metrics.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <tuple>
#include <utility>

#include "commands/metric_families.hpp"
#include "control/control.hpp"
#include "http/gateway_answer.hpp"
#include "http/grpc.hpp"
#include "sallyport_version.hpp"

namespace sallyport::commands {
namespace {

using proxy::BackendReport;
using proxy::WorkerReport;

constexpr const char* overflow = "overflow";  // no backend's id, no worker's number

void add_requests(Families& families, const std::string& backend, const proxy::RequestCounters& requests) {
  constexpr std::array<const char*, 6> classes = {"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    families.counter("sallyport_requests_total", "Requests that ended, by backend and class of status.",
                     {{"backend", backend}, {"class", classes[i]}}, requests.by_class[i]);
  }
  families.durations<std::int64_t>("sallyport_request_duration_seconds",
                                   "From the first byte of a request to the last byte of its response.",
                                   {{"backend", backend}}, proxy::duration_bounds, requests.by_duration,
                                   std::chrono::duration<double>(requests.duration_sum).count());
  constexpr std::array<const char*, proxy::call_result_count> results = {"ok", "client_error", "server_error"};
  for (std::size_t i = 0; i < results.size(); ++i) {
    families.counter("sallyport_grpc_calls_total", "Calls of gRPC that ended, by backend and result.",
                     {{"backend", backend}, {"result", results[i]}}, requests.by_call_result[i]);
  }
}

void add_worker(Families& families, const std::string& number, const WorkerReport& worker) {
  const Labels labels = {{"worker", number}};
  families.counter("sallyport_connections_accepted_total", "Connections of clients.", labels, worker.accepted);
  families.gauge("sallyport_connections_open", "Connections of clients that are open.", labels, worker.open);
  families.gauge("sallyport_held_bytes", "What connections hold, unused ones to endpoints included.", labels,
                 worker.charged_bytes);
  families.gauge("sallyport_connection_buffer_bytes", "Of the held bytes, those of buffers.", labels,
                 worker.held_bytes);
  families.gauge("sallyport_frame_bytes", "Of the held bytes, those of coroutines and of TLS.", labels,
                 worker.frame_bytes);
  families.gauge("sallyport_pressure_stage", "0: none; 1: haste; 2: shedding; 3: refusing; 4: cutting off.", labels,
                 worker.pressure);
  families.counter("sallyport_connections_refused_total",
                   "Connections closed because their source has as many as it may.", labels, worker.sources_refused);
  families.counter("sallyport_connections_shed_total", "Idle connections that ended under pressure.", labels,
                   worker.shed);
  families.counter("sallyport_exchanges_cut_total", "Exchanges that were reset under pressure.", labels, worker.cut);
  families.counter("sallyport_access_log_lines_lost_total",
                   "Lines dropped because the log could not be written, or not fast enough.", labels,
                   worker.lost_log_lines);
  families.counter("sallyport_tunnels_total", "WebSockets that began.", labels, worker.tunnels.begun);
  families.gauge("sallyport_tunnels_open", "WebSockets that are open.", labels, worker.tunnels.open);
  for (const auto& [from, bytes] :
       {std::pair("client", worker.tunnels.from_clients), std::pair("upstream", worker.tunnels.to_clients)}) {
    families.counter("sallyport_tunnel_bytes_total", "Bytes of WebSockets that have ended, by who sent them.",
                     {{"worker", number}, {"from", from}}, bytes);
  }
  struct Left {
    const char* what;
    std::uint32_t count;
  };
  const http::Notes& notes = worker.notes;
  for (const Left& left : {Left{"underscore_name", notes.underscore_names},
                           Left{"connection_option", notes.protected_options}, Left{"upgrade", notes.upgrades_ignored},
                           Left{"expectation", notes.expectations_ignored}, Left{"trailer", notes.trailers_dropped}}) {
    families.counter("sallyport_request_parts_left_out_total",
                     "What requests had that was left out or not followed, by kind.",
                     {{"worker", number}, {"what", left.what}}, left.count);
  }
  for (const Left& odd : {Left{"empty_line", notes.empty_lines}, Left{"chunk_extension", notes.chunk_extensions},
                          Left{"tiny_chunk", notes.tiny_chunks}, Left{"tiny_read", notes.tiny_reads},
                          Left{"stream_reset", notes.stream_resets}}) {
    families.counter("sallyport_oddities_total", "What requests had that is legal, and odd, by kind.",
                     {{"worker", number}, {"what", odd.what}}, odd.count);
  }
  families.counter("sallyport_glitch_ends_total", "Connections that ended for too many odd things.", labels,
                   notes.glitch_ends);
}

void add_backend(Families& families, const std::string& id, const BackendReport& backend) {
  add_requests(families, id, backend.requests);
  const Labels labels = {{"backend", id}};
  families.counter("sallyport_connects_total", "Connections to endpoints that were begun.", labels, backend.connects);
  families.counter("sallyport_connect_failures_total", "Connections to endpoints that failed.", labels,
                   backend.connect_failures);
  families.counter("sallyport_stale_retries_total",
                   "Requests sent again because a connection ended before the answer began.", labels,
                   backend.stale_retries);
}

void add_objects(Families& families, const Figures& figures) {
  const auto objects = [&](const char* verdict, std::uint64_t count) {
    families.gauge("sallyport_objects", "Objects of the configuration, by what became of them.", {{"verdict", verdict}},
                   count);
  };
  objects("accepted", figures.objects.accepted);
  objects("ignored", figures.objects.ignored);
  objects("rejected", figures.objects.rejected);
  families.gauge("sallyport_objects_last_good", "Objects of which an older version is in force.", {},
                 figures.objects.last_good);
  for (std::size_t kind = 0; kind < figures.file_problems.size(); ++kind) {
    families.gauge("sallyport_file_problems", "Files and documents that are not in force as written, by kind.",
                   {{"kind", control::word(static_cast<sources::Problem::Kind>(kind))}}, figures.file_problems[kind]);
  }
}

// How many of `count` get series of their own, each `cost` of `room`; when not all do, one more is the overflow.
std::size_t fitting(std::size_t count, std::size_t cost, std::size_t room) {
  if (count * cost <= room) return count;
  return room < cost ? 0 : room / cost - 1;
}

std::size_t room_left(const Families& families, std::size_t most) {
  return most > families.series() ? most - families.series() : 0;
}

// Those that end soonest, as they are the ones to know of; of the others the first that ends.
void add_certificates(Families& families, std::vector<Figures::Expiry> certificates, std::size_t room) {
  constexpr std::size_t most = 1'000;
  std::ranges::sort(certificates, {},
                    [](const Figures::Expiry& one) { return std::tie(one.not_after, one.certificate); });
  const std::size_t own = fitting(certificates.size(), 1, std::min(room, most));
  const std::size_t shown = std::min(certificates.size(), room == 0 ? 0 : own + 1);
  for (std::size_t at = 0; at < shown; ++at) {
    const std::int64_t end = std::max<std::int64_t>(certificates[at].not_after, 0);
    families.gauge(
        "sallyport_certificate_expiry_seconds", "When a certificate that is served ends, in seconds since 1970.",
        {{"certificate", at < own ? certificates[at].certificate : overflow}}, static_cast<std::uint64_t>(end));
  }
}

void add_work(Families& families, const Figures& figures) {
  families.durations<std::uint32_t>("sallyport_config_propagation_seconds",
                                    "From the arrival of a change until every worker served it.", {},
                                    control::Propagation::bounds, figures.propagation.counts, figures.propagation.sum);
  families.counter("sallyport_config_translations_total", "Objects that were translated, again or first.", {},
                   figures.work.translate);
  families.counter("sallyport_config_resolutions_total", "Groups of rivals among which a winner was looked for.", {},
                   figures.work.resolve);
  const routing::CompilerCounts& compiled = figures.compiled;
  families.gauge("sallyport_rules", "Rules in force.", {}, compiled.rules);
  families.gauge("sallyport_rules_outside_index",
                 "Rules in force that are compared with every request that reaches them.", {},
                 compiled.rules_outside_index);
  families.gauge("sallyport_snapshots_alive", "Versions of the configuration that something still uses.", {},
                 compiled.snapshots);
  families.gauge("sallyport_snapshot_nodes", "Nodes of all snapshots together; they share most of them.", {},
                 static_cast<std::uint64_t>(compiled.nodes));
  families.gauge("sallyport_snapshot_bytes", "Memory of these nodes.", {}, static_cast<std::uint64_t>(compiled.bytes));
  families.counter("sallyport_snapshot_nodes_made_total", "Nodes that changes made anew.", {}, compiled.nodes_made);
}

void add_last_good(Families& families, const LastGoodFigures& figures) {
  const auto& kept = figures.kept;
  families.counter("sallyport_last_good_writes_total", "Times that the configuration in force was kept on the disk.",
                   {}, kept.writes);
  families.counter("sallyport_last_good_failures_total", "Times that it could not be kept.", {}, kept.failures);
  families.gauge("sallyport_last_good_written_seconds", "When it was kept last, in seconds since 1970.", {},
                 static_cast<std::uint64_t>(kept.written));
  families.gauge("sallyport_last_good_bytes", "How large it is.", {}, kept.bytes);
  families.gauge("sallyport_last_good_unconfirmed_objects",
                 "Objects in force that were restored and that the source has not given.", {}, figures.unconfirmed);
}

void add_kinds(Families& families, const std::vector<sources::api_server::KindFigures>& kinds) {
  using sources::api_server::kind_states;
  for (const auto& kind : kinds) {
    const Labels labels = {{"kind", kind.kind}};
    for (std::size_t state = 0; state < kind_states.size(); ++state) {
      families.gauge("sallyport_source_state", "1 for the state that a kind is in, as it is read from the API server.",
                     {{"kind", kind.kind}, {"state", kind_states[state]}},
                     static_cast<std::size_t>(kind.state) == state ? 1 : 0);
    }
    if (kind.age) {
      families.gauge("sallyport_source_age_seconds",
                     "Age of what is in force of a kind: since the API server last said anything of it.", labels,
                     static_cast<std::uint64_t>(std::max<std::int64_t>(0, kind.age->count() / 1000)));
    }
    families.gauge("sallyport_source_objects", "Objects of a kind that are known of the API server.", labels,
                   kind.objects);
    families.counter("sallyport_source_lists_total", "Whole lists of a kind, the first and those again.", labels,
                     kind.lists);
    families.counter("sallyport_source_lost_events_total", "Changes that no watch had told of, and a comparison found.",
                     labels, kind.lost_events);
  }
}

void add_told_back(Families& families, const Figures::ToldBack& told) {
  families.gauge("sallyport_leader", "Whether this replica writes statuses and Events.", {}, told.leads ? 1 : 0);
  const auto status = [&](std::string_view result, std::uint64_t count) {
    families.counter("sallyport_status_writes_total", "Statuses of objects that were sent, by what came of it.",
                     {{"result", result}}, count);
  };
  status("written", told.statuses.written);
  status("conflict", told.statuses.conflicts);
  status("refused", told.statuses.refused);
  const auto event = [&](std::string_view result, std::uint64_t count) {
    families.counter("sallyport_events_total", "Events about objects, by what came of them.", {{"result", result}},
                     count);
  };
  event("created", told.events.created);
  event("repeated", told.events.repeated);
  event("known", told.events.known);
  event("dropped", told.events.dropped);
}

void add_reasons(Families& families, const std::vector<WorkerReport>& workers) {
  for (std::size_t code = 0; code < proxy::code_count; ++code) {
    std::uint64_t sum = 0;
    for (const WorkerReport& worker : workers) sum += worker.by_code[code];
    families.counter("sallyport_gateway_answers_total",
                     "Requests that the gateway answered or ended itself, by reason.",
                     {{"reason", http::answer_for(static_cast<Code>(code)).word}}, sum);
  }
}

void add_grpc_statuses(Families& families, const std::vector<WorkerReport>& workers) {
  for (std::size_t status = 0; status < http::grpc_status_count; ++status) {
    std::uint64_t sum = 0;
    for (const WorkerReport& worker : workers) sum += worker.by_grpc_status[status];
    families.counter("sallyport_grpc_statuses_total", "Calls of gRPC that ended, by status.",
                     {{"status", http::name_of(static_cast<http::GrpcStatus>(status))}}, sum);
  }
}

std::uint64_t sum_of(const std::vector<WorkerReport>& workers, std::uint64_t WorkerReport::* member) {
  std::uint64_t sum = 0;
  for (const WorkerReport& worker : workers) sum += worker.*member;
  return sum;
}

// What became of connections before their first request.
void add_arrivals(Families& families, const std::vector<WorkerReport>& workers) {
  const auto done = [&](const char* kind, std::uint64_t WorkerReport::* member) {
    families.counter("sallyport_tls_handshakes_total", "Handshakes of clients that were completed, by kind.",
                     {{"kind", kind}}, sum_of(workers, member));
  };
  done("full", &WorkerReport::full_handshakes);
  done("resumed", &WorkerReport::resumed_handshakes);
  for (std::size_t reason = 0; reason < net::tls::reason_count; ++reason) {
    std::uint64_t sum = 0;
    for (const WorkerReport& worker : workers) sum += worker.refusals[reason];
    families.counter("sallyport_tls_handshake_failures_total", "Handshakes of clients that came to nothing, by reason.",
                     {{"reason", net::tls::word(static_cast<net::tls::Reason>(reason))}}, sum);
  }
  for (std::size_t loss = 0; loss < proxy::proxy_loss_count; ++loss) {
    std::uint64_t sum = 0;
    for (const WorkerReport& worker : workers) sum += worker.proxy_losses[loss];
    families.counter(
        "sallyport_proxy_header_failures_total",
        "Connections closed because they did not begin with the PROXY header that they should have, by reason.",
        {{"reason", proxy::word(static_cast<proxy::ProxyLoss>(loss))}}, sum);
  }
}

void add_to(BackendReport& sum, const BackendReport& one) {
  sum.requests.add(one.requests);
  sum.connects += one.connects;
  sum.connect_failures += one.connect_failures;
  sum.stale_retries += one.stale_retries;
}

void add_to(WorkerReport& sum, const WorkerReport& one) {
  sum.accepted += one.accepted;
  sum.open += one.open;
  sum.held_bytes += one.held_bytes;
  sum.charged_bytes += one.charged_bytes;
  sum.frame_bytes += one.frame_bytes;
  sum.pressure = std::max(sum.pressure, one.pressure);
  sum.sources_refused += one.sources_refused;
  sum.shed += one.shed;
  sum.cut += one.cut;
  sum.lost_log_lines += one.lost_log_lines;
  sum.notes += one.notes;
}

template <class Add>
std::size_t series_of(Add add) {
  Families one;
  add(one);
  return one.series();
}

// Gives how many were left over.
std::size_t add_workers(Families& families, const std::vector<WorkerReport>& workers, std::size_t room) {
  const std::size_t cost = series_of([](Families& one) { add_worker(one, "", {}); });
  const std::size_t own = fitting(workers.size(), cost, room);
  std::vector<const WorkerReport*> by_number;  // they answered in any order
  for (const WorkerReport& worker : workers) by_number.push_back(&worker);
  std::ranges::sort(by_number, {}, [](const WorkerReport* worker) { return worker->number; });
  WorkerReport rest;
  for (std::size_t at = 0; at < by_number.size(); ++at) {
    if (at < own) {
      add_worker(families, std::to_string(by_number[at]->number), *by_number[at]);
    } else {
      add_to(rest, *by_number[at]);
    }
  }
  if (own < workers.size()) add_worker(families, overflow, rest);
  return workers.size() - own;
}

std::size_t backend_cost() {
  return series_of([](Families& one) { add_backend(one, "", {}); });
}

// Of which one place is kept for the overflow.
std::size_t most_own(std::size_t room) {
  const std::size_t places = room / backend_cost();
  return places == 0 ? 0 : places - 1;
}

void add_backends(Families& families, const BackendSeries::ById& backends, const BackendSeries& series) {
  for (const auto& [id, backend] : backends) {
    if (series.has_own(id)) add_backend(families, id, backend);
  }
  if (series.has_overflow()) add_backend(families, overflow, series.overflow());
}

}  // namespace

std::string metrics_text(const std::vector<WorkerReport>& workers, const Figures& figures, std::size_t most_series,
                         BackendSeries& series) {
  Families families;
  families.gauge("sallyport_build_info", "Always 1.", {{"version", version}, {"commit", commit}}, 1);
  families.gauge("sallyport_ready", "1 when the configuration was read and every worker serves it.", {},
                 figures.ready ? 1 : 0);
  families.gauge("sallyport_config_version", "Grows by one with each change of what is served.", {}, figures.version);
  add_objects(families, figures);
  add_work(families, figures);
  if (figures.last_good) add_last_good(families, *figures.last_good);
  add_kinds(families, figures.kinds);
  if (figures.told_back) add_told_back(families, *figures.told_back);
  add_reasons(families, workers);
  add_grpc_statuses(families, workers);
  add_arrivals(families, workers);
  add_certificates(families, figures.certificates, room_left(families, most_series) / 4);

  BackendSeries::ById backends;
  proxy::RequestCounters unrouted;
  for (const WorkerReport& worker : workers) {
    unrouted.add(worker.unrouted);
    for (const BackendReport& one : worker.backends) add_to(backends[one.id], one);
  }
  add_requests(families, "", unrouted);

  // What does not depend on which backends there are, so that each reading has as much room for them: the two series
  // below that tell of the overflow, and the overflow's own.
  const std::size_t reserved = 2 + backend_cost();
  const std::size_t room = room_left(families, most_series);
  const std::size_t workers_over = add_workers(families, workers, room > reserved ? room - reserved : 0);
  const std::size_t room_for_backends = room_left(families, most_series);
  series.take(backends, most_own(room_for_backends > 2 ? room_for_backends - 2 : 0));
  add_backends(families, backends, series);
  const auto over = [&](const char* label, std::size_t count) {
    families.gauge("sallyport_metric_overflow", "Workers, and backends that were asked, without series of their own.",
                   {{"label", label}}, count);
  };
  over("worker", workers_over);
  over("backend", series.over());
  return families.text();
}

}  // namespace sallyport::commands
