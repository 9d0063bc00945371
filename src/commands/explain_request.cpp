// SPDX-License-Identifier: Apache-2.0
#include "commands/explain_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/number.hpp"
#include "base/text.hpp"
#include "commands/expiring.hpp"
#include "filters/filter.hpp"
#include "filters/make.hpp"
#include "http/h1/request_parser.hpp"
#include "http/incoming.hpp"
#include "syntax/host.hpp"
#include "syntax/token.hpp"

namespace sallyport::commands {
namespace {

struct Url {
  std::string_view authority;
  std::string_view target;  // empty: "/"
  std::uint16_t port = 80;
  bool tls = false;
};

// A scheme has no case (RFC 3986 3.1).
bool has_scheme(std::string_view text, std::string_view scheme) {
  return text.size() >= scheme.size() && syntax::equals_ignore_case(text.substr(0, scheme.size()), scheme);
}

// Without its ':', which may stand there with nothing behind it (RFC 3986 3.2.3).
Result<std::uint16_t> cut_port(std::string_view& authority, std::uint16_t usual) {
  const std::size_t colon = authority.rfind(':');
  if (colon == authority.npos || authority.find(']', colon) != authority.npos) return usual;
  const std::string_view digits = authority.substr(colon + 1);
  if (digits.empty()) {
    authority.remove_suffix(1);
    return usual;
  }
  const auto port = parse_decimal<std::uint16_t>(digits);
  if (!port || *port == 0) return fail(invalid(text::cat(authority, ": expected a port from 1 to 65535")));
  return *port;
}

Result<Url> parse_url(std::string_view text) {
  constexpr std::string_view cleartext = "http://";
  constexpr std::string_view secured = "https://";
  if (text == "*") return fail(invalid("*, which asks about the server as a whole, has no rule to explain"));
  Url url;
  url.tls = has_scheme(text, secured);
  if (!url.tls && !has_scheme(text, cleartext)) {
    return fail(invalid(text::cat(text, ": expected http://HOST/PATH, or https://")));
  }
  text.remove_prefix(url.tls ? secured.size() : cleartext.size());
  text = text.substr(0, text.find('#'));  // a client keeps that to itself
  const std::size_t end = std::min(text.find_first_of("/?"), text.size());
  url.authority = text.substr(0, end);
  url.target = text.substr(end);
  if (url.authority.find('@') != url.authority.npos) {
    return fail(invalid("a URL with a user's name or password before the host: leave that out, and give a header"));
  }
  const Result<std::uint16_t> port = cut_port(url.authority, url.tls ? 443 : 80);
  if (!port) return Failure(port.error());
  url.port = *port;
  return url;
}

bool is_host(std::string_view header) { return syntax::equals_ignore_case(header.substr(0, header.find(':')), "host"); }

// What a client would send.
std::string head_bytes(const Asked& asked, const Url& url) {
  const bool names_host = std::ranges::any_of(asked.headers, [](const std::string& one) { return is_host(one); });
  std::string bytes = text::cat(asked.method, " ", url.target.starts_with('/') ? "" : "/", url.target, " HTTP/1.1\r\n");
  if (!names_host) bytes += text::cat("Host: ", url.authority, "\r\n");
  for (const std::string& header : asked.headers) bytes += text::cat(header, "\r\n");
  return bytes + "\r\n";
}

// By the port that users call, or the one that it is bound to for them (--port-map).
const routing::Listener* find_listener(const routing::Snapshot& snapshot, const Url& url) {
  const routing::Listener* found = nullptr;
  snapshot.listeners.for_each([&](const routing::Listener& listener) {
    const bool bound = std::ranges::any_of(listener.model.addresses,
                                           [&](const syntax::SocketAddress& one) { return one.port == url.port; });
    const bool fits = listener.model.tls == url.tls && (listener.model.port == url.port || bound);
    if (found == nullptr && fits) found = &listener;
  });
  return found;
}

struct Nobody final : http::InterimSink, http::Caller {
  net::Task<Result<void>> interim(const http::ResponseHead&) override { co_return Result<void>(); }
  net::Task<Result<http::Response>> call(std::string_view, const http::Request&, Arena&, http::CallLimits) override {
    co_return fail(Code::no_service);
  }
};

// Passes the listener's filters as a request does, asks for the explanation where the rule would be chosen, and goes on
// through the filters of that rule.
class Walk final : public filters::Exchange, private filters::Stage {
 public:
  Walk(http::Incoming& request_in, const routing::Snapshot& snapshot, const routing::Listener& at,
       filters::WorkerStates& states, http::Caller& nobody, Explained& explained)
      : Exchange(request_in, at.model, states, nobody, {}), snapshot_(snapshot), listener_(at), explained_(explained) {}

