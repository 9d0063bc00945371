// SPDX-License-Identifier: Apache-2.0
#include "sources/last_good/keeper.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/text.hpp"
#include "kube/timestamp.hpp"
#include "sources/last_good/directory.hpp"

namespace sallyport::sources::last_good {
namespace {

std::int64_t seconds_now() {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

Keeper::Keeper(net::Loop& loop, Settings settings, Collect collect, Log log)
    : loop_(loop), settings_(std::move(settings)), collect_(std::move(collect)), log_(std::move(log)) {}

Keeper::~Keeper() {
  if (thread_.joinable()) thread_.join();
}

net::Duration Keeper::pause_after(Cost cost) {
  return std::clamp(std::chrono::duration_cast<net::Duration>(20 * cost), shortest_pause, longest_pause);
}

void Keeper::changed() {
  if (std::exchange(dirty_, true) || under_way_) return;
  loop_.timers().arm(due_, std::max(loop_.now() + gathering, not_before_));
}

void Keeper::begin() {
  std::optional<Objects> objects = collect_();
  dirty_ = false;
  if (!objects) return;
  begun_ = loop_.now();
  const auto under_way = std::make_shared<Outcome>();
  under_way_ = under_way;
  try {
    thread_ = std::thread([&loop = loop_, settings = settings_, objects = *std::move(objects), former = content_,
                           under_way, alive = std::weak_ptr(alive_), this]() mutable {
      *under_way = write(settings, std::move(objects), former);
      loop.post([alive = std::move(alive), under_way, this] {
        if (!alive.expired() && under_way_ == under_way) done();
      });
    });
  } catch (const std::system_error& error) {
    under_way->error = error.what();
    done();
  }
}

// The key is read each time: whoever mounts it may have replaced it.
Keeper::Outcome Keeper::write(const Settings& settings, Objects objects, const std::string& former) {
  const auto begin = std::chrono::steady_clock::now();
  Outcome outcome;
  std::optional<Key> key;
  if (!settings.key_file.empty()) {
    Result<Key> read = Key::read(settings.key_file);
    if (!read) {
      outcome.error = read.error().detail;
      return outcome;
    }
    key = *std::move(read);
  }
  const Stamp stamp{.written = kube::format_timestamp({seconds_now()}), .by = settings.by};
  const Result<Text> text = make_text(std::move(objects), key ? &*key : nullptr, stamp);
  if (!text) {
    outcome.error = text.error().detail;
    return outcome;
  }
  outcome.content = text::cat(key ? key->id() : "", text->content);
  outcome.bytes = text->bytes.size();
  outcome.objects = text->objects;
  if (outcome.content != former) {
    const int error = keep(settings.directory, text->bytes);
    if (error != 0) outcome.error = text::cat(settings.directory, ": ", std::strerror(error));
    outcome.wrote = error == 0;
  }
  outcome.cost = std::chrono::duration_cast<Cost>(std::chrono::steady_clock::now() - begin);
  return outcome;
}

void Keeper::done() {
  if (thread_.joinable()) thread_.join();  // it has said its last word
  const Outcome outcome = *std::exchange(under_way_, nullptr);
  not_before_ = begun_ + pause_after(outcome.cost);
  if (!outcome.error.empty()) {
    ++report_.failures;
    dirty_ = true;
    not_before_ = std::max(not_before_, loop_.now() + retry_pause);
    if (outcome.error != last_error_) log_(text::cat("last good: not kept: ", outcome.error), true);
  } else {
    if (!last_error_.empty()) log_("last good: kept again", false);
    content_ = outcome.content;
    if (outcome.wrote) {
      ++report_.writes;
      report_.written = seconds_now();
    }
    report_.bytes = outcome.bytes;
    report_.objects = outcome.objects;
  }
  last_error_ = outcome.error;
  if (dirty_) loop_.timers().arm(due_, std::max(loop_.now() + gathering, not_before_));
}

void Keeper::finish() {
  if (under_way_) done();
  net::TimerWheel::disarm(due_);
  if (!std::exchange(dirty_, false)) return;
  std::optional<Objects> objects = collect_();
  if (!objects) return;
  under_way_ = std::make_shared<Outcome>(write(settings_, *std::move(objects), content_));
  done();
  net::TimerWheel::disarm(due_);
}

}  // namespace sallyport::sources::last_good
