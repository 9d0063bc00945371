// SPDX-License-Identifier: Apache-2.0
// Our credentials for the API server while the program runs (reference: reliability-security.md 3.16): files are read
// again every minute and when the server refuses what we show, a plugin is run again before what it gave expires, and
// then too. What cannot be renewed stays as it was for as long as it may.
//
// Belongs to its loop's thread. Files are small and read at once; a plugin runs beside the loop.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "net/waiters.hpp"
#include "sources/api_server/access_settings.hpp"
#include "sources/api_server/exec_credential.hpp"

namespace sallyport::sources::api_server {

// What connections are made with. All PEM.
struct TlsMaterial {
  std::string authority;    // empty: whom the system trusts
  std::string certificate;  // empty: we have none
  SecretBytes key;
};

struct Credentials {
  std::shared_ptr<const SecretBytes> authorization;  // the field's value, "Bearer ..."; null: it is not sent
  std::shared_ptr<const TlsMaterial> tls;            // another one when something of it is another
  std::uint64_t edition = 0;                         // grows with every change of the two
};

class Access {
 public:
  static constexpr net::Duration reread_pause{60'000};  // of files
  static constexpr net::Duration retry_pause{10'000};   // of a plugin: after a failure, and after a 401
  static constexpr net::Duration plugin_time{60'000};   // that it may take
  static constexpr net::Duration renew_before{60'000};  // its credential's end, if that lives long enough

  Access(net::Loop& loop, AccessSettings settings) : loop_(loop), settings_(std::move(settings)), plugin_ran_(loop) {}
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;

  const AccessSettings& settings() const { return settings_; }

  // An error says which file or plugin gives none.
  net::Task<Result<Credentials>> current(net::Time deadline);
  // The server has refused those of this edition (401). True: there are others now.
  net::Task<bool> renew(std::uint64_t refused, net::Time deadline);

  // Why what is in use could not be renewed; nothing: it could, or it need not be yet.
  const std::optional<Error>& problem() const { return problem_; }

 private:
  // As far as files have them.
  struct Read {
    std::string authority;
    std::string certificate;
    SecretBytes key;
    SecretBytes token;
  };

  Result<Read> read_files() const;
  Result<void> read_again();
  Result<void> take(Read read);
  bool wants_plugin() const;
  Result<void> start_plugin();
  net::Task<Result<void>> wait_for_plugin(net::Time deadline);
  net::Task<void> run_plugin(std::string info);
  void take_plugin(Result<ExecCredential> credential);

  net::Loop& loop_;
  const AccessSettings settings_;
  Credentials current_;
  bool is_read_ = false;       // once
  net::Time read_again_at_{};  // files
  std::optional<Error> problem_;

  std::optional<ExecCredential> of_plugin_;
  net::Time plugin_renew_at_{};
  net::Time plugin_expires_at_{};
  net::Time plugin_not_before_{};
  std::optional<Error> plugin_error_;  // of its last run
  bool plugin_runs_ = false;
  net::DeferredWaiters plugin_ran_;
  net::Task<void> plugin_;
};

}  // namespace sallyport::sources::api_server