  void run_to_end() {
    net::Task<Result<http::Response>> task = start_chain();
    net::Beside<Result<http::Response>> running(std::move(task));
    if (is_told_) return;
    if (!running.done()) {
      explained_.refused = invalid("a filter waits for something else");
      return;
    }
    const Result<http::Response> response = running.take();
    if (rule_chain_) return note_answer(response);
    explained_.refused = response ? invalid("a filter of the listener answers it") : response.error();
  }

 private:
  // What stands behind the filters of the rule.
  struct Leaving final : filters::Stage {
    explicit Leaving(Walk& of) : walk(of) {}
    net::Task<Result<http::Response>> run() override { return walk.leave(); }
    Walk& walk;
  };

  net::Task<Result<http::Response>> start_chain() {
    return filters::Next(listener_.chain, static_cast<filters::Stage&>(*this))(*this);
  }
  net::Task<Result<http::Response>> run() override {
    routing::Explanation& found = explained_.explanation;
    found = routing::explain(snapshot_, listener_, request(), client, std::nullopt);
    explained_.client = client;
    // An encoded slash that the rule does not keep is refused before its filters are asked (routing::Choice).
    if (found.rule == nullptr || found.code == Code::bad_path) return tell();
    match = {.rule = found.rule.get(), .prefix = found.prefix};
    request().path = found.path;
    rule_chain_ = filters::make(found.rule->chain);
    return filters::Next(*rule_chain_, leaving_)(*this);
  }
  net::Task<Result<http::Response>> leave() {
    explained_.asked_for = request().path;
    return tell();
  }
  net::Task<Result<http::Response>> tell() {
    is_told_ = true;
    return net::Task<Result<http::Response>>::with(http::Response(arena()));
  }
  net::Task<Result<http::Response>> reroute() override { co_return fail(Code::no_path); }

  // A filter of the rule gave it.
  void note_answer(const Result<http::Response>& response) {
    if (response) {
      const std::string_view location = response->head.fields.value(syntax::HeaderId::location);
      explained_.answered = {.status = response->head.status, .location = std::string(location)};
      return;
    }
    routing::Explanation& found = explained_.explanation;
    found.code = response.error().code;
    found.detail = response.error().detail;
    found.refused_by = response.error().rule;
    found.destinations.clear();
  }

