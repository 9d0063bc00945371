// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/access.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "sources/api_server/exec_plugin.hpp"
#include "sources/secret_file.hpp"

namespace sallyport::sources::api_server {
namespace {

constexpr std::size_t most_authority = 1024 * 1024;
constexpr std::size_t most_pem = 256 * 1024;
constexpr std::size_t most_token = 64 * 1024;
constexpr std::string_view bearer = "Bearer ";

SecretBytes copy_of(const SecretBytes& bytes) { return SecretBytes(bytes.reveal()); }

bool is_same(const SecretBytes& one, const SecretBytes& other) { return one.reveal() == other.reveal(); }

// What is in memory comes first; without either it is empty.
Result<std::string> text_or_file(const std::string& text, const std::string& file, std::size_t most) {
  if (!text.empty() || file.empty()) return text;
  const Result<SecretBytes> read = read_secret_file(file, most);
  if (!read) return Failure(read.error());
  return std::string(read->reveal());
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  const std::size_t first = text.find_first_not_of(white);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(white) + 1 - first);
}

Result<SecretBytes> read_token(const std::string& file) {
  const Result<SecretBytes> read = read_secret_file(file, most_token);
  if (!read) return Failure(read.error());
  const std::string_view token = trimmed(read->reveal());
  if (token.empty()) return fail(invalid(text::cat(file, ": is empty, where a token should be")));
  if (!can_be_sent(token)) return fail(invalid(text::cat(file, ": has bytes that are in no token")));
  return SecretBytes(token);
}

std::shared_ptr<const SecretBytes> authorization_of(std::string_view token) {
  if (token.empty()) return nullptr;
  SecretBytes value(bearer.size() + token.size());
  std::memcpy(value.writable(), bearer.data(), bearer.size());
  std::memcpy(value.writable() + bearer.size(), token.data(), token.size());
  return std::make_shared<const SecretBytes>(std::move(value));
}

// A wall clock's time as one of ours: how long it is from now counts.
net::Duration lifetime_of(const kube::Timestamp& expires, net::Loop& loop) {
  constexpr std::int64_t most = std::int64_t{10} * 365 * 24 * 3600;
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(loop.wall().time_since_epoch()).count();
  return std::chrono::seconds(std::clamp<std::int64_t>(expires.seconds - now, 0, most));
}

}  // namespace

Result<Access::Read> Access::read_files() const {
  Read read;
  Result<std::string> authority = text_or_file(settings_.authority, settings_.authority_file, most_authority);
  if (!authority) return Failure(authority.error());
  Result<std::string> certificate = text_or_file(settings_.certificate, settings_.certificate_file, most_pem);
  if (!certificate) return Failure(certificate.error());
  read.authority = std::move(*authority);
  read.certificate = std::move(*certificate);
  read.key = copy_of(settings_.key);
  if (read.key.empty() && !settings_.key_file.empty()) {
    Result<SecretBytes> key = read_secret_file(settings_.key_file, most_pem);
    if (!key) return Failure(key.error());
    read.key = std::move(*key);
  }
  read.token = copy_of(settings_.token);
  if (!settings_.token_file.empty()) {
    Result<SecretBytes> token = read_token(settings_.token_file);
    if (!token && read.token.empty()) return Failure(token.error());
    if (token) read.token = std::move(*token);
  }
  return read;
}

Result<void> Access::take(Read read) {
  if (of_plugin_) {
    read.token = copy_of(of_plugin_->token);
    read.certificate = of_plugin_->certificate;
    read.key = copy_of(of_plugin_->key);
  }
  if (!can_be_sent(read.token.reveal())) {
    return fail(invalid(text::cat("the token of ", settings_.origin, " has bytes that are in no token")));
  }
  auto authorization = authorization_of(read.token.reveal());
  const bool had = current_.authorization != nullptr;
  if (had != (authorization != nullptr) || (had && !is_same(*authorization, *current_.authorization))) {
    current_.authorization = std::move(authorization);
    ++current_.edition;
  }
  const TlsMaterial* const tls = current_.tls.get();
  if (tls == nullptr || tls->authority != read.authority || tls->certificate != read.certificate ||
      !is_same(tls->key, read.key)) {
    current_.tls = std::make_shared<const TlsMaterial>(TlsMaterial{.authority = std::move(read.authority),
                                                                   .certificate = std::move(read.certificate),
                                                                   .key = std::move(read.key)});
    ++current_.edition;
  }
  is_read_ = true;
  return {};
}

