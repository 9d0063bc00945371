// SPDX-License-Identifier: Apache-2.0
// The parts of the model in force by id, kept by deltas for /config and /explain: what a dump needs is copied in a few
// milliseconds, however large the model is. Shares the parts with everybody else.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "commands/config_text.hpp"
#include "model/delta.hpp"

namespace sallyport::commands {

class ModelInForce {
 public:
  void apply(const model::Delta& delta);
  ConfigReport report() const;
  // call(const std::shared_ptr<const model::Rule>&)
  template <class Call>
  void for_each_rule(Call call) const {
    for (const auto& [id, rule] : rules_) call(rule);
  }

 private:
  // The key is a view of the part's own id.
  template <class Part>
  using ById = std::map<std::string_view, std::shared_ptr<const Part>>;

  std::uint64_t version_ = 0;
  ById<model::Listener> listeners_;
  ById<model::EndpointSet> endpoint_sets_;
  ById<model::Backend> backends_;
  ById<model::Rule> rules_;
  ById<model::Certificate> certificates_;
  ById<model::ServerName> server_names_;
};

}  // namespace sallyport::commands
