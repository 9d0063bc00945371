// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/control_handler.hpp"

#include <functional>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "commands/query.hpp"
#include "fake_api_server/answers.hpp"
#include "http/text_response.hpp"

namespace sallyport::fake_api {
namespace {

Json done() { return Json::map(); }

// Adds what the documents are lists of, and themselves otherwise.
void take_apart(Json json, std::vector<Json>& objects) {
  const Json* const items = json.find("items");
  if (items == nullptr || !items->is_list() || !json.text_at({"kind"}).ends_with("List")) {
    objects.push_back(std::move(json));
    return;
  }
  for (const Json::Member& item : items->members()) take_apart(item.value, objects);
}

// What is done to a watch.
using Deed = std::function<void(Watch&)>;

// The error says what is wrong with it, whether any watch is open or not.
Result<Deed> deed_in(const Json& json) {
  const auto ending = ending_named(json.find("then") == nullptr ? "end" : json.text_at({"then"}));
  if (!ending) return fail(invalid("then: end, reset or hang is expected"));
  const auto bytes = number_at(json, "bytes");
  if (!bytes) return Failure(bytes.error());
  const auto events = number_at(json, "events");
  if (!events) return Failure(events.error());
  const std::string_view what = json.text_at({"do"});
  if (what == "send") {
    return Deed([text = std::string(json.text_at({"text"}))](Watch& watch) { watch.send(text); });
  }
  if (what == "bookmark") return Deed([](Watch& watch) { watch.send_bookmark(); });
  if (what == "hold") return Deed([](Watch& watch) { watch.hold(); });
  if (what == "release") return Deed([](Watch& watch) { watch.release(false); });
  if (what == "releaseReversed") return Deed([](Watch& watch) { watch.release(true); });
  if (what == "end") return Deed([how = *ending](Watch& watch) { watch.end(how); });
  if (what == "cutNext") {
    return Deed([size = bytes->value_or(0), how = *ending](Watch& watch) { watch.cut_next(size, how); });
  }
  if (what == "loseNext") return Deed([count = events->value_or(1)](Watch& watch) { watch.lose_next(count); });
  if (what == "repeat") return Deed([](Watch& watch) { watch.repeat(true); });
  return fail(invalid(text::cat("do: there is no ", what)));
}

Json described(const Watch& watch) {
  const WatchOrder& order = watch.order();
  Json json = Json::map();
  json["id"] = Json::number(watch.id());
  json["target"] = order.target;
  json["resource"] = order.kind->resource();
  json["namespace"] = order.scope.namespace_;
  json["metadataOnly"] = Json::boolean(order.form == Form::metadata);
  json["bookmarks"] = Json::boolean(order.has_bookmarks);
  json["timeoutMilliseconds"] =
      order.timeout ? Json::number(static_cast<std::uint64_t>(order.timeout->count())) : Json();
  json["resourceVersion"] = order.revision ? Json(std::to_string(*order.revision)) : Json();
  json["sent"] = Json::number(watch.lines_sent());
  return json;
}

}  // namespace

net::Task<Result<http::Response>> ControlHandler::handle(http::Incoming& incoming) {
  Result<std::string> body = co_await read_all(incoming);
  if (!body) co_return Failure(body.error());
  const Result<Json> answer = obey(incoming.request.head, *body);
  if (answer) co_return json_answer(incoming, 200, answer->written());
  co_return http::text_response(incoming.arena, 400, "text/plain", answer.error().detail + "\n");
}

Result<Json> ControlHandler::obey(const http::RequestHead& head, const std::string& body) {
  if (head.method == http::Method::get) return read(head.path, head.query);
  if (head.method == http::Method::delete_) return remove_rules(head.path);
  if (head.path == "/yaml") return put_yaml(body);
  const Result<Json> json = Json::parse(body);
  if (!json) return Failure(json.error());
  return change(head.path, *json);
}

Result<Json> ControlHandler::read(std::string_view path, std::string_view query_text) {
  const commands::Query query(query_text);
  if (path == "/log") return world_.log.json(parse_decimal<std::size_t>(query.first("from").value_or("")).value_or(0));
  if (path == "/state") return state();
  if (path != "/object") return fail(invalid(text::cat(path, ": there is no such path")));
  const KindPtr kind =
      world_.store.find_named(query.first("apiVersion").value_or(""), query.first("kind").value_or(""));
  if (kind == nullptr) return fail(invalid("apiVersion, kind: no such kind is served"));
  const ObjectPtr object =
      world_.store.get(*kind, query.first("namespace").value_or(""), query.first("name").value_or(""));
  Json found = Json::map();
  found["object"] = object == nullptr ? Json() : object->json;
  return found;
}

Result<Json> ControlHandler::change(std::string_view path, const Json& json) {
  if (path == "/objects") return put_objects(json);
  if (path == "/remove") return remove_objects(json);
  if (path == "/kinds") return change_kinds(json);
  if (path == "/history") return change_history(json);
  if (path == "/behaviour") return change_behaviour(json);
  if (path == "/watches") return change_watches(json);
  if (path == "/port") return change_port(json);
  if (path == "/rules") return add_rule(json);
  return fail(invalid(text::cat(path, ": there is no such path")));
}

Result<Json> ControlHandler::put_objects(const Json& json) {
  const Json* const objects = json.find("objects");
  if (objects == nullptr || !objects->is_list()) return fail(invalid("objects: a list is expected"));
  const auto padding = number_at(json, "padding");
  if (!padding) return Failure(padding.error());
  for (const Json::Member& element : objects->members()) {
    Json object = element.value;
    if (*padding) object["metadata"]["annotations"]["padding"] = std::string(**padding, 'x');
    const auto put = world_.writes.put(std::move(object), std::string(json.text_at({"raw"})));
    if (!put) return Failure(put.error());
  }
  return state();
}

// As kubectl applies a file; what is of no kind that is served is named, and the rest is put.
Result<Json> ControlHandler::put_yaml(std::string_view text) {
  auto documents = Json::parse_yaml(text);
  if (!documents) return Failure(documents.error());
  std::vector<Json> objects;
  for (Json& document : *documents) take_apart(std::move(document), objects);
  Json left_out = Json::list();
  for (Json& object : objects) {
    const auto put = world_.writes.put(std::move(object));
    if (!put) left_out.add(put.error().detail);
  }
  Json answer = Json::map();
  answer["leftOut"] = std::move(left_out);
  return answer;
}

Result<Json> ControlHandler::remove_objects(const Json& json) {
  const auto all = truth_at(json, "all");
  if (!all) return Failure(all.error());
  if (all->value_or(false)) {
    for (const KindPtr& kind : world_.store.kinds()) {
      if (kind->name == "CustomResourceDefinition") continue;
      for (const ObjectPtr& object : world_.store.list(*kind, {})) {
        world_.store.remove(*kind, object->namespace_, object->name);
      }
    }
    return state();
  }
  const Json* const objects = json.find("objects");
  if (objects == nullptr || !objects->is_list()) return fail(invalid("objects: a list is expected"));
  for (const Json::Member& element : objects->members()) {
    const Json& object = element.value;
    Place place{.kind = world_.store.find_named(object.text_at({"apiVersion"}), object.text_at({"kind"})),
                .namespace_ = std::string(object.text_at({"metadata", "namespace"})),
                .name = std::string(object.text_at({"metadata", "name"}))};
    if (place.kind == nullptr) return fail(invalid("apiVersion, kind: no such kind is served"));
    if (!place.kind->is_namespaced) place.namespace_.clear();
    const auto gone = world_.writes.remove(place, Json::map());
    if (!gone) return fail(invalid(gone.error().message));
  }
  return state();
}

Result<Json> ControlHandler::change_kinds(const Json& json) {
  if (const Json* const dropped = json.find("drop")) {
    const std::string_view group = dropped->text_at({"group"});
    const std::string_view plural = dropped->text_at({"plural"});
    if (!world_.store.drop(group, plural))
      return fail(invalid(text::cat("drop: no ", plural, " of ", group, " is served")));
    return done();
  }
  return fail(invalid("drop: a group and a plural are expected; a CustomResourceDefinition adds a kind"));
}

Result<Json> ControlHandler::change_history(const Json& json) {
  const auto revision = number_at(json, "resourceVersion");
  if (!revision) return Failure(revision.error());
  const auto expires = truth_at(json, "expire");
  if (!expires) return Failure(expires.error());
  if (*revision) world_.store.set_revision(**revision);
  if (expires->value_or(false)) world_.store.expire();
  return state();
}

Result<Json> ControlHandler::change_behaviour(const Json& json) {
  Behaviour changed = world_.behaviour;
  for (const auto& [name, value] : json.members()) {
    if (name == "tokens") {
      changed.tokens.clear();
      for (const Json::Member& token : value.members()) changed.tokens.emplace(token.name, token.value.text());
    } else if (name == "bookmarkMilliseconds" || name == "streams") {
      const auto number = number_at(json, name);
      if (!number) return Failure(number.error());
      if (name == "streams") {
        port_.set_streams(static_cast<std::uint32_t>(**number));
      } else {
        world_.watches.bookmark_interval = net::Duration(**number);
      }
    } else {
      const auto truth = truth_at(json, name);
      if (!truth) return Failure(truth.error());
      if (name == "aggregatedDiscovery") {
        changed.has_aggregated_discovery = **truth;
      } else if (name == "initialEvents") {
        changed.sends_initial_events = **truth;
      } else if (name == "expiredInStream") {
        changed.says_expired_in_stream = **truth;
      } else if (name == "stamps") {
        world_.writes.set_stamps(**truth);
      } else {
        return fail(invalid(text::cat(name, ": there is no such behaviour")));
      }
    }
  }
  world_.behaviour = std::move(changed);
  return done();
}

Result<Json> ControlHandler::change_watches(const Json& json) {
  const Result<Deed> deed = deed_in(json);
  if (!deed) return Failure(deed.error());
  std::uint64_t count = 0;
  for (Watch* const watch : world_.watches.all()) {
    if (!fits_pattern(json.text_at({"on"}), watch->order().target)) continue;
    (*deed)(*watch);
    ++count;
  }
  Json answer = Json::map();
  answer["watches"] = Json::number(count);
  return answer;
}

Result<Json> ControlHandler::change_port(const Json& json) {
  using Mode = ApiPort::Mode;
  const std::string_view what = json.text_at({"do"});
  if (what == "drop") {
    port_.drop_connections();
  } else if (what == "goAway") {
    port_.go_away();
  } else if (what == "serve" || what == "refuse" || what == "ignore") {
    const auto set = port_.set_mode(what == "serve" ? Mode::serve : what == "refuse" ? Mode::refuse : Mode::ignore);
    if (!set) return Failure(set.error());
  } else {
    return fail(invalid("do: drop, goAway, serve, refuse or ignore is expected"));
  }
  return done();
}

Result<Json> ControlHandler::add_rule(const Json& json) {
  Result<RulePtr> rule = Rule::read(json);
  if (!rule) return Failure(rule.error());
  Json answer = Json::map();
  answer["id"] = Json::number(world_.rules.add(std::move(*rule)));
  return answer;
}

Result<Json> ControlHandler::remove_rules(std::string_view path) {
  constexpr std::string_view all = "/rules";
  if (path == all) {
    world_.rules.clear();
    return done();
  }
  const auto id = path.starts_with(all) ? parse_decimal<std::uint64_t>(path.substr(all.size() + 1)) : std::nullopt;
  if (!id || !world_.rules.remove(*id)) return fail(invalid(text::cat(path, ": there is no such rule")));
  return done();
}

Json ControlHandler::state() const {
  Json json = Json::map();
  json["resourceVersion"] = Json::number(world_.store.revision());
  json["connections"] = Json::number(port_.connections());
  json["accepted"] = Json::number(port_.accepted());
  Json watches = Json::list();
  for (const Watch* const watch : world_.watches.all()) watches.add(described(*watch));
  json["watches"] = std::move(watches);
  return json;
}

}  // namespace sallyport::fake_api