Result<void> Access::read_again() {
  read_again_at_ = loop_.now() + reread_pause;
  Result<Read> read = read_files();
  const Result<void> taken = read ? take(std::move(*read)) : Failure(read.error());
  problem_.reset();
  if (!taken) problem_ = taken.error();
  return taken;
}

bool Access::wants_plugin() const {
  return settings_.exec && (!of_plugin_ || (loop_.now() >= plugin_renew_at_ && loop_.now() >= plugin_not_before_));
}

// What is still good is shown while the plugin is at its successor.
net::Task<Result<Credentials>> Access::current(net::Time deadline) {
  if (wants_plugin()) {
    Result<void> there = start_plugin();
    const bool is_usable = of_plugin_ && loop_.now() < plugin_expires_at_;
    if (there && !is_usable) there = co_await wait_for_plugin(deadline);
    if (!there && !is_usable) co_return Failure(there.error());
  }
  // Before anything was good, whoever asks may find it.
  if (!is_read_ || loop_.now() >= read_again_at_) {
    const Result<void> read = read_again();
    if (!read && !is_read_) co_return Failure(read.error());
  }
  co_return current_;
}

net::Task<bool> Access::renew(std::uint64_t refused, net::Time deadline) {
  if (current_.edition != refused) co_return true;
  if (settings_.exec) {
    if (!plugin_runs_ && loop_.now() < plugin_not_before_) co_return false;
    const Result<void> started = start_plugin();
    if (started) static_cast<void>(co_await wait_for_plugin(deadline));
  } else {
    static_cast<void>(read_again());
  }
  co_return current_.edition != refused;
}

// One run for all who want it.
Result<void> Access::start_plugin() {
  if (plugin_runs_) return {};
  if (loop_.now() < plugin_not_before_ && plugin_error_) return fail(*plugin_error_);
  const Result<std::string> authority = text_or_file(settings_.authority, settings_.authority_file, most_authority);
  if (!authority) return Failure(authority.error());
  plugin_runs_ = true;
  plugin_ = run_plugin(exec_info(settings_, *authority));
  plugin_.start();
  return {};
}

net::Task<Result<void>> Access::wait_for_plugin(net::Time deadline) {
  while (plugin_runs_) {
    if (loop_.now() >= deadline) {
      co_return fail(Code::upstream_timeout, "", text::cat("the exec plugin ", settings_.exec->command, " still runs"));
    }
    co_await plugin_ran_.wait(deadline);
  }
  if (plugin_error_) co_return fail(*plugin_error_);
  co_return Result<void>();
}

net::Task<void> Access::run_plugin(std::string info) {
  const net::Time deadline = loop_.now() + plugin_time;
  Result<ExecCredential> credential = co_await run_exec_plugin(loop_, *settings_.exec, std::move(info), deadline);
  take_plugin(std::move(credential));
  plugin_runs_ = false;
  plugin_ran_.wake();
}

void Access::take_plugin(Result<ExecCredential> credential) {
  const net::Time now = loop_.now();
  plugin_not_before_ = now + retry_pause;
  plugin_error_.reset();
  problem_.reset();
  if (!credential) {
    problem_ = plugin_error_ = credential.error();
    return;
  }
  of_plugin_ = std::move(*credential);
  plugin_renew_at_ = plugin_expires_at_ = net::Time::max();
  if (of_plugin_->expires) {
    const net::Duration lifetime = lifetime_of(*of_plugin_->expires, loop_);
    plugin_expires_at_ = now + lifetime;
    plugin_renew_at_ = plugin_expires_at_ - std::min(renew_before, lifetime / 2);
  }
  const Result<void> read = read_again();
  if (read) return;
  plugin_error_ = read.error();
  read_again_at_ = {};  // what the plugin gave is good, and is taken as soon as the files are
}

}  // namespace sallyport::sources::api_server
