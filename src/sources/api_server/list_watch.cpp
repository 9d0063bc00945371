// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/list_watch.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "net/sleep.hpp"
#include "sources/api_server/splitters.hpp"
#include "sources/api_server/versions.hpp"

namespace sallyport::sources::api_server {
namespace {

using Kind = Trouble::Kind;

constexpr unsigned patient_streams = 2;      // that do not come to their end, before lists are asked for in pages
constexpr net::Duration short_watch{5'000};  // one that ends so soon and told nothing is to be waited after
constexpr std::size_t refusal_bytes = std::size_t{64} << 10U;  // of a refusal's body

unsigned whole_seconds(net::Duration time) {
  return static_cast<unsigned>(std::max<std::int64_t>(1, time.count() / 1000));
}

// The server has decided, and asking again at once will not help.
bool is_final(const Trouble& trouble) {
  return trouble.kind == Kind::forbidden || trouble.kind == Kind::not_served || trouble.kind == Kind::refused;
}

ListWatch::Held held_of(Item& item) {
  return {std::move(item.version), std::move(item.object), std::move(item.summary)};
}

}  // namespace

ListWatch::ListWatch(net::Loop& loop, Api& api, Chance& chance, const Pace& pace, Resource resource, Keeper& keeper)
    : loop_(loop),
      api_(api),
      pace_(pace),
      chance_(chance),
      backoff_(pace.first_wait, chance),
      unanswered_(pace.first_wait, chance),
      resource_(std::move(resource)),
      keeper_(keeper) {}

void ListWatch::start() {
  running_ = run();
  running_.start();
}

void ListWatch::reload() {
  wants_list_ = true;
  backoff_.reset();
  unanswered_.reset();
  start();
}

bool ListWatch::is_decided() const { return is_listed_ || (is_final(trouble_) && refusals_ > 1); }

net::Task<void> ListWatch::run() {
  for (;;) {
    if (wants_list_) {
      End listed = co_await list();
      if (listed.why != End::Why::whole) {
        listed.why = End::Why::failed;  // it is to be listed anew whatever was wrong with this one
        co_await wait_after(std::move(listed));
        continue;
      }
      wants_list_ = false;
    }
    has_news_ = false;
    const net::Time began = loop_.now();
    End watched = co_await watch();
    const bool was_of_use = has_news_ || loop_.now() - began >= short_watch;
    if (was_of_use) {
      backoff_.reset();
      unanswered_.reset();
    }
    if (watched.why == End::Why::gone || loop_.now() >= compare_at_) wants_list_ = true;
    if (is_final(watched.trouble)) wants_list_ = true;
    const bool ended_in_order = watched.why == End::Why::whole && loop_.now() - began >= short_watch;
    if (!ended_in_order) co_await wait_after(std::move(watched));
  }
}

// What was up to date a moment ago is not called out of date for one connection that broke.
net::Task<void> ListWatch::wait_after(End end) {
  const bool is_first = backoff_.failures() == 0 && unanswered_.failures() == 0;
  const bool is_blip = is_listed_ && end.trouble.kind == Kind::unreachable && is_first;
  if (end.why == End::Why::failed && !is_blip) set_trouble(end.trouble);
  const bool was_answered = end.why == End::Why::gone || end.trouble.kind == Kind::unavailable;
  net::Duration wait = was_answered ? backoff_.next(pace_.longest_wait, end.retry_after)
                                    : unanswered_.next(pace_.longest_unanswered, end.retry_after);
  if (is_final(end.trouble)) wait = std::max(wait, wait_of_refusal());
  co_await net::Sleep(loop_, std::max(wait, net::Duration(1)));
}

// A server that has just begun may not know yet what it serves, and whom.
net::Duration ListWatch::wait_of_refusal() {
  if (!is_listed_ && ++refusals_ == 1) return pace_.second_look;
  if (!is_listed_ && refusals_ == 2) keeper_.state_changed();  // it is decided
  return chance_.between(pace_.refused_wait / 2, pace_.refused_wait);
}

net::Task<ListWatch::End> ListWatch::list() {
  if (lists_by_watch_) {
    Gathered list;
    End end = co_await list_by_watch(list);
    if (end.why == End::Why::whole) adopt(std::move(list));
    if (end.why != End::Why::unserved) co_return end;
  }
  Gathered list;
  End end = co_await list_by_pages(list);
  if (end.why == End::Why::whole) adopt(std::move(list));
  co_return end;
}

// Of a list that is to end by then, however much of it comes and however fast.
net::Task<Result<std::string_view>> ListWatch::piece_of(Stream& stream, net::Time until) {
  if (loop_.now() >= until) co_return fail(Code::upstream_timeout, "", "a list does not come to its end");
  co_return co_await stream.read(std::min(until, loop_.now() + pace_.list_silence));
}

// A watch that begins with all there is and says when that was it: cheap for the server, and each object comes alone.
net::Task<ListWatch::End> ListWatch::list_by_watch(Gathered& list) {
  Ask ask;
  ask.target = streaming_list_target(resource_, whole_seconds(pace_.longest_list));
  ask.accept = watch_form(resource_);
  const net::Time until = loop_.now() + pace_.longest_list + pace_.margin;
  auto opened = co_await api_.open(std::move(ask));
  if (!opened) co_return broken(opened.error());
  Stream& stream = **opened;
  End unserved;
  unserved.why = End::Why::unserved;
  // A server that does not know this way of asking finds the question invalid.
  if (stream.status() == 400 || stream.status() == 422) {
    lists_by_watch_ = false;
    co_return unserved;
  }
  if (stream.status() != 200) co_return co_await refusal(stream, loop_.now() + pace_.list_silence);
  LineSplitter lines;
  for (;;) {
    const auto bytes = co_await piece_of(stream, until);
    if (!bytes || bytes->empty()) {  // it broke off, or the server has no idea that an end was to be marked
      if (++unfinished_streams_ >= patient_streams) lists_by_watch_ = false;
      if (!bytes) co_return broken(bytes.error());
      co_return unserved;
    }
    lines.take(*bytes);
    while (const auto line = lines.next()) {
      Event event = read_event(*line, resource_);
      if (auto* changed = std::get_if<Changed>(&event)) {
        Item& item = changed->item;
        list.unreadable.erase(item.ref);
        list.objects.insert_or_assign(std::move(item.ref), held_of(item));
      } else if (auto* removed = std::get_if<Removed>(&event)) {
        list.unreadable.erase(removed->ref);
        list.objects.erase(removed->ref);
      } else if (auto* unreadable = std::get_if<Unreadable>(&event)) {
        list.unreadable.insert_or_assign(std::move(unreadable->ref), std::move(unreadable->message));
      } else if (auto* status = std::get_if<Status>(&event)) {
        if (status->code != 400 && status->code != 422) co_return end_of(*status);
        lists_by_watch_ = false;
        co_return unserved;
      } else if (auto* bookmark = std::get_if<Bookmark>(&event); bookmark != nullptr && bookmark->ends_list) {
        unfinished_streams_ = 0;
        list.version = std::move(bookmark->version);
        co_return End();
      }
    }
  }
}

// The newest state, whatever it costs the server: one that its cache has (resourceVersion=0) may be older than what we
// know already, and what a cache has lost is what a comparison is to find.
net::Task<ListWatch::End> ListWatch::list_by_pages(Gathered& list) {
  std::string proceed;
  do {
    End end = co_await read_page(list, list_target(resource_, pace_.page, proceed), proceed);
    if (end.why == End::Why::gone && !list.version.empty()) {  // its pages took too long: then without pages
      list = Gathered();
      std::string whole = list_target(resource_, 0, std::string_view());
      end = co_await read_page(list, std::move(whole), proceed);
    }
    if (end.why != End::Why::whole) co_return end;
  } while (!proceed.empty());
  co_return End();
}

net::Task<ListWatch::End> ListWatch::read_page(Gathered& list, std::string target, std::string& proceed) {
  Ask ask;
  ask.target = std::move(target);
  ask.accept = list_form(resource_);
  const net::Time until = loop_.now() + pace_.longest_list + pace_.margin;
  auto opened = co_await api_.open(std::move(ask));
  if (!opened) co_return broken(opened.error());
  Stream& stream = **opened;
  if (stream.status() != 200) co_return co_await refusal(stream, loop_.now() + pace_.list_silence);
  ItemSplitter items;
  while (!items.is_whole()) {
    const auto bytes = co_await piece_of(stream, until);
    if (!bytes) co_return broken(bytes.error());
    if (bytes->empty()) co_return broken(invalid("a list broke off"));
    items.take(*bytes);
    while (const auto text = items.next()) {
      auto item = read_item(*text, resource_);
      if (item) {
        list.objects.insert_or_assign(std::move(item->ref), held_of(*item));
      } else {
        list.unreadable.insert_or_assign(std::move(item.error().ref), std::move(item.error().message));
      }
    }
  }
  auto frame = read_frame(items.envelope());
  if (!frame) co_return broken(invalid(std::move(frame.error())));
  list.version = std::move(frame->version);
  proceed = std::move(frame->proceed);
  co_return End();
}

// Where an object of the list does not say which one it is, each that seems to be gone may be that one.
void ListWatch::adopt(Gathered list) {
  std::vector<ObjectRef> changed;
  std::vector<ObjectRef> removed;
  const bool may_remove = !list.unreadable.contains(std::nullopt);
  for (const auto& [ref, held] : objects_) {
    if (may_remove && !list.objects.contains(ref) && !list.unreadable.contains(ref)) removed.push_back(ref);
  }
  for (const ObjectRef& ref : removed) objects_.erase(ref);
  for (auto& [ref, held] : list.objects) {
    Held& former = objects_[ref];
    if (!former.version.empty() && former.version == held.version) continue;
    // Whatever happened until this version, the watch had been told of.
    if (is_listed_ && !version_.empty() && is_older(held.version, version_)) ++lost_events_;
    former = std::move(held);
    changed.push_back(ref);
  }
  unreadable_ = std::move(list.unreadable);
  version_ = std::move(list.version);
  is_listed_ = true;
  ++lists_;
  proven_ = loop_.now();
  compare_at_ = loop_.now() + chance_.between(pace_.compare * 3 / 4, pace_.compare * 5 / 4);
  std::ranges::sort(changed);
  std::ranges::sort(removed);
  if (!changed.empty() || !removed.empty()) keeper_.objects_changed(changed, removed);
  trouble_ = {};
  keeper_.state_changed();
}

net::Task<ListWatch::End> ListWatch::watch() {
  const net::Duration length = chance_.between(pace_.watch_least, pace_.watch_most);
  Ask ask;
  ask.target = watch_target(resource_, version_, whole_seconds(length));
  ask.accept = watch_form(resource_);
  const net::Time until = loop_.now() + length + pace_.margin;
  auto opened = co_await api_.open(std::move(ask));
  if (!opened) co_return broken(opened.error());
  Stream& stream = **opened;
  if (stream.status() != 200) co_return co_await refusal(stream, until);
  proven_ = loop_.now();
  set_trouble({});
  End end = co_await follow(stream, std::min(until, std::max(compare_at_, loop_.now())));
  co_return end;
}

// To the end of what was asked for and no longer, whatever comes: then it is dead, or does not do what it was asked.
// Going on where we were loses nothing.
net::Task<ListWatch::End> ListWatch::follow(Stream& stream, net::Time until) {
  LineSplitter lines;
  for (;;) {
    const auto bytes = co_await stream.read(until);
    if (!bytes) {
      if (loop_.now() >= until) co_return End();
      co_return broken(bytes.error());
    }
    proven_ = loop_.now();
    if (bytes->empty()) co_return End();
    lines.take(*bytes);
    while (const auto line = lines.next()) {
      if (auto end = obey(*line)) co_return *std::move(end);
    }
  }
}

// The end that the line says the watch has come to: after an error, or an event about nobody knows what or when, what
// was missed is to be found by a list.
std::optional<ListWatch::End> ListWatch::obey(const Cut& line) {
  Event event = read_event(line, resource_);
  std::optional<End> end;
  if (auto* changed = std::get_if<Changed>(&event)) {
    if (is_out_of_order(changed->item)) {
      end.emplace().why = End::Why::gone;
    } else {
      change(std::move(changed->item));
    }
  }
  if (auto* removed = std::get_if<Removed>(&event)) remove(*removed);
  if (auto* bookmark = std::get_if<Bookmark>(&event)) advance(bookmark->version);
  if (auto* unreadable = std::get_if<Unreadable>(&event)) {
    if (!unreadable->ref) end.emplace().why = End::Why::gone;
    note(std::move(*unreadable));
  }
  if (auto* status = std::get_if<Status>(&event)) {
    end = end_of(*status);
    if (status->code != 429) end->why = End::Why::gone;
  }
  return end;
}

// Of an object that is not there, it may tell of before it went or of after. A server whose versions have gone back
// (an etcd that was restored) is found out by this too.
bool ListWatch::is_out_of_order(const Item& item) const {
  return !objects_.contains(item.ref) && is_older(item.version, version_);
}

void ListWatch::change(Item item) {
  advance(item.version);
  const auto known = objects_.find(item.ref);
  if (known != objects_.end()) {
    const std::string& version = known->second.version;
    if (!version.empty() && (version == item.version || is_older(item.version, version))) return;
  }
  const std::vector<ObjectRef> changed = {item.ref};
  const bool was_unreadable = unreadable_.erase(item.ref) != 0;
  objects_.insert_or_assign(std::move(item.ref), held_of(item));
  keeper_.objects_changed(changed, {});
  if (was_unreadable) keeper_.state_changed();
}

void ListWatch::remove(const Removed& removed) {
  advance(removed.version);
  const bool was_unreadable = unreadable_.erase(removed.ref) != 0;
  const auto known = objects_.find(removed.ref);
  // What was made again since is another object.
  if (known != objects_.end() && !is_older(removed.version, known->second.version)) {
    objects_.erase(known);
    keeper_.objects_changed({}, {removed.ref});
  }
  if (was_unreadable) keeper_.state_changed();
}

void ListWatch::note(Unreadable unreadable) {
  advance(unreadable.version);
  std::string& message = unreadable_[std::move(unreadable.ref)];
  if (message == unreadable.message) return;
  message = std::move(unreadable.message);
  keeper_.state_changed();
}

void ListWatch::advance(const std::string& version) {
  if (version.empty() || version == version_ || is_older(version, version_)) return;
  version_ = version;
  has_news_ = true;
}

net::Task<ListWatch::End> ListWatch::refusal(Stream& stream, net::Time until) {
  std::string body;
  while (body.size() < refusal_bytes) {
    const auto bytes = co_await stream.read(until);
    if (!bytes || bytes->empty()) break;
    body += *bytes;
  }
  Status status = read_status(body, stream.status());
  if (stream.retry_after()) status.retry_after = stream.retry_after();
  co_return end_of(status);
}

// 410 is "Expired" or "Gone". "Timeout" is what a server says whose newest version is older than the one that we name;
// 504 without it is said by somebody on the way to the server.
ListWatch::End ListWatch::end_of(const Status& status) {
  End end;
  end.why = End::Why::failed;
  end.retry_after = status.retry_after;
  const std::string said = status.message.empty() ? text::cat("status ", status.code) : status.message;
  const std::string_view reason = status.reason;
  if (status.code == 410 || reason == "Expired" || reason == "Gone" || reason == "Timeout") {
    end.why = End::Why::gone;
    end.trouble = {Kind::unavailable, text::cat("the API server refuses: ", said)};
  } else if (status.code == 403) {
    end.trouble = {Kind::forbidden, text::cat("may not be listed and watched: ", said)};
  } else if (status.code == 404) {
    end.trouble = {Kind::not_served, "not served by the API server: there will be none of them until it is"};
  } else if (status.code == 401) {
    end.trouble = {Kind::unavailable, text::cat("the API server does not know us: ", said)};
  } else if (status.code == 0 || status.code == 408 || status.code == 429 || status.code >= 500) {
    end.trouble = {Kind::unavailable, text::cat("the API server is not able to answer: ", said)};
  } else {
    end.trouble = {Kind::refused, text::cat("the API server refuses: ", said)};
  }
  return end;
}

ListWatch::End ListWatch::broken(const Error& error) const {
  End end;
  end.why = End::Why::failed;
  end.trouble = {Kind::unreachable, text::cat("no answer from the API server: ",
                                              error.detail.empty() ? "the connection broke" : error.detail)};
  return end;
}

void ListWatch::set_trouble(Trouble trouble) {
  if (trouble == trouble_) return;
  trouble_ = std::move(trouble);
  keeper_.state_changed();
}

}  // namespace sallyport::sources::api_server
