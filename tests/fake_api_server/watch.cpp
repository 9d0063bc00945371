// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/watch.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace sallyport::fake_api {

std::string event_line(std::string_view type, const Object& object, Form form, std::uint64_t revision) {
  std::string line = text::cat(R"({"type":")", type, R"(","object":)");
  append_object(line, object, form, revision, false);
  line += "}\n";
  return line;
}

Watch::Watch(net::Loop& loop, Store& store, Watches& watches, WatchOrder order)
    : loop_(loop),
      store_(store),
      watches_(watches),
      order_(std::move(order)),
      id_(watches.add(*this)),
      ends_at_(order_.timeout ? loop.now() + *order_.timeout : net::Time::max()),
      bookmark_at_(order_.has_bookmarks ? loop.now() + watches.bookmark_interval : net::Time::max()) {
  store_.listen(*this);
  begin();
}

Watch::~Watch() {
  store_.forget(*this);
  watches_.remove(*this);
}

void Watch::begin() {
  if (order_.revision) {
    next_event_ = store_.first_after(*order_.kind, *order_.revision);
    seen_ = *order_.revision;
    return take_events();
  }
  seen_ = store_.revision();
  next_event_ = store_.events_so_far(*order_.kind);
  for (const ObjectPtr& object : store_.list(*order_.kind, order_.scope)) {
    put(event_line("ADDED", *object, order_.form, object->revision));
  }
  if (order_.says_initial_end) put(bookmark_line(true));
}

void Watch::at_turn_end() {
  if (store_.find(order_.kind->group, order_.kind->version, order_.kind->plural) == nullptr) {
    end(Ending::end);  // the kind is not served any more
  }
  take_events();
  signal_.notify();
}

void Watch::take_events() {
  for (const Event& event : store_.events(*order_.kind, next_event_)) take(event);
  next_event_ = std::max(next_event_, store_.events_so_far(*order_.kind));
  seen_ = std::max(seen_, store_.revision());
}

// An object that leaves what is watched is deleted for who watches, and one that enters it is added.
void Watch::take(const Event& event) {
  const bool was_in = event.before != nullptr && event.before->fits(order_.scope);
  const bool is_in = event.after != nullptr && event.after->fits(order_.scope);
  if (!was_in && !is_in) return;
  if (order_.revision && event.revision <= *order_.revision) return;  // it was asked for what comes much later
  if (lost_ != 0) {
    --lost_;
    return;
  }
  const std::string_view type = !is_in ? "DELETED" : was_in ? "MODIFIED" : "ADDED";
  put(event_line(type, is_in ? *event.after : *event.before, order_.form, event.revision));
}

void Watch::put(std::string line) {
  if (ending_) return;
  if (cut_) {
    line.resize(std::min(cut_->bytes, line.size() - 1));
    lines_.push_back(std::move(line));
    ending_ = cut_->ending;
    return;
  }
  const std::size_t times = repeats_ ? 2 : 1;
  if (is_held_) {
    held_.insert(held_.end(), times, line);
  } else {
    lines_.insert(lines_.end(), times, line);
  }
}

std::string Watch::bookmark_line(bool is_initial_end) const {
  Json object = Json::map();
  object["kind"] = order_.form == Form::metadata ? "PartialObjectMetadata" : order_.kind->name;
  object["apiVersion"] = order_.form == Form::metadata ? "meta.k8s.io/v1" : order_.kind->api_version();
  object["metadata"]["resourceVersion"] = std::to_string(seen_);
  object["metadata"]["creationTimestamp"] = Json();
  if (is_initial_end) object["metadata"]["annotations"]["k8s.io/initial-events-end"] = "true";
  return text::cat(R"({"type":"BOOKMARK","object":)", object.written(), "}\n");
}

void Watch::send(std::string bytes) {
  if (ending_) return;
  lines_.push_back(std::move(bytes));
  loop_.defer(*this);
}

void Watch::send_bookmark() {
  if (order_.has_bookmarks) send(bookmark_line(false));
}

void Watch::release(bool is_reversed) {
  is_held_ = false;
  if (is_reversed) std::ranges::reverse(held_);
  for (std::string& line : std::exchange(held_, {})) lines_.push_back(std::move(line));
  loop_.defer(*this);
}

void Watch::end(Ending ending) {
  if (!ending_) ending_ = ending;
  loop_.defer(*this);
}

net::Time Watch::next_time() const { return std::min(ends_at_, bookmark_at_); }

// Just before its end a watch says where it is, so that the next one begins there.
void Watch::on_time() {
  if (loop_.now() >= bookmark_at_ || (order_.has_bookmarks && loop_.now() >= ends_at_)) {
    put(bookmark_line(false));
    bookmark_at_ = loop_.now() + watches_.bookmark_interval;
  }
  if (loop_.now() >= ends_at_) end(Ending::end);
}

net::Task<Result<std::string_view>> Watch::read() {
  for (;;) {
    if (!lines_.empty()) {
      current_ = std::move(lines_.front());
      lines_.pop_front();
      ++lines_sent_;
      if (current_.empty()) continue;
      co_return std::string_view(current_);
    }
    if (ending_ == Ending::end) co_return std::string_view();
    if (ending_ == Ending::reset) co_return fail(Code::upstream_reset);
    const net::Time deadline = ending_ ? net::Time::max() : next_time();
    if (!co_await signal_.wait(loop_, deadline)) on_time();
  }
}

}  // namespace sallyport::fake_api
