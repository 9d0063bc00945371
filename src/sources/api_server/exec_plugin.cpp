// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/exec_plugin.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "net/child.hpp"

namespace sallyport::sources::api_server {
namespace {

void set(std::vector<std::string>& environment, std::string_view name, std::string_view value) {
  std::erase_if(environment, [&](const std::string& one) {
    return one.starts_with(name) && one.size() > name.size() && one[name.size()] == '=';
  });
  environment.push_back(text::cat(name, "=", value));
}

net::Program program_of(const ExecPlugin& plugin, std::string_view info) {
  net::Program program{.file = plugin.command, .arguments = plugin.arguments, .environment = {}};
  for (char** one = ::environ; one != nullptr && *one != nullptr; ++one) program.environment.emplace_back(*one);
  for (const auto& [name, value] : plugin.environment) set(program.environment, name, value);
  set(program.environment, "KUBERNETES_EXEC_INFO", info);
  return program;
}

std::string quoted_errors(std::string_view errors) {
  const std::size_t last = errors.find_last_not_of(" \t\r\n");
  if (last == errors.npos) return {};
  return text::cat("; it said: ", text::printable(errors.substr(0, last + 1)));
}

Error failed(const ExecPlugin& plugin, std::string_view what, std::string_view errors = {}) {
  return invalid(text::cat("the exec plugin ", plugin.command, " ", what, quoted_errors(errors)));
}

// Nothing, when it ended as it should.
std::string fault_of(const net::ProgramEnd& end) {
  if (!end.in_time) return "did not end in time";
  if (end.is_too_long) return "wrote more than a credential can be";
  if (end.signal != 0) return text::cat("was ended by signal ", end.signal);
  if (end.exit_status != 0) return text::cat("failed with exit status ", end.exit_status);
  return {};
}

}  // namespace

net::Task<Result<ExecCredential>> run_exec_plugin(net::Loop& loop, const ExecPlugin& plugin, std::string info,
                                                  net::Time deadline) {
  bool is_missing = false;
  net::Program program = program_of(plugin, info);
  const Result<net::ProgramEnd> end = co_await net::run_program(loop, std::move(program), deadline, &is_missing);
  if (!end) {
    std::string what = text::cat("cannot be started: ", end.error().detail);
    if (is_missing && !plugin.install_hint.empty()) what += text::cat("; ", plugin.install_hint);
    co_return fail(failed(plugin, what));
  }
  const std::string fault = fault_of(*end);
  if (!fault.empty()) co_return fail(failed(plugin, fault, end->errors));
  Result<ExecCredential> credential = parse_exec_credential(end->output.reveal(), plugin.api_version);
  if (!credential) {
    const std::string what = text::cat("gave no ExecCredential: ", credential.error().detail);
    co_return fail(failed(plugin, what, end->errors));
  }
  co_return credential;
}

}  // namespace sallyport::sources::api_server
