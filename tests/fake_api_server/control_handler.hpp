// SPDX-License-Identifier: Apache-2.0
// The second port of the fake API server, by which a test steers it: JSON in, JSON out; what it cannot do is 400 with a
// sentence. The paths and members are listed in README.md.

#pragma once

#include <string>
#include <string_view>

#include "fake_api_server/api_port.hpp"
#include "fake_api_server/world.hpp"
#include "http/incoming.hpp"

namespace sallyport::fake_api {

class ControlHandler final : public http::Handler {
 public:
  ControlHandler(World& world, ApiPort& port) : world_(world), port_(port) {}

  net::Task<Result<http::Response>> handle(http::Incoming& incoming) override;
  void refused(http::Incoming&) override {}

 private:
  // The answer; an error is what is wrong with the request.
  Result<Json> obey(const http::RequestHead& head, const std::string& body);
  Result<Json> read(std::string_view path, std::string_view query);
  Result<Json> change(std::string_view path, const Json& json);
  Result<Json> put_objects(const Json& json);
  Result<Json> put_yaml(std::string_view text);
  Result<Json> remove_objects(const Json& json);
  Result<Json> change_kinds(const Json& json);
  Result<Json> change_history(const Json& json);
  Result<Json> change_behaviour(const Json& json);
  Result<Json> change_watches(const Json& json);
  Result<Json> change_port(const Json& json);
  Result<Json> add_rule(const Json& json);
  Result<Json> remove_rules(std::string_view path);
  Json state() const;

  World& world_;
  ApiPort& port_;
};

}  // namespace sallyport::fake_api
