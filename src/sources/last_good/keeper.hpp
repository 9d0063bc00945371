// SPDX-License-Identifier: Apache-2.0
// Keeps the configuration in force on the disk, as last good (directory.hpp). A burst of changes is one write; between
// two writes there is a pause that grows with what the former one cost.
//
// Belongs to its loop's thread, which only gathers the objects: they never change, so a thread that lives for one write
// makes the text of them, seals Secrets and waits for the disk. An error is told once and never fatal; the write is
// tried again, for a disk may have room later.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "kube/object.hpp"
#include "net/loop.hpp"

namespace sallyport::sources::last_good {

struct Settings {
  std::string directory;  // empty: nothing is kept
  std::string key_file;   // empty: Secrets are left out
  std::string by;         // version of the program
};

class Keeper {
 public:
  using Cost = std::chrono::microseconds;
  using Objects = std::vector<kube::ObjectPtr>;

  static constexpr net::Duration gathering{250};  // from a change to its write
  static constexpr net::Duration shortest_pause{1'000};
  static constexpr net::Duration longest_pause{60'000};
  static constexpr net::Duration retry_pause{2'000};  // after a write that failed

  // From the begin of a write that cost so much to the next: 20 times as long, within these bounds.
  static net::Duration pause_after(Cost cost);

  struct Report {
    std::uint64_t writes = 0;
    std::uint64_t failures = 0;
    std::int64_t written = 0;  // seconds since 1970; 0: nothing was yet
    std::uint64_t bytes = 0;   // of the last one
    std::uint64_t objects = 0;
  };

  // What is in force; nothing if that is not settled, and changed() will be called when it is.
  using Collect = std::move_only_function<std::optional<Objects>()>;
  // A line, and whether it is bad news.
  using Log = std::move_only_function<void(const std::string& line, bool bad)>;

  Keeper(net::Loop& loop, Settings settings, Collect collect, Log log);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  // What is in force may be another now.
  void changed();
  // Writes what is not written yet, before it returns: at the end of the process.
  void finish();

  const Report& report() const { return report_; }

 private:
  struct Due final : net::Timer {
    explicit Due(Keeper& of) : keeper(of) {}
    void fire() override { keeper.begin(); }
    Keeper& keeper;
  };

  struct Outcome {
    std::string error;    // empty: it is on the disk, or was already
    std::string content;  // of what is
    bool wrote = false;
    std::uint64_t bytes = 0;
    std::uint64_t objects = 0;
    Cost cost{0};
  };

  static Outcome write(const Settings& settings, Objects objects, const std::string& former);
  void begin();
  void done();

  net::Loop& loop_;
  const Settings settings_;
  Collect collect_;
  Log log_;
  Due due_{*this};
  net::Time begun_{};
  net::Time not_before_{};
  bool dirty_ = false;
  std::string content_;  // of what was written last
  std::string last_error_;
  Report report_;
  std::thread thread_;
  std::shared_ptr<Outcome> under_way_;  // filled when the thread ends; null: nothing is written now
  // Whether this is still there is asked by what the thread posts.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sallyport::sources::last_good
