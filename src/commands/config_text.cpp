// SPDX-License-Identifier: Apache-2.0
#include "commands/config_text.hpp"

#include <array>
#include <string_view>

#include "commands/model_json.hpp"

namespace sallyport::commands {
namespace {

constexpr std::size_t enough = 64 * 1024;  // bytes of a piece

}  // namespace

// All parts of one kind.
struct ConfigText::Section {
  std::string_view name;
  std::size_t (*size)(const ConfigReport& report);
  void (*write)(JsonWriter& json, const ConfigReport& report, std::size_t at);
};

std::span<const ConfigText::Section> ConfigText::sections() {
  using Report = const ConfigReport&;
  static constexpr std::array all = {
      Section{"listeners", [](Report report) { return report.listeners.size(); },
              [](JsonWriter& json, Report report, std::size_t at) { write_listener(json, *report.listeners[at]); }},
      Section{"backends", [](Report report) { return report.backends.size(); },
              [](JsonWriter& json, Report report, std::size_t at) {
                write_backend(json, *report.backends[at].backend, report.backends[at].endpoints.get());
              }},
      Section{"rules", [](Report report) { return report.rules.size(); },
              [](JsonWriter& json, Report report, std::size_t at) { write_rule(json, *report.rules[at]); }},
      Section{
          "certificates", [](Report report) { return report.certificates.size(); },
          [](JsonWriter& json, Report report, std::size_t at) { write_certificate(json, *report.certificates[at]); }},
      Section{
          "server_names", [](Report report) { return report.server_names.size(); },
          [](JsonWriter& json, Report report, std::size_t at) { write_server_name(json, *report.server_names[at]); }},
  };
  return all;
}

bool ConfigText::append_to(std::string& out) {
  text_.clear();
  if (!begun_) json_.begin_object().member("version", report_.version).key(sections().front().name).begin_array();
  begun_ = true;
  while (section_ < sections().size() && text_.size() < enough) {
    const Section& section = sections()[section_];
    if (next_ < section.size(report_)) {
      section.write(json_, report_, next_++);
      continue;
    }
    json_.end_array();
    next_ = 0;
    if (++section_ < sections().size()) json_.key(sections()[section_].name).begin_array();
  }
  const bool last = section_ == sections().size();
  if (last) {
    json_.end_object();
    text_ += '\n';
  }
  out += text_;
  return !last;
}

}  // namespace sallyport::commands
