// SPDX-License-Identifier: Apache-2.0
#include "commands/name_options.hpp"

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "commands/option_values.hpp"

namespace sallyport::commands {

void add_name_options(CLI::App& app, proxy::Settings& settings) {
  app.add_option_function<std::vector<std::string>>(
      "--dns-server",
      [&settings](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          auto server = value_of("--dns-server", text, syntax::SocketAddress::parse(text));
          if (server.port == 0) throw CLI::ValidationError("--dns-server", text + ": the port is 1 to 65535");
          settings.names.resolver.servers.push_back(server);
        }
      },
      "ADDRESS:PORT of a DNS server to ask for names of endpoints, repeatable (default: those of /etc/resolv.conf)");
  app.add_option_function<std::vector<std::string>>(
      "--allow-name-addresses",
      [&settings](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          settings.connect_rules.allowed.push_back(value_of("--allow-name-addresses", text, syntax::Cidr::parse(text)));
        }
      },
      "CIDR blocks that names of endpoints may lead to although no name may otherwise, as 127.0.0.0/8; repeatable "
      "(default: none)");
}

void check_names(const RunOptions& options) {
  if (options.control.external_names) return;
  const bool servers = !options.proxy.names.resolver.servers.empty();
  if (!servers && options.proxy.connect_rules.allowed.empty()) return;
  throw CLI::ValidationError(
      text::cat(servers ? "--dns-server" : "--allow-name-addresses", ": it needs --allow-external-names"));
}

}  // namespace sallyport::commands
