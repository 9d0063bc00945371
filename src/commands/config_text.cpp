// SPDX-License-Identifier: Apache-2.0
#include "commands/config_text.hpp"

#include "commands/model_json.hpp"

namespace sallyport::commands {
namespace {

constexpr std::size_t enough = 64 * 1024;  // bytes of a piece

}  // namespace

bool ConfigText::append_to(std::string& out) {
  text_.clear();
  if (!begun_) write_head();
  begun_ = true;
  for (; next_backend_ < report_.backends.size() && text_.size() < enough; ++next_backend_) {
    const ConfigReport::Backend& one = report_.backends[next_backend_];
    write_backend(json_, *one.backend, one.endpoints.get());
    if (next_backend_ + 1 == report_.backends.size()) json_.end_array().key("rules").begin_array();
  }
  for (; next_backend_ == report_.backends.size() && next_rule_ < report_.rules.size() && text_.size() < enough;
       ++next_rule_) {
    write_rule(json_, *report_.rules[next_rule_]);
  }
  const bool last = next_backend_ == report_.backends.size() && next_rule_ == report_.rules.size();
  if (last) {
    json_.end_array().end_object();
    text_ += '\n';
  }
  out += text_;
  return !last;
}

void ConfigText::write_head() {
  json_.begin_object();
  json_.member("version", report_.version);
  json_.key("listeners").begin_array();
  for (const auto& listener : report_.listeners) write_listener(json_, *listener);
  json_.end_array();
  json_.key("backends").begin_array();
  if (report_.backends.empty()) json_.end_array().key("rules").begin_array();
}

}  // namespace sallyport::commands
