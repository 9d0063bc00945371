// SPDX-License-Identifier: Apache-2.0
#include "fake_api_server/api_handler.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.hpp"
#include "fake_api_server/answers.hpp"
#include "fake_api_server/cut_body.hpp"
#include "fake_api_server/discovery.hpp"
#include "fake_api_server/list_options.hpp"
#include "fake_api_server/negotiation.hpp"
#include "http/text_response.hpp"
#include "net/sleep.hpp"
#include "net/tls/facts.hpp"

namespace sallyport::fake_api {
namespace {

using syntax::HeaderId;

std::string value_of(const http::Incoming& incoming, std::string_view name) {
  const http::Field* const field = incoming.request.head.fields.find(name);
  return field == nullptr ? std::string() : std::string(field->value);
}

// CN of a name as RFC 2253 writes it.
std::string common_name(std::string_view subject) {
  for (const std::string_view part : text::split(subject, ',')) {
    if (part.starts_with("CN=")) return std::string(part.substr(3));
  }
  return {};
}

Refusal forbidden(const Target& target, std::string_view verb, std::string_view user) {
  if (target.what != Target::What::object) {
    return {.code = 403,
            .reason = "Forbidden",
            .message = text::cat("forbidden: User \"", user, "\" cannot ", verb, " this path")};
  }
  const std::string resource =
      target.subresource.empty() ? target.plural : text::cat(target.plural, "/", target.subresource);
  const std::string where =
      target.namespace_.empty() ? "at the cluster scope" : text::cat("in the namespace \"", target.namespace_, "\"");
  const std::string group = target.group.empty() ? target.plural : text::cat(target.plural, ".", target.group);
  const std::string which = target.name.empty() ? "" : text::cat(" \"", target.name, "\"");
  return {.code = 403,
          .reason = "Forbidden",
          .message = text::cat(group, which, " is forbidden: User \"", user, "\" cannot ", verb, " resource \"",
                               resource, "\" in API group \"", target.group, "\" ", where),
          .group = target.group,
          .resource = target.plural,
          .name = target.name};
}

Refusal not_acceptable() {
  return {.code = 406,
          .reason = "NotAcceptable",
          .message = "only the following media types are accepted: application/json"};
}

Refusal unsupported_type(std::string_view content_type) {
  return {.code = 415,
          .reason = "UnsupportedMediaType",
          .message = text::cat("the body of the request was in an unknown format: ", content_type)};
}

std::optional<PatchType> patch_type(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  if (type == "application/merge-patch+json") return PatchType::merge;
  if (type == "application/strategic-merge-patch+json") return PatchType::strategic;
  if (type == "application/apply-patch+yaml") return PatchType::apply;
  return std::nullopt;
}

}  // namespace

net::Task<Result<http::Response>> ApiHandler::handle(http::Incoming& incoming) {
  const http::RequestHead& head = incoming.request.head;
  Call call{.target = read_target(head.path), .query = commands::Query(head.query)};
  call.verb = verb_of(call.target, head.method, call.query);
  call.text = text::cat(call.verb, " ", head.path, head.has_query ? "?" : "", head.query);
  call.user = user_of(incoming);
  const std::string agent = value_of(incoming, "user-agent");
  call.manager = call.query.first("fieldManager").value_or(agent.substr(0, agent.find('/')));
  call.accept = head.fields.value(HeaderId::accept);
  call.content_type = head.fields.value(HeaderId::content_type);
  Result<std::string> body = co_await read_all(incoming);
  if (!body) co_return Failure(body.error());
  call.body = std::move(*body);
  LoggedRequest logged{.verb = std::string(call.verb),
                       .method = std::string(head.method_text),
                       .target = text::cat(head.path, head.has_query ? "?" : "", head.query),
                       .user = call.user,
                       .user_agent = agent,
                       .accept = std::string(call.accept),
                       .content_type = std::string(call.content_type),
                       .body = call.body,
                       .connection_port = incoming.connection.peer.port};
  const std::size_t number = world_.log.add(std::move(logged));
  Result<http::Response> response = co_await answer(incoming, call);
  if (response) world_.log.at(number).status = response->head.status;
  co_return response;
}

// Empty: nobody who is known.
std::string ApiHandler::user_of(const http::Incoming& incoming) const {
  if (const auto* const tls = incoming.connection.tls; tls != nullptr && tls->client != nullptr) {
    return common_name(tls->client->subject);
  }
  const std::string shown = value_of(incoming, "authorization");
  constexpr std::string_view scheme = "Bearer ";
  if (!shown.starts_with(scheme)) return world_.behaviour.tokens.empty() ? "system:anonymous" : "";
  const auto known = world_.behaviour.tokens.find(std::string_view(shown).substr(scheme.size()));
  if (known != world_.behaviour.tokens.end()) return known->second;
  return world_.behaviour.tokens.empty() ? "system:anonymous" : "";
}

net::Task<Result<http::Response>> ApiHandler::answer(http::Incoming& incoming, const Call& call) {
  if (call.user.empty()) co_return refused_answer(incoming, refusal_of(401));
  RulePtr rule = world_.rules.use(call.text);
  if (rule == nullptr) co_return serve(incoming, call);
  co_return co_await answer_by(incoming, call, std::move(rule));
}

net::Task<Result<http::Response>> ApiHandler::answer_by(http::Incoming& incoming, const Call& call, RulePtr rule) {
  co_await net::Sleep(incoming.loop, rule->delay);
  if (rule->holds) co_await rule->removed.opened();
  if (rule->code) {
    Refusal refusal = *rule->code == 403 ? forbidden(call.target, call.verb, call.user) : refusal_of(*rule->code);
    refusal.retry_after = rule->retry_after;
    co_return refused_answer(incoming, refusal);
  }
  Result<http::Response> response =
      rule->body ? json_answer(incoming, rule->status, *rule->body) : serve(incoming, call);
  const bool is_cut = rule->bytes.has_value() || (rule->body && rule->ending != Ending::end);
  if (!response || !is_cut) co_return response;
  const std::uint64_t bytes = rule->bytes.value_or(std::numeric_limits<std::uint64_t>::max());
  response->head.framing = {.kind = http::Framing::Kind::chunked};
  response->body =
      ArenaPtr<http::Body>(incoming.arena.make<CutBody>(incoming.loop, std::move(response->body), bytes, rule->ending));
  co_return response;
}

Result<http::Response> ApiHandler::serve(http::Incoming& incoming, const Call& call) {
  using What = Target::What;
  const Target& target = call.target;
  if (target.what == What::health) return http::text_response(incoming.arena, 200, "text/plain", "ok");
  if (target.what == What::version) return json_answer(incoming, 200, version_document().written());
  if (target.what == What::unknown) return no_page(incoming);
  if (target.what != What::object) return discover(incoming, call);
  const KindPtr kind = world_.store.find(target.group, target.version, target.plural);
  const bool has_subresource = target.subresource == "status" && kind != nullptr && kind->has_status;
  if (kind == nullptr || (!target.subresource.empty() && !has_subresource)) return no_page(incoming);
  if (!kind->is_namespaced && !target.namespace_.empty()) return no_page(incoming);
  return serve_object(
      incoming, call,
      {.kind = kind, .namespace_ = target.namespace_, .name = target.name, .subresource = target.subresource});
}

Result<http::Response> ApiHandler::discover(http::Incoming& incoming, const Call& call) {
  using What = Target::What;
  const bool is_top = call.target.what == What::core || call.target.what == What::groups;
  if (is_top && world_.behaviour.has_aggregated_discovery && wanted_form(call.accept) == Wanted::discovery) {
    const Json document = aggregated_discovery(world_.store, call.target.what == What::core);
    return json_answer(incoming, 200, document.written(), aggregated_type);
  }
  const auto document = plain_discovery(world_.store, call.target);
  return document ? json_answer(incoming, 200, document->written()) : no_page(incoming);
}

Result<http::Response> ApiHandler::serve_object(http::Incoming& incoming, const Call& call, const Place& place) {
  if (call.query.first("dryRun")) return refused_answer(incoming, bad_request("dryRun is not served here"));
  if (call.verb == "get") return get(incoming, call, place);
  if (call.verb == "list") return list(incoming, call, place);
  if (call.verb == "watch") return watch(incoming, call, place);
  if (call.verb == "delete") return remove(incoming, call, place);
  return write(incoming, call, place);
}

Result<http::Response> ApiHandler::get(http::Incoming& incoming, const Call& call, const Place& place) {
  const Wanted wanted = wanted_form(call.accept);
  if (wanted != Wanted::whole && wanted != Wanted::metadata) return refused_answer(incoming, not_acceptable());
  const ObjectPtr object = world_.store.get(*place.kind, place.namespace_, place.name);
  if (object == nullptr) return refused_answer(incoming, not_found(*place.kind, place.name));
  std::string text;
  const Form form = wanted == Wanted::metadata ? Form::metadata : Form::whole;
  append_object(text, *object, form, object->revision, false);
  return json_answer(incoming, 200, std::move(text));
}

Result<http::Response> ApiHandler::list(http::Incoming& incoming, const Call& call, const Place& place) {
  const Wanted wanted = wanted_form(call.accept);
  if (wanted != Wanted::whole && wanted != Wanted::metadata_list) return refused_answer(incoming, not_acceptable());
  auto options = read_list_options(*place.kind, call.query, false, world_.behaviour.sends_initial_events);
  if (!options) return refused_answer(incoming, options.error());
  if (!place.namespace_.empty()) options->scope.namespace_ = place.namespace_;
  Store& store = world_.store;
  if (options->revision && *options->revision > store.revision()) {
    return refused_answer(incoming, too_large_revision(*options->revision, store.revision()));
  }
  if (options->is_exact && options->revision != store.revision()) {
    return refused_answer(incoming, expired("The resourceVersion for the provided list is too old."));
  }
  const auto page = options->rest.empty() ? std::optional(store.first_page(*place.kind, options->scope, options->limit))
                                          : store.next_page(options->rest, options->limit);
  if (!page) {
    return refused_answer(incoming, expired("The provided continue parameter is too old to display a consistent list "
                                            "result. You can start a new list without the continue parameter."));
  }
  const Form form = wanted == Wanted::whole ? Form::whole : Form::metadata;
  Json head = Json::map();
  head["kind"] = form == Form::whole ? place.kind->name + "List" : "PartialObjectMetadataList";
  head["apiVersion"] = form == Form::whole ? place.kind->api_version() : "meta.k8s.io/v1";
  Json& metadata = head["metadata"];
  metadata["resourceVersion"] = std::to_string(page->revision);
  if (!page->rest.empty()) {
    metadata["continue"] = page->rest;
    if (!options->scope.is_narrowed()) metadata["remainingItemCount"] = Json::number(page->remaining);
  }
  std::string text = head.written();
  text.back() = ',';
  text += "\"items\":[";
  for (const ObjectPtr& item : page->items) {
    if (text.back() != '[') text += ',';
    append_object(text, *item, form, item->revision, true);
  }
  text += "]}\n";
  return json_answer(incoming, 200, std::move(text));
}

Result<http::Response> ApiHandler::watch(http::Incoming& incoming, const Call& call, const Place& place) {
  const Wanted wanted = wanted_form(call.accept);
  if (wanted != Wanted::whole && wanted != Wanted::metadata) return refused_answer(incoming, not_acceptable());
  auto options = read_list_options(*place.kind, call.query, true, world_.behaviour.sends_initial_events);
  if (!options) return refused_answer(incoming, options.error());
  if (!place.namespace_.empty()) options->scope.namespace_ = place.namespace_;
  if (options->revision && !options->sends_initial_events && !world_.store.knows_since(*options->revision)) {
    const Refusal refusal =
        expired(text::cat("too old resource version: ", *options->revision, " (", world_.store.revision(), ")"));
    if (!world_.behaviour.says_expired_in_stream) return refused_answer(incoming, refusal);
    return json_answer(incoming, 200, text::cat(R"({"type":"ERROR","object":)", refusal.status().written(), "}\n"));
  }
  if (options->sends_initial_events && options->revision.value_or(0) > world_.store.revision()) {
    return refused_answer(incoming, too_large_revision(*options->revision, world_.store.revision()));
  }
  WatchOrder order{.kind = place.kind,
                   .scope = std::move(options->scope),
                   .form = wanted == Wanted::whole ? Form::whole : Form::metadata,
                   .target = call.text,
                   .revision = options->sends_initial_events ? std::nullopt : options->revision,
                   .has_bookmarks = options->has_bookmarks,
                   .says_initial_end = options->sends_initial_events && options->has_bookmarks};
  if (options->timeout) order.timeout = std::chrono::seconds(*options->timeout);
  return stream_answer(incoming, ArenaPtr<http::Body>(incoming.arena.make<Watch>(incoming.loop, world_.store,
                                                                                 world_.watches, std::move(order))));
}

Result<http::Response> ApiHandler::write(http::Incoming& incoming, const Call& call, const Place& place) {
  const bool is_create = call.verb == "create";
  if (is_create != place.name.empty() || (!is_create && call.verb != "update" && call.verb != "patch")) {
    return refused_answer(incoming, {.code = 405,
                                     .reason = "MethodNotAllowed",
                                     .message = "the server does not allow this method on the requested resource"});
  }
  if (place.kind->is_namespaced && place.namespace_.empty()) {
    return refused_answer(incoming, bad_request("an empty namespace may not be set"));
  }
  const auto type = patch_type(call.content_type);
  const bool is_patch = call.verb == "patch";
  if (is_patch && (!type || (type == PatchType::strategic && place.kind->is_custom))) {
    return refused_answer(incoming, unsupported_type(call.content_type));
  }
  if (is_patch && type == PatchType::apply && !call.query.first("fieldManager")) {
    return refused_answer(incoming, bad_request("fieldManager is required for apply patch"));
  }
  const auto documents = Json::parse_yaml(call.body);
  if (!documents || documents->size() != 1 || !documents->front().is_map()) {
    return refused_answer(incoming, bad_request("the body is no object"));
  }
  const Json& json = documents->front();
  const bool is_forced = is_on(call.query, "force");
  const WriteResult written = is_create  ? world_.writes.create(place, json, call.manager)
                              : is_patch ? world_.writes.patch(place, *type, json, call.manager, is_forced)
                                         : world_.writes.update(place, json, call.manager);
  if (!written) return refused_answer(incoming, written.error());
  return json_answer(incoming, written->is_new ? 201 : 200, written->object->json.written());
}

Result<http::Response> ApiHandler::remove(http::Incoming& incoming, const Call& call, const Place& place) {
  Json options = Json::map();
  if (!call.body.empty()) {
    auto written = Json::parse(call.body);
    if (!written) return refused_answer(incoming, bad_request("the body is no object"));
    options = std::move(*written);
  }
  const auto gone = world_.writes.remove(place, options);
  if (!gone) return refused_answer(incoming, gone.error());
  Json status = Json::map();
  status["kind"] = "Status";
  status["apiVersion"] = "v1";
  status["metadata"] = Json::map();
  status["status"] = "Success";
  status["details"]["name"] = place.name;
  status["details"]["kind"] = place.kind->plural;
  status["details"]["uid"] = (*gone)->json.text_at({"metadata", "uid"});
  return json_answer(incoming, 200, status.written());
}

}  // namespace sallyport::fake_api
