// SPDX-License-Identifier: Apache-2.0
// Serves the Kubernetes API: who asks, what a rule says of the request, and else what the store has.

#pragma once

#include <string>
#include <string_view>

#include "fake_api_server/refusal.hpp"
#include "fake_api_server/target.hpp"
#include "fake_api_server/world.hpp"
#include "http/incoming.hpp"

namespace sallyport::fake_api {

class ApiHandler final : public http::Handler {
 public:
  explicit ApiHandler(World& world) : world_(world) {}

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override;
  void refused(http::Incoming&) override {}

 private:
  // A request, read as far as the API goes.
  struct Call {
    Target target;
    commands::Query query;
    std::string_view verb;
    std::string text;  // "VERB PATH?QUERY"
    std::string user;
    std::string manager;  // of what it writes
    std::string body;
    std::string_view accept;
    std::string_view content_type;
  };

  net::Task<Result<http::Response>> answer(http::Incoming& incoming, const Call& call);
  net::Task<Result<http::Response>> answer_by(http::Incoming& incoming, const Call& call, RulePtr rule);
  std::string user_of(const http::Incoming& incoming) const;
  Result<http::Response> serve(http::Incoming& incoming, const Call& call);
  Result<http::Response> discover(http::Incoming& incoming, const Call& call);
  Result<http::Response> serve_object(http::Incoming& incoming, const Call& call, const Place& place);
  Result<http::Response> get(http::Incoming& incoming, const Call& call, const Place& place);
  Result<http::Response> list(http::Incoming& incoming, const Call& call, const Place& place);
  Result<http::Response> watch(http::Incoming& incoming, const Call& call, const Place& place);
  Result<http::Response> write(http::Incoming& incoming, const Call& call, const Place& place);
  Result<http::Response> remove(http::Incoming& incoming, const Call& call, const Place& place);

  World& world_;
};

}  // namespace sallyport::fake_api
