// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "admin/health_pages.hpp"
#include "base/secret_memory.hpp"
#include "base/text.hpp"
#include "commands/admin_port.hpp"
#include "commands/bind_problems.hpp"
#include "commands/cluster.hpp"
#include "commands/default_certificate.hpp"
#include "commands/doubtful_options.hpp"
#include "commands/expiring.hpp"
#include "commands/last_good.hpp"
#include "commands/limits_in_force.hpp"
#include "commands/log.hpp"
#include "commands/metrics.hpp"
#include "commands/model_in_force.hpp"
#include "commands/named_object.hpp"
#include "commands/outside_index.hpp"
#include "commands/page_port.hpp"
#include "commands/signals.hpp"
#include "commands/sorted_statuses.hpp"
#include "commands/status_file.hpp"
#include "commands/supervisor.hpp"
#include "commands/told_back.hpp"
#include "control/control.hpp"
#include "net/listening_sockets.hpp"
#include "net/loop.hpp"
#include "net/sleep.hpp"
#include "net/task.hpp"
#include "proxy/workers.hpp"
#include "routing/compiler.hpp"
#include "sources/folder.hpp"

namespace sallyport::commands {
namespace {

constexpr net::Duration hung{5'000};  // a loop that has not turned for so long

// What was passed over is no cause for alarm.
void log_verdict(const std::string& line) {
  static constexpr std::array<std::string_view, 5> good_words = {"accepted ", "ignored ", "removed ", "unused ",
                                                                 "mended"};
  const bool good = std::ranges::any_of(good_words, [&](std::string_view word) { return line.starts_with(word); });
  good ? log_info(line) : log_warning(line);
}

bool is_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

std::string_view why_no_folder(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error) ? "it is no folder" : "there is no such folder";
}

// All parts, wired: objects come in from the source, control makes deltas of them, the compiler snapshots, the workers
// serve, and their reports go back to control. Belongs to the main thread, which is control's.
class Gateway {
 public:
  // `access` is the cluster's, if it is one that is served; `own_pod` is set where the addresses of its like's nodes
  // are to be told.
  Gateway(const RunOptions& options, std::optional<sources::api_server::AccessSettings> access,
          std::optional<sources::api_server::OwnPod> own_pod)
      : options_(options),
        own_pod_(std::move(own_pod)),
        signals_(loop_, {SIGTERM, SIGINT, SIGHUP, SIGUSR1}, [this](int signal) { on_signal(signal); }),
        where_(access ? "the API server of " + access->origin : options.config),
        cluster_(access ? std::make_unique<Cluster>(loop_, *std::move(access), options.cluster) : nullptr),
        folder_(cluster_ ? nullptr : std::make_unique<sources::Folder>(loop_, options.config)),
        lines_(log_verdict),
        control_(
            source(), told_back_, options.control, [this](model::Delta delta) { apply(delta); }, log_verdict),
        compiler_([this] { loop_.post([this] { workers_->forget(compiler_.free_retired()); }); }) {}

  int serve();

 private:
  struct Look final : net::Timer {
    explicit Look(Gateway& of) : gateway(of) {}
    void fire() override { gateway.watch_pressure(); }
    Gateway& gateway;
  };

  sources::Source& source() { return cluster_ ? cluster_->source() : *folder_; }
  Result<void> start();
  Result<void> start_workers();
  Result<void> open_health_ports();
  Result<void> open_admin_port();
  void open_status_file();
  Result<void> open_last_good();
  void begin_telling();
  void apply(const model::Delta& delta);
  void on_signal(int signal);
  void tell_of_named();
  void watch_pressure();
  net::Task<void> shut_down();
  void drained();
  net::Task<void> wait_for_lease();
  void bound(const model::Bound& report);
  void adopted(model::Adopted report);
  void look_how_far();
  void began_to_serve();
  std::string not_live() const;
  std::string not_ready() const;
  net::Task<std::string> metrics();
  StatusReport status();
  Result<Explained> explain(const Asked& asked);

