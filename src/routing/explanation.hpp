// SPDX-License-Identifier: Apache-2.0
// Why a request goes where it goes, as plain values: the request path's own choice (choice.hpp), walked to its end.
// Any thread that holds the snapshot may ask.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "http/message.hpp"
#include "model/parts.hpp"
#include "model/precedence.hpp"
#include "routing/choice.hpp"
#include "routing/snapshot.hpp"
#include "syntax/address.hpp"

namespace sallyport::routing {

inline constexpr std::size_t most_losers = 32;  // before the winner, and as many behind it

struct Explanation {
  struct Destination {
    std::uint64_t weight = 0;
    bool is_chosen = false;                               // by the request's number, if one was given
    std::string backend;                                  // id; empty: the gateway answers itself,
    Code answer = Code::no_service;                       // with this
    std::shared_ptr<const model::Backend> part;           // null when the snapshot does not have it
    std::shared_ptr<const model::EndpointSet> endpoints;  // the same
    std::vector<std::string_view> chain;                  // names of filters, in order
  };

  // Another candidate. One that ranks before the winner did not fit; one behind it was not asked, but is here.
  struct Loser {
    std::shared_ptr<const model::Rule> rule;
    Verdict verdict = Verdict::fits;
    std::string unmet;  // the predicate that did not hold, as text
    bool is_before_winner = false;
    model::Decision beaten_by = model::Decision::none;  // the first thing that the winner has before it
  };

  std::uint64_t version = 0;  // of the snapshot
  std::shared_ptr<const model::Listener> listener;
  std::vector<std::string_view> listener_chain;
  std::optional<Code> code;                 // why nothing is forwarded
  std::string detail;                       // more about that
  const char* refused_by = "";              // as Error::rule: "H1-20"
  std::shared_ptr<const model::Rule> rule;  // null when none fits
  std::string path;                         // the form of the path that the rule is for
  std::string prefix;                       // the part of it that the rule's path stands for
  std::vector<std::string_view> chain;      // of the rule
  std::vector<Destination> destinations;    // that have a weight; none is looked for where it is refused
  std::uint64_t weights = 0;                // their sum
  std::vector<Loser> losers;                // in rank order; of each side of the winner the first most_losers
  std::size_t more_losers = 0;              // of both sides
};

// `number` is the request's random one (Exchange::random[0]). Without it no destination is marked as chosen, and `code`
// is there only if it is the same for all of them. Endpoints that do not answer are not known here.
Explanation explain(const Snapshot& snapshot, const Listener& listener, const http::RequestHead& request,
                    const syntax::IpAddress& client, std::optional<std::uint64_t> number);

// As filters are called for people: "modify-headers".
std::string_view name_of(const model::Filter& filter);

}  // namespace sallyport::routing
