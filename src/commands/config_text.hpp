// SPDX-License-Identifier: Apache-2.0
// The whole model in force as one JSON text, made piece by piece: /config. The parts are taken when it is made, so that
// all pieces tell of one version.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "http/text_response.hpp"
#include "model/parts.hpp"

namespace sallyport::commands {

struct ConfigReport {
  struct Backend {
    std::shared_ptr<const model::Backend> backend;
    std::shared_ptr<const model::EndpointSet> endpoints;  // null: there is none
  };

  std::uint64_t version = 0;
  std::vector<std::shared_ptr<const model::Listener>> listeners;
  std::vector<std::shared_ptr<const model::Rule>> rules;
  std::vector<Backend> backends;
  std::vector<std::shared_ptr<const model::Certificate>> certificates;
  std::vector<std::shared_ptr<const model::ServerName>> server_names;
};

// {"version": 3, "listeners": […], "backends": […], "rules": […], "certificates": […], "server_names": […]}
class ConfigText final : public http::TextSource {
 public:
  explicit ConfigText(ConfigReport report) : report_(std::move(report)), json_(text_, 1) {}

  bool append_to(std::string& out) override;

 private:
  struct Section;
  static std::span<const Section> sections();

  const ConfigReport report_;
  std::string text_;  // the piece
  JsonWriter json_;
  bool begun_ = false;
  std::size_t section_ = 0;  // that is written now,
  std::size_t next_ = 0;     // and the first part of it that is not written yet
};

}  // namespace sallyport::commands
