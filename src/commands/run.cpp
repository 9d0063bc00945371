// SPDX-License-Identifier: Apache-2.0
#include "commands/run.hpp"

#include <csignal>
#include <filesystem>
#include <memory>
#include <utility>

#include "admin/health_pages.hpp"
#include "base/text.hpp"
#include "commands/log.hpp"
#include "commands/metrics.hpp"
#include "commands/signals.hpp"
#include "control/control.hpp"
#include "http/h1/server.hpp"
#include "net/acceptor.hpp"
#include "net/ledger.hpp"
#include "net/listening_sockets.hpp"
#include "net/loop.hpp"
#include "net/sleep.hpp"
#include "net/task.hpp"
#include "proxy/workers.hpp"
#include "routing/compiler.hpp"
#include "sources/folder.hpp"

namespace sallyport::commands {
namespace {

constexpr std::size_t most_health_connections = 64;  // more are closed at once: descriptors are for clients
constexpr net::Duration hung{5'000};                 // a loop that has not turned for so long

// What was passed over is no cause for alarm.
void log_verdict(const std::string& line) {
  const bool good = line.starts_with("accepted") || line.starts_with("ignored");
  good ? log_info(line) : log_warning(line);
}

// All parts, wired: objects come in from the source, control makes deltas of them, the compiler snapshots, the workers
// serve, and their reports go back to control. Belongs to the main thread, which is control's.
class Gateway {
 public:
  explicit Gateway(const RunOptions& options)
      : options_(options),
        signals_(loop_, {SIGTERM, SIGINT, SIGHUP, SIGUSR1}, [this](int signal) { on_signal(signal); }),
        source_(loop_, options.config),
        sink_(log_verdict),
        control_(
            source_, sink_, options.control, [this](model::Delta delta) { workers_->adopt(compiler_.apply(delta)); },
            log_verdict) {}

  int serve();

 private:
  Result<void> start();
  Result<void> open_health_port();
  void on_signal(int signal);
  net::Task<void> shut_down();
  void bound(const model::Bound& report);
  void adopted(model::Adopted report);
  std::string not_live() const;
  std::string not_ready() const;
  net::Task<std::string> metrics();

  const RunOptions& options_;
  net::Loop loop_;
  Signals signals_;
  sources::Folder source_;
  control::LineSink sink_;
  control::Control control_;
  routing::Compiler compiler_;
  std::unique_ptr<proxy::Workers> workers_;
  net::Ledger health_ledger_{64 * 1024 * 1024};
  http::h1::ServerSettings health_settings_;
  std::unique_ptr<admin::HealthPages> health_pages_;
  std::unique_ptr<http::h1::Server> health_server_;
  std::unique_ptr<net::Acceptor> health_acceptor_;
  net::Task<void> ending_;
  std::size_t bound_ = 0;
  bool is_ending_ = false;
  bool was_ready_ = false;
  int status_ = 0;
};

Result<void> Gateway::start() {
  auto workers = proxy::Workers::start(
      loop_, options_.proxy, [this](model::Adopted report) { adopted(report); },
      [this](const model::Bound& report) { bound(report); });
  if (!workers) return Failure(workers.error());
  workers_ = std::move(*workers);
  if (const auto opened = open_health_port(); !opened) return opened;
  return control_.start();
}

int Gateway::serve() {
  if (const auto started = start(); !started) {
    log_error(started.error().detail);
    return 1;
  }
  loop_.run();
  ending_.reset();
  health_acceptor_.reset();
  health_server_.reset();
  workers_.reset();
  return status_;
}

Result<void> Gateway::open_health_port() {
  if (!options_.health) return {};
  auto sockets = net::open_listening_sockets(*options_.health, 1);
  if (!sockets) return fail(invalid(text::cat("--health: ", sockets.error().detail)));
  health_pages_ = std::make_unique<admin::HealthPages>(admin::HealthReports{
      .not_live = [this] { return not_live(); },
      .not_ready = [this] { return not_ready(); },
      .metrics = [this] { return metrics(); },
  });
  health_server_ = std::make_unique<http::h1::Server>(loop_, *health_pages_, health_settings_, health_ledger_);
  health_acceptor_ = std::make_unique<net::Acceptor>(loop_, std::move(sockets->by_slot.front()),
                                                     [this](net::Fd fd, const syntax::SocketAddress& peer) {
                                                       if (health_server_->connections() < most_health_connections)
                                                         health_server_->accept(std::move(fd), peer);
                                                     });
  log_info(text::cat("health and metrics on http://", sockets->bound.text()));
  return {};
}

void Gateway::bound(const model::Bound& report) {
  control_.bound(report);
  if (!report.problem.empty()) return;  // control has named it
  ++bound_;
  log_info(text::cat("listening on http://", report.address.text(), " (", report.listener, ")"));
}

void Gateway::adopted(model::Adopted report) {
  control_.adopted(report);
  if (was_ready_ || !control_.is_ready()) return;
  was_ready_ = true;
  if (bound_ == 0) {
    log_error("no listener could be opened: nothing can be served");
    status_ = 1;
    return loop_.stop();
  }
  log_info(text::cat("ready: serving ", options_.config, " with ", options_.proxy.workers, " workers"));
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
  if (options_.lameduck != net::Duration::zero()) {
    log_info(text::cat("not ready any more; accepting for another ", options_.lameduck.count(), " ms"));
  }
  co_await net::Sleep(loop_, options_.lameduck);
  log_info("draining: a second signal ends at once");
  workers_->drain([this] { loop_.stop(); });
  co_await net::Sleep(loop_, options_.drain);
  log_warning("draining took too long: cutting what is left");
  loop_.stop();
}

std::string Gateway::not_live() const {
  const auto now = std::chrono::duration_cast<net::Duration>(loop_.now().time_since_epoch());
  return now - workers_->oldest_turn() > hung ? "a worker has not turned for 5 s" : "";
}

std::string Gateway::not_ready() const {
  if (is_ending_) return "shutting down";
  return control_.is_ready() ? "" : "the configuration is not read and served by all workers yet";
}

net::Task<std::string> Gateway::metrics() {
  const std::vector<proxy::WorkerReport> reports = co_await workers_->gathered();
  const Readiness readiness{.ready = not_ready().empty(), .version = control_.version()};
  co_return metrics_text(reports, readiness);
}

}  // namespace

int run(const RunOptions& options) {
  std::error_code error;
  if (!std::filesystem::is_directory(options.config, error)) {
    log_error(text::cat("--config ", options.config, ": there is no such folder"));
    return 2;
  }
  return Gateway(options).serve();
}

}  // namespace sallyport::commands