  const RunOptions& options_;
  const std::optional<sources::api_server::OwnPod> own_pod_;
  proxy::Settings serving_ = options_.proxy;  // and what is known once our own ports are open
  net::Loop loop_;
  Signals signals_;
  const std::string where_;                  // objects come from, for people
  std::unique_ptr<Cluster> cluster_;         // one of the two
  std::unique_ptr<sources::Folder> folder_;  //
  control::LineSink lines_;
  ToldBack told_back_{lines_};
  control::Control control_;
  routing::Compiler compiler_;
  std::unique_ptr<proxy::Workers> workers_;
  ModelInForce model_;
  BindProblems bind_problems_;
  DefaultCertificate default_certificate_{options_.control.default_certificate};
  NamedObject published_service_{"--publish-service", options_.control.publish_service};
  BackendSeries backend_series_;
  SortedStatuses sorted_statuses_;
  std::vector<std::unique_ptr<PagePort>> health_ports_;
  std::unique_ptr<AdminPort> admin_port_;
  std::optional<StatusFile> status_file_;
  std::optional<LastGood> last_good_;
  net::Task<void> ending_;
  net::Task<void> giving_back_;
  Look look_{*this};
  Supervisor supervisor_{loop_, Supervisor::place(), [this] { return !workers_ || not_live().empty(); }};
  proxy::Stage stage_ = proxy::Stage::calm;
  std::size_t bound_ = 0;
  bool is_ending_ = false;
  bool is_told_ = false;  // nothing is to be told to a cluster any more
  bool is_drained_ = false;
  bool was_serving_ = false;
  bool was_ready_ = false;
  int status_ = 0;
};

Result<void> Gateway::start() {
  if (const auto opened = open_health_ports(); !opened) return opened;
  if (const auto opened = open_admin_port(); !opened) return opened;
  if (const auto started = start_workers(); !started) return started;
  begin_telling();
  open_status_file();
  if (const auto opened = open_last_good(); !opened) return opened;
  control_.on_change([this] {
    if (status_file_) status_file_->changed();
    if (last_good_) last_good_->changed();
    look_how_far();
  });
  watch_pressure();
  return control_.start();
}

Result<void> Gateway::start_workers() {
  auto workers = proxy::Workers::start(
      loop_, serving_, [this](model::Adopted report) { adopted(report); },
      [this](const model::Bound& report) { bound(report); });
  if (!workers) return Failure(workers.error());
  workers_ = std::move(*workers);
  return {};
}

int Gateway::serve() {
  if (const auto started = start(); !started) {
    log_error(started.error().detail);
    return 1;
  }
  loop_.run();
  ending_.reset();
  giving_back_.reset();
  if (status_file_) status_file_->finish();
  if (last_good_) last_good_->finish();
  admin_port_.reset();
  health_ports_.clear();
  workers_.reset();
  return status_;
}

// Where a family of addresses is switched off, those of the other will do.
Result<void> Gateway::open_health_ports() {
  std::string problem;
  for (const syntax::SocketAddress& address : options_.health) {
    auto sockets = net::open_listening_sockets(address, 1);
    if (!sockets) {
      problem = text::cat("--health: ", sockets.error().detail);
      log_warning(problem);
      continue;
    }
    auto pages = std::make_unique<admin::HealthPages>(admin::HealthReports{
        .not_live = [this] { return not_live(); },
        .not_ready = [this] { return not_ready(); },
        .metrics = [this] { return metrics(); },
    });
    health_ports_.push_back(std::make_unique<PagePort>(loop_, std::move(pages), std::move(sockets->by_slot.front())));
    log_info(text::cat("health and metrics on http://", sockets->bound.text()));
    serving_.connect_rules.own_ports.push_back(sockets->bound);
  }
  if (!health_ports_.empty() || options_.health.empty()) return {};
  return fail(invalid(std::move(problem)));
}

Result<void> Gateway::open_admin_port() {
  if (is_off(options_.admin)) return {};
  auto port = AdminPort::open(loop_, options_.admin,
                              {.config = [this] { return model_.report(); },
                               .limits = [this] { return limits_json(options_); },
                               .status = [this] { return status(); },
                               .explain = [this](const Asked& asked) { return explain(asked); }});
  if (!port) return Failure(port.error());
  admin_port_ = std::move(*port);
  if (const auto& address = admin_port_->address()) serving_.connect_rules.own_ports.push_back(*address);
  log_info(text::cat("config, status and explain on ", admin_port_->where()));
  return {};
}

void Gateway::open_status_file() {
  if (options_.status_file.empty()) return;
  status_file_.emplace(
      loop_, options_.status_file, [this] { return std::make_unique<StatusText>(status(), StatusFilter()); },
      log_error);
}

Result<void> Gateway::open_last_good() {
  if (options_.last_good.directory.empty()) return {};
  last_good_.emplace(loop_, control_, options_.last_good);
  if (last_good_->restore() || cluster_ || is_folder(options_.config)) return {};
  return fail(invalid(
      text::cat("--config ", options_.config, ": ", why_no_folder(options_.config), ", and nothing to restore")));
}

// Before anything is published, also of what was last good.
void Gateway::begin_telling() {
  if (!cluster_) return;
  auto place = lease_of(options_.cluster, cluster_->access());
  if (place) told_back_.begin(loop_, cluster_->api(), *std::move(place), control_, own_pod_);
}

void Gateway::apply(const model::Delta& delta) {
  if (!is_off(options_.admin)) model_.apply(delta);  // for /config and /explain alone
  default_certificate_.note(delta);
  for (const Expiring& one : expiring(delta.certificates.changed, seconds_now())) {
    if (one.is_out_of_date()) log_warning(to_text(one));
  }
  workers_->adopt(compiler_.apply(delta));
}

void Gateway::bound(const model::Bound& report) {
  control_.bound(report);
  bind_problems_.note(report);
  if (status_file_) status_file_->changed();
  if (!report.problem.empty()) return;  // control has named it
  ++bound_;
  const routing::Listener* const listener = compiler_.current()->listener(report.listener);
  const std::string_view scheme = listener != nullptr && listener->model.tls ? "https://" : "http://";
  log_info(text::cat("listening on ", scheme, report.address.text(), " (", report.listener, ")"));
}

void Gateway::adopted(model::Adopted report) {
  control_.adopted(report);
  look_how_far();
  if (was_ready_) tell_of_named();
}

// A supervisor only wants to know that it serves: it would end what is not ready for long.
void Gateway::look_how_far() {
  if (!was_serving_ && control_.is_serving()) began_to_serve();
  if (status_ != 0 || was_ready_ || !control_.is_ready()) return;
  was_ready_ = true;
  tell_of_named();
  supervisor_.ready("serving");
  log_info(text::cat("ready: serving ", where_, " with ", options_.proxy.workers, " workers"));
}

void Gateway::began_to_serve() {
  was_serving_ = true;
  if (bound_ == 0) {
    log_error("no listener could be opened: nothing can be served");
    status_ = 1;
    return loop_.stop();
  }
  if (!secret_memory_is_locked()) {
    log_warning("memory for private keys cannot be locked, so they may be swapped out: raise RLIMIT_MEMLOCK");
  }
  if (control_.is_ready()) return;
  supervisor_.ready("serving without certificates");
  log_warning(
      "serving without the Secrets that were left out: hosts with TLS wait for the source, and so does /readyz");
}

// Objects that options name.
void Gateway::tell_of_named() {
  const auto tell = [](const std::optional<NamedObject::News>& news) {
    if (news) news->is_problem ? log_warning(news->line) : log_info(news->line);
  };
  tell(default_certificate_.news());
  const auto& service = published_service_.wanted();
  tell(published_service_.news(service && control_.status(*service) != nullptr));
}

// Asked for instead of told, so that however often a stage changes there are a few lines a second.
void Gateway::watch_pressure() {
  constexpr net::Duration between_looks{200};
  loop_.timers().arm(look_, loop_.now() + between_looks);
  const proxy::Stage now = workers_->stage();
  if (now == stage_) return;
  stage_ = now;
  const auto number = static_cast<unsigned>(now);
  log_warning(text::cat("pressure: stage ", number, ": ", proxy::describe(now)));
}

void Gateway::on_signal(int signal) {
  if (signal == SIGHUP) {
    log_info("SIGHUP: reading everything again");
    return control_.reload();
  }
  if (signal == SIGUSR1) return workers_->reopen_access_log();
  if (std::exchange(is_ending_, true)) {
    log_info("ending at once");
    return loop_.stop();
  }
  ending_ = shut_down();
  ending_.start();
}

net::Task<void> Gateway::shut_down() {
  supervisor_.stopping();
  told_back_.stop([this] {
    is_told_ = true;
    if (is_drained_) loop_.stop();
  });
  if (options_.lameduck != net::Duration::zero()) {
    log_info(text::cat("not ready any more; accepting for another ", options_.lameduck.count(), " ms"));
  }
  co_await net::Sleep(loop_, options_.lameduck);
  log_info("draining: a second signal ends at once");
  workers_->drain([this] { drained(); });
  co_await net::Sleep(loop_, options_.drain);
  if (is_drained_) co_return;  // and waits for the lease, no longer than that may take
  log_warning("draining took too long: cutting what is left");
  loop_.stop();
}

// The lease is mostly given back by then. If not, it ends by itself.
void Gateway::drained() {
  is_drained_ = true;
  if (is_told_) return loop_.stop();
  giving_back_ = wait_for_lease();
  giving_back_.start();
}

net::Task<void> Gateway::wait_for_lease() {
  constexpr net::Duration long_enough{2'000};
  co_await net::Sleep(loop_, long_enough);
  loop_.stop();
}

std::string Gateway::not_live() const {
  const auto now = std::chrono::duration_cast<net::Duration>(loop_.now().time_since_epoch());
  return now - workers_->oldest_turn() > hung ? "a worker has not turned for 5 s" : "";
}

std::string Gateway::not_ready() const {
  if (is_ending_) return "shutting down";
  if (control_.is_ready()) return "";
  return control_.is_serving() ? "what was last good is served, and the Secrets that it refers to are not there yet"
                               : "the configuration is not read and served by all workers yet";
}

net::Task<std::string> Gateway::metrics() {
  const std::vector<proxy::WorkerReport> reports = co_await workers_->gathered();
  Figures figures{.ready = not_ready().empty(),
                  .version = control_.version(),
                  .objects = control_.totals(),
                  .work = control_.work(),
                  .propagation = control_.propagation(),
                  .compiled = compiler_.counts()};
  compiler_.current()->certificates.for_each(
      [&](const routing::Certificate& one) { figures.certificates.push_back({one.model.id, one.model.not_after}); });
  for (const sources::Problem& problem : control_.problems()) {
    ++figures.file_problems.at(static_cast<std::size_t>(problem.kind));
  }
  if (last_good_) figures.last_good = last_good_->figures();
  if (cluster_) figures.kinds = cluster_->kinds();
  figures.told_back = told_back_.figures();
  co_return metrics_text(reports, figures, options_.metric_series, backend_series_);
}

StatusReport Gateway::status() {
  StatusReport report{.version = control_.adopted_version(),
                      .objects = sorted_statuses_.of(control_.statuses(), control_.members()),
                      .problems = control_.problems(),
                      .outside_index = origins_of(compiler_.outside_index())};
  compiler_.current()->listeners.for_each(
      [&](const routing::Listener& listener) { bind_problems_.append_to(report.unbound, listener.model); });
  return report;
}

Result<Explained> Gateway::explain(const Asked& asked) {
  const Reading reading{.limits = options_.proxy.server.limits, .conduct = options_.proxy.server.conduct};
  Result<Explained> explained = explain_request(*compiler_.current(), asked, reading, loop_);
  if (!explained) return explained;
  explained->context = context_of(
      *explained, control_, [this](const auto& call) { model_.for_each_rule(call); },
      [this](const ObjectRef& ref) { return control_.status(ref); });
  return explained;
}

// It would be read as what it tells of, and tell of itself.
bool lies_in(const std::string& folder, const std::string& file) {
  std::error_code error;
  const auto inner = std::filesystem::weakly_canonical(file, error);
  const auto outer = std::filesystem::weakly_canonical(folder, error);
  return std::ranges::mismatch(outer, inner).in1 == outer.end();
}

}  // namespace

int run(const RunOptions& options) {
  const std::string& last_good = options.last_good.directory;
  const bool reads_folder = !options.cluster.is_wanted;
  std::optional<sources::api_server::AccessSettings> access;
  std::optional<sources::api_server::OwnPod> own_pod;
  if (!reads_folder) {
    auto found = access_of(options.cluster);
    if (!found) {
      log_error(found.error().detail);
      return 2;
    }
    access = *std::move(found);
    const bool is_told = !options.control.publish_addresses.empty() || options.control.publish_service;
    auto pod = own_pod_of(options.cluster, *access, is_told);
    if (!pod) {
      log_error(pod.error().detail);
      return 2;
    }
    own_pod = *std::move(pod);
    log_info(text::cat("reading the API server of ", access->origin));
  }
  if (reads_folder && last_good.empty() && !is_folder(options.config)) {
    log_error(text::cat("--config ", options.config, ": ", why_no_folder(options.config)));
    return 2;
  }
  for (const auto& [name, path] :
       {std::pair("--status-file ", &options.status_file), std::pair("--last-good ", &last_good)}) {
    if (!reads_folder || path->empty() || !lies_in(options.config, *path)) continue;
    log_error(text::cat(name, *path, ": it must not lie in the folder that is read"));
    return 2;
  }
  if (const std::string why = why_no_status_file(options.status_file); !why.empty()) {
    log_error(text::cat("--status-file ", options.status_file, ": ", why));
    return 2;
  }
  for (const std::string& doubt : doubtful_options(options.control, options.cluster)) log_warning(doubt);
  if (access) {
    for (const std::string& line : unwritten(options.control, options.cluster, *access)) log_warning(line);
  }
  return Gateway(options, std::move(access), std::move(own_pod)).serve();
}

}  // namespace sallyport::commands
