// SPDX-License-Identifier: Apache-2.0
// What is asked of all that was sent, once everything is over.

#include <algorithm>

#include "base/text.hpp"
#include "support/session_play.hpp"

namespace sallyport::support {
namespace {

const SentRequest* asked_with(const std::deque<PlayedClient>& clients, std::string_view tag) {
  for (const PlayedClient& client : clients) {
    for (const SentRequest& request : client.sent.requests()) {
      if (request.tag == tag) return &request;
    }
  }
  return nullptr;
}

std::string tag_field(const strict::Message& message) {
  for (const strict::Line& field : message.fields) {
    if (field.name == "X-Tag") return std::string(field.value);
  }
  return {};
}

// Another message cannot follow it.
bool is_last(const strict::Message& message) {
  return !message.persists && (message.status >= 200 || message.status == 101);
}

}  // namespace

// What was forwarded is what a client has sent.
void Play::judge_upstream(const PlayedUpstream& upstream) {
  for (const PlayedUpstream::Request& request : upstream.requests) {
    if (request.tag.empty()) continue;
    const SentRequest* const from = asked_with(clients_, request.tag);
    if (from == nullptr) return say("nobody asked that", upstream.wire.text());
    if (from->method != request.method) return say("another method", upstream.wire.text());
    if (request.complete && (!from->body->complete() || from->body->text() != request.body)) {
      return say("another body", upstream.wire.text());
    }
  }
}

void Play::judge_client(const PlayedClient& client) {
  const std::string& text = client.wire.text();
  const std::deque<SentRequest>& requests = client.sent.requests();
  std::vector<std::string> methods;
  for (const SentRequest& request : requests) methods.push_back(request.method);
  // A head that is refused, or late, gets its answer too.
  if (client.sent.has_rest()) methods.emplace_back("GET");
  const strict::Reading reading = strict::read_responses(text, methods, client.wire.saw_end(), strict::As::sent);
  if (reading.end == strict::End::refused) return say(text::cat("a client was told: ", reading.why), text);

  std::size_t answered = 0;
  for (const strict::Message& message : reading.messages) {
    if (message.status < 200) {
      judge_interim(client, answered, message);
      continue;
    }
    if (answered < requests.size()) judge_answer(requests[answered], message);
    if (answered >= requests.size() && !tag_field(message).empty()) say("an answer to nothing", text);
    ++answered;
  }
  const bool closed = !reading.messages.empty() && is_last(reading.messages.back());
  const bool switched = closed && reading.messages.back().status == 101;
  if (switched || reading.rest == text.size()) return;
  if (closed) return say("bytes behind the last response", text);
  // Of what was refused the method is not known: the answer to a HEAD has no body.
  if (client.wire.saw_end() && answered < requests.size()) say("a response was cut, and its end was clean", text);
}

void Play::judge_interim(const PlayedClient& client, std::size_t at, const strict::Message& message) {
  const std::deque<SentRequest>& requests = client.sent.requests();
  if (at >= requests.size()) return say("an interim answer to nothing", client.wire.text());
  const SentRequest& request = requests[at];
  if (request.version == http::Version::http10) say("HTTP/1.0 knows no interim answer", client.wire.text());
  if (message.status == 100 && !request.expects_continue) say("nobody waits for 100", client.wire.text());
  if (message.status == 101 && !request.upgrades) say("nobody asked to switch", client.wire.text());
}

void Play::judge_answer(const SentRequest& request, const strict::Message& message) {
  if (poisoned_.contains(request.tag)) return;
  const std::string tag = tag_field(message);
  if (!tag.empty() && tag != request.tag) return say(text::cat(request.tag, " got the answer to"), tag);
  const bool about_us = request.method == "OPTIONS" && message.status == 204;
  if (tag.empty() && (message.status >= 400 || about_us || own_answers_ || request.tag.empty())) return;
  for (const PlayedUpstream& upstream : upstreams_) {
    for (std::size_t i = 0; i < upstream.requests.size(); ++i) {
      if (upstream.requests[i].tag == request.tag && is_answer({&upstream, i}, request, message)) return;
    }
  }
  say("no upstream gave that answer to", text::cat(request.tag, " ", message.status, " ", message.body));
}

bool Play::is_answer(const Answer& answer, const SentRequest& request, const strict::Message& message) const {
  const std::deque<SentResponse>& responses = answer.first->sent.responses();
  if (answer.second >= responses.size()) return false;
  const SentResponse& response = responses[answer.second];
  const bool no_body = request.method == "HEAD" || message.status == 204 || message.status == 304;
  return response.status == message.status &&
         (no_body || (response.body->complete() && response.body->text() == message.body));
}

}  // namespace sallyport::support
