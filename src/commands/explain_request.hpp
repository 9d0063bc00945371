// SPDX-License-Identifier: Apache-2.0
// Why a request would go where it goes, by the code of the request path: the bytes that a client would send pass the
// real parser, the listener's filters run, the snapshot's own choice is asked, and the filters of the rule run. Nothing
// is sent to anybody, and no state of a running gateway is touched.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/result.hpp"
#include "commands/explain_context.hpp"
#include "http/limits.hpp"
#include "net/loop.hpp"
#include "routing/explanation.hpp"
#include "routing/snapshot.hpp"
#include "syntax/address.hpp"

namespace sallyport::commands {

struct Asked {
  std::string method = "GET";
  std::string url;  // http://HOST[:PORT][/PATH][?QUERY], or https://
  // Whole lines: "Name: value". A Host among them counts, as with curl; a TLS handshake names the URL's host all the
  // same.
  std::vector<std::string> headers;
  syntax::IpAddress from = *syntax::IpAddress::parse("127.0.0.1");
};

// What the handshake of a client would have met that names the URL's host in it.
struct ExplainedTls {
  std::shared_ptr<const model::ServerName> name;          // null: nobody spoke of it
  std::shared_ptr<const model::Certificate> certificate;  // null: there is no handshake
  bool is_default = false;                                // the listener's, because no other is for the name
};

// What a filter of the rule answers by itself.
struct ExplainedAnswer {
  std::uint16_t status = 0;
  std::string location;  // empty: it sends nobody elsewhere
};

struct Explained {
  // As parsed; empty where the head was refused.
  std::string method;
  std::string host;
  std::string path;
  std::string query;
  syntax::IpAddress client;  // after trusted proxies were heard

  // Why no rule was looked for: a head that is refused, no such listener, a filter that answers. None: `explanation`
  // counts.
  std::optional<Error> refused;
  std::optional<ExplainedTls> tls;  // of https
  // A filter of the rule that refuses is a reason why nothing is forwarded, as others are: its code, and no
  // destinations.
  routing::Explanation explanation;
  std::optional<ExplainedAnswer> answered;  // then nothing is forwarded either
  std::string asked_for;                    // the path that goes up, where the filters of the rule let it through
  ExplainContext context;                   // filled by whoever knows the objects

  // A rule serves it: its filters let it through, and one of its destinations, at least, has an endpoint; or one of its
  // filters answers as its object asks for, by a redirect.
  bool served() const;
};

// How heads are read: as the gateway's clients' are.
struct Reading {
  http::Limits limits;
  http::Conduct conduct;
};

// The error is that the URL is none. `loop` is this thread's; it does not run meanwhile.
Result<Explained> explain_request(const routing::Snapshot& snapshot, const Asked& asked, const Reading& reading,
                                  net::Loop& loop);

// `shadowing` has shadowed_by(rule): the engine, or control. `status_of` may give null.
template <class Shadowing, class StatusOf>
ExplainContext context_of(const Explained& explained, const Shadowing& shadowing, const EachRule& each,
                          StatusOf status_of) {
  ExplainContext context;
  const auto& rule = explained.explanation.rule;
  if (rule != nullptr) {
    context.shadowed = shadowing.shadowed_by(*rule);
    const auto status = status_of(rule->origin.object);
    context.last_good = status != nullptr && status->last_good;
  } else if (!explained.refused) {
    context.nearby = nearby_rules(each, explained.host, explained.path);
  }
  return context;
}

}  // namespace sallyport::commands
