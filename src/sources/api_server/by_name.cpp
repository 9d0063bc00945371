// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/by_name.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/text.hpp"
#include "net/sleep.hpp"

namespace sallyport::sources::api_server {
namespace {

using Kind = Trouble::Kind;

// Nothing was sent, for the server has asked for a pause (budget.hpp), so this is no try.
bool is_held(const Result<Answer>& answer) { return !answer && answer.error().code == Code::overloaded; }

// Whatever becomes of the answer, the Secret in it does not stay in memory that is given back.
class Zeroing {
 public:
  explicit Zeroing(Result<Answer>& answer) : answer_(answer) {}
  Zeroing(const Zeroing&) = delete;
  Zeroing& operator=(const Zeroing&) = delete;
  ~Zeroing() {
    if (answer_) explicit_bzero(answer_->body.data(), answer_->body.size());
  }

 private:
  Result<Answer>& answer_;
};

// Why there is no object in this answer; of kind none if there is one, or none any more.
Trouble trouble_of(const Result<Answer>& answer) {
  if (!answer) return {Kind::unreachable, text::cat("no answer from the API server: ", answer.error().detail)};
  if (answer->status == 200 || answer->status == 404) return {};
  const Status status = read_status(answer->body, answer->status);
  const std::string said = status.message.empty() ? text::cat("status ", status.code) : status.message;
  if (status.code == 403) return {Kind::forbidden, text::cat("may not be fetched: ", said)};
  return {Kind::unavailable, text::cat("cannot be fetched: ", said)};
}

}  // namespace

ByName::ByName(net::Loop& loop, Api& api, Chance& chance, const Pace& pace, Taker& taker, VersionOf version_of)
    : loop_(loop), api_(api), chance_(chance), pace_(pace), taker_(taker), version_of_(std::move(version_of)) {}

void ByName::want(const Wanted& wanted) {
  for (const ObjectRef& ref : wanted.dropped) {
    const auto found = wanted_.find(ref);
    if (found == wanted_.end()) continue;
    const bool was_given = found->second.is_given;
    wanted_.erase(found);
    later_.erase(ref);
    set_trouble(ref, {});
    if (was_given) taker_.is_absent(ref);
  }
  for (const ObjectRef& ref : wanted.added) {
    Want& want = wanted_[ref];
    if (version_of_(ref) != nullptr) enqueue(ref, want);
  }
}

void ByName::moved(const ObjectRef& ref) {
  const auto found = wanted_.find(ref);
  if (found == wanted_.end()) return;
  Want& want = found->second;
  const std::string* const version = version_of_(ref);
  if (version != nullptr) {
    if (*version != want.version || version->empty()) enqueue(ref, want);
    return;
  }
  want.version.clear();
  want.is_given = false;
  want.is_given_up = false;
  want.failures = 0;
  set_trouble(ref, {});
  taker_.is_absent(ref);
}

void ByName::reload() {
  for (auto& [ref, want] : wanted_) {
    if ((!want.is_given || troubles_.contains(ref)) && version_of_(ref) != nullptr) enqueue(ref, want);
  }
}

bool ByName::is_awaited(const ObjectRef& ref) const {
  if (version_of_(ref) == nullptr) return false;
  const auto found = wanted_.find(ref);
  return found == wanted_.end() || (!found->second.is_given && !found->second.is_given_up);
}

void ByName::enqueue(const ObjectRef& ref, Want& want) {
  if (std::exchange(want.is_queued, true)) return;
  queue_.push_back(ref);
  const auto idle = std::ranges::find(is_working_, false);
  if (idle == is_working_.end()) return;
  *idle = true;
  const auto worker = static_cast<std::size_t>(idle - is_working_.begin());
  workers_[worker] = work(worker);
  workers_[worker].start();
}

net::Task<void> ByName::work(std::size_t worker) {
  while (!queue_.empty()) {
    ObjectRef ref = std::move(queue_.front());
    queue_.pop_front();
    co_await fetch(std::move(ref));
  }
  is_working_[worker] = false;
}

ByName::Want* ByName::still_wanted(const ObjectRef& ref) {
  const auto found = wanted_.find(ref);
  if (found == wanted_.end()) return nullptr;
  if (version_of_(ref) != nullptr) return &found->second;
  found->second.is_queued = false;
  return nullptr;
}

net::Task<void> ByName::fetch(ObjectRef ref) {
  if (still_wanted(ref) == nullptr) co_return;
  const kube::Kind* const kind = kube::find_kind(ref.group, ref.kind);
  const std::string version = *version_of_(ref);
  Ask ask;
  ask.target = path_of(*kind, ref);
  ask.most_bytes = most_object_bytes;
  ask.patience = patience;
  ask.is_one_of_many = true;
  ask.is_secret = true;
  auto answer = co_await api_.ask(std::move(ask));
  const Zeroing zeroing(answer);
  Want* const still = still_wanted(ref);
  if (still == nullptr) co_return;
  Want& want = *still;
  want.is_queued = false;
  Trouble trouble = trouble_of(answer);
  const bool is_final = trouble.kind == Kind::none || trouble.kind == Kind::forbidden;
  if (!is_final && !is_held(answer)) ++want.failures;
  if (!is_final && want.failures < tries) {
    const net::Duration step = pace_.first_wait * (1 << want.failures);
    co_await net::Sleep(loop_, chance_.between(step / 2, step));
    if (Want* const tried = still_wanted(ref)) enqueue(ref, *tried);
    co_return;
  }
  set_trouble(ref, trouble);
  if (trouble.kind != Kind::none) {
    if (give_up(want)) taker_.is_unavailable(ref);
    try_later(ref);
    co_return;
  }
  want.failures = 0;
  want.version = version;
  if (answer->status == 404) {  // the list of names has not told of it yet
    if (give_up(want)) taker_.is_absent(ref);
  } else {
    take(ref, want, Cut{answer->body, false});
  }
  const std::string* const now = version_of_(ref);
  if (now != nullptr && *now != version && *now != want.version) enqueue(ref, want);
}

void ByName::take(const ObjectRef& ref, Want& want, const Cut& body) {
  Resource resource;
  resource.kind = kube::find_kind(ref.group, ref.kind);
  auto item = read_item(body, resource);
  if (!item || item->ref != ref) {
    set_trouble(ref, {Kind::refused, item ? "the API server gave another object" : item.error().message});
    if (give_up(want)) taker_.is_unavailable(ref);
    return;
  }
  if (!item->version.empty()) want.version = std::move(item->version);
  want.is_given = true;
  want.is_given_up = false;
  taker_.fetched(std::move(item->object));
}

// What was given before stays.
bool ByName::give_up(Want& want) { return !std::exchange(want.is_given_up, true) && !want.is_given; }

void ByName::try_later(const ObjectRef& ref) {
  later_.insert(ref);
  if (std::exchange(is_looking_again_, true)) return;
  looking_again_ = look_again();
  looking_again_.start();
}

net::Task<void> ByName::look_again() {
  while (!later_.empty()) {
    co_await net::Sleep(loop_, chance_.between(pace_.refused_wait / 2, pace_.refused_wait));
    for (const ObjectRef& ref : std::exchange(later_, {})) {
      const auto found = wanted_.find(ref);
      if (found != wanted_.end() && version_of_(ref) != nullptr) enqueue(ref, found->second);
    }
  }
  is_looking_again_ = false;
}

void ByName::set_trouble(const ObjectRef& ref, Trouble trouble) {
  const auto found = troubles_.find(ref);
  if (trouble.kind == Kind::none) {
    if (found == troubles_.end()) return;
    troubles_.erase(found);
  } else {
    if (found != troubles_.end() && found->second == trouble) return;
    troubles_.insert_or_assign(ref, std::move(trouble));
  }
  taker_.troubles_changed();
}

}  // namespace sallyport::sources::api_server