  const routing::Snapshot& snapshot_;
  const routing::Listener& listener_;
  Explained& explained_;
  Leaving leaving_{*this};
  std::optional<filters::Chain> rule_chain_;  // of the rule, once it is chosen
  bool is_told_ = false;
};

// What is named in the handshake: the URL's host, whatever a field Host says, as curl does. Addresses are not (RFC 6066
// 3): then it is empty.
Result<std::string> server_name_of(const Url& url) {
  std::array<char, syntax::authority_room> room{};
  const Result<syntax::Authority> named = syntax::canonical_authority(url.authority, room);
  if (!named) return Failure(named.error());
  const std::string_view host = named->host;
  return std::string(syntax::IpAddress::parse(host) || host.starts_with('[') ? std::string_view() : host);
}

ExplainedTls explain_tls(const routing::Snapshot& snapshot, const routing::Listener& listener,
                         const routing::TlsChoice& choice) {
  ExplainedTls tls;
  if (choice.name != nullptr) tls.name = choice.name->part;
  if (choice.certificate == nullptr) return tls;
  tls.certificate = choice.certificate->part;
  const auto& fallback = listener.default_certificate;
  tls.is_default = fallback && snapshot.certificate(fallback->slot()) == choice.certificate;
  return tls;
}

// Before any filter, as on a connection that was made for another host (proxy/entrance.cpp).
Error misdirected(std::string_view server_name, std::string_view host) {
  return {.code = Code::misdirected,
          .rule = "T-2",
          .detail = text::cat("a connection for ", server_name.empty() ? "no name" : server_name,
                              " is made under another TLS policy than ", host, " asks for")};
}

Error no_certificate(const routing::TlsChoice& choice) {
  const std::string_view withheld =
      ", and while another name requires client certificates the default one is for names of a spec.tls only";
  return invalid(text::cat("the handshake: no certificate is for this host", choice.is_default_withheld ? withheld : "",
                           " (unrecognized_name)"));
}

void note_head(Explained& explained, const http::RequestHead& head) {
  explained.method = head.method_text;
  explained.host = head.host;
  explained.path = head.path;
  explained.query = head.query;
}

}  // namespace

bool Explained::served() const {
  if (refused || explanation.rule == nullptr) return false;
  if (answered) return answered->status < 400;
  if (explanation.code) return false;
  return std::ranges::any_of(explanation.destinations, [](const routing::Explanation::Destination& one) {
    return one.endpoints != nullptr && !one.endpoints->is_empty();
  });
}

Result<Explained> explain_request(const routing::Snapshot& snapshot, const Asked& asked, const Reading& reading,
                                  net::Loop& loop) {
  if (asked.method == "CONNECT") return fail(invalid("CONNECT asks for a tunnel to a host, and no rule is for that"));
  const Result<Url> url = parse_url(asked.url);
  if (!url) return Failure(url.error());
  Explained explained;
  explained.client = asked.from;
  const std::string bytes = head_bytes(asked, *url);
  Arena arena;
  Nobody nobody;
  auto connection = http::ConnectionFacts::of({asked.from, 0});
  connection.is_secure = url->tls;
  http::Incoming incoming(arena, loop, connection, nobody);
  http::RequestHead& head = incoming.request.head;
  http::Notes notes;
  http::Conduct conduct = reading.conduct;
  if (url->tls) conduct.default_port = 443;
  const Result<std::size_t> size = http::h1::parse_request_head(bytes, reading.limits, conduct, arena, head, notes);
  if (!size) {
    explained.refused = size.error();
    return explained;
  }
  if (*size != bytes.size()) return fail(invalid("method, URL and headers are more than the head of one request"));
  note_head(explained, head);
  const routing::Listener* listener = find_listener(snapshot, *url);
  if (listener == nullptr) {
    explained.refused =
        invalid(text::cat(url->tls ? "nothing speaks TLS on port " : "nothing listens on port ", url->port,
                          "; --port-map says which others stand for ", url->tls ? "443" : "80"));
    return explained;
  }
  if (url->tls) {
    const Result<std::string> server_name = server_name_of(*url);
    if (!server_name) return Failure(server_name.error());
    const routing::TlsChoice choice = snapshot.tls_choice_for(*listener, *server_name, seconds_now());
    explained.tls = explain_tls(snapshot, *listener, choice);
    connection.tls_policy = choice.policy();
    if (choice.certificate == nullptr) {
      explained.refused = no_certificate(choice);
      return explained;
    }
    if (snapshot.is_misdirected(*listener, head.host, choice.policy())) {
      explained.refused = misdirected(*server_name, head.host);
      return explained;
    }
  }
  filters::SharedStates shared;
  filters::WorkerStates states(shared);
  Walk(incoming, snapshot, *listener, states, nobody, explained).run_to_end();
  return explained;
}

}  // namespace sallyport::commands
