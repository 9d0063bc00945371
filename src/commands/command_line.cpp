// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"

#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/number.hpp"
#include "base/text.hpp"
#include "commands/check.hpp"
#include "commands/cluster_options.hpp"
#include "commands/echo.hpp"
#include "commands/explain.hpp"
#include "commands/limits.hpp"
#include "commands/limits_in_force.hpp"
#include "commands/name_options.hpp"
#include "commands/option_values.hpp"
#include "commands/run.hpp"
#include "commands/version.hpp"
#include "net/cpus.hpp"
#include "net/memory_limit.hpp"
#include "syntax/host.hpp"

namespace sallyport::commands {
namespace {

using syntax::PathOptions;

constexpr std::array<std::uint16_t, 2> users_ports = {80, 443};  // of the listeners that there are

bool is_users_port(std::uint16_t port) { return std::ranges::find(users_ports, port) != users_ports.end(); }

std::pair<std::uint16_t, std::uint16_t> port_pair(const std::string& text) {
  const auto equals = text.find('=');
  const auto from = parse_decimal<std::uint16_t>(std::string_view(text).substr(0, equals));
  const auto to =
      equals == text.npos ? std::nullopt : parse_decimal<std::uint16_t>(std::string_view(text).substr(equals + 1));
  if (!from || !to) throw CLI::ValidationError("--port-map", text + ": expected PORT=PORT, as 80=8080");
  return {*from, *to};
}

// What `run` and `check` have in common: how objects are read.
void add_reading_options(CLI::App& app, control::Settings& settings) {
  app.add_option_function<std::string>(
         "--encoded-slash",
         [&settings](const std::string& text) { settings.paths.keep_encoded_slash = text == "keep"; },
         "An encoded slash (%2F) in a path: reject (400), or keep it as it is")
      ->check(CLI::IsMember({"reject", "keep"}))
      ->default_str("reject");
  app.add_option_function<std::string>(
         "--merge-slashes", [&settings](const std::string& text) { settings.paths.merge_slashes = text == "on"; },
         "Several slashes in a row in a path count as one: on, or off")
      ->check(CLI::IsMember({"on", "off"}))
      ->default_str("on");
  app.add_option_function<std::string>(
      "--default-certificate",
      [&settings](const std::string& text) {
        settings.default_certificate = named("--default-certificate", "Secret", text);
      },
      "NAMESPACE/NAME of the Secret whose certificate is shown where no other is for the host (default: none)");
  app.add_flag(
      "--allow-external-names", settings.external_names,
      "Services of type ExternalName and EndpointSlices of type FQDN are served: their names are resolved at each "
      "connect, and may not lead to this machine, its link or a cloud's metadata");
  app.add_flag("--https-redirect", settings.https_redirect,
               "Send requests without TLS to https, where their host has a certificate");
  app.add_option(
      "--watch-without-class", settings.watch_without_class,
      "An Ingress that names no class is ours (default: of a folder; in a cluster, if our class is the default)");
  CLI::Option* const address = app.add_option_function<std::vector<std::string>>(
      "--publish-address",
      [&settings](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          const bool good = syntax::IpAddress::parse(text).has_value() || syntax::is_hostname(text);
          if (!good) throw CLI::ValidationError("--publish-address", text + ": no IP address and no host name");
        }
        settings.publish_addresses = texts;
      },
      "What status.loadBalancer says of an accepted Ingress; repeatable");
  app.add_option_function<std::string>(
         "--publish-service",
         [&settings](const std::string& text) {
           settings.publish_service = named("--publish-service", "Service", text);
         },
         "NAMESPACE/NAME of the Service whose addresses it says instead (default: none)")
      ->excludes(address);
}

// Whose word about a client is believed.
void add_trust_option(CLI::App& app, control::Settings& settings) {
  app.add_option_function<std::vector<std::string>>(
      "--trusted-proxies",
      [&settings](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          settings.trusted_proxies.push_back(value_of("--trusted-proxies", text, syntax::Cidr::parse(text)));
        }
      },
      "CIDR blocks whose X-Forwarded-* and X-Request-Id are believed; repeatable (default: none)");
}

// Who speaks for clients before the first byte of HTTP or TLS.
void add_proxy_protocol_options(CLI::App& app, model::ProxyHeaders& headers) {
  using Mode = model::ProxyHeaders::Mode;
  app.add_option_function<std::string>(
         "--proxy-protocol",
         [&headers](const std::string& text) {
           headers.mode = text == "strict" ? Mode::strict : text == "trusted" ? Mode::trusted : Mode::off;
         },
         "Whether connections of clients begin with a header of the PROXY protocol: off; strict: all of them; trusted: "
         "those from --proxy-protocol-from, and no others")
      ->check(CLI::IsMember({"off", "strict", "trusted"}))
      ->default_str("off");
  app.add_option_function<std::vector<std::string>>(
      "--proxy-protocol-from",
      [&headers](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          headers.from.push_back(value_of("--proxy-protocol-from", text, syntax::Cidr::parse(text)));
        }
      },
      "CIDR blocks of the balancers that write it; repeatable. With strict, others are closed (default: none are)");
}

// A list that nothing reads would be a rule that nobody obeys.
void check_proxy_protocol(const model::ProxyHeaders& headers) {
  using Mode = model::ProxyHeaders::Mode;
  if (headers.mode == Mode::off && !headers.from.empty()) {
    throw CLI::ValidationError("--proxy-protocol-from: it needs --proxy-protocol strict or trusted");
  }
  if (headers.mode == Mode::trusted && headers.from.empty()) {
    throw CLI::ValidationError("--proxy-protocol trusted: --proxy-protocol-from has to say who is trusted");
  }
}

void add_port_option(CLI::App& app, control::Settings& settings) {
  app.add_option_function<std::vector<std::string>>(
      "--port-map",
      [&settings](const std::vector<std::string>& texts) {
        for (const std::string& one : texts) {
          const auto [users, bound] = port_pair(one);
          if (!is_users_port(users)) {
            const bool reversed = is_users_port(bound);
            throw CLI::ValidationError("--port-map", text::cat(one, ": users call ports 80 and 443 and no other",
                                                               reversed ? text::cat(": ", bound, "=", users) : ""));
          }
          if (!settings.port_map.emplace(users, bound).second) {
            throw CLI::ValidationError("--port-map", text::cat(one, ": port ", users, " was mapped already"));
          }
        }
      },
      "Listen on another port than users call it, 80 or 443: 80=8080; repeatable");
}

// What is made of heads that are odd but legal.
void add_underscores_option(CLI::App& app, http::Conduct& conduct) {
  app.add_option_function<std::string>(
         "--underscores",
         [&conduct](const std::string& text) {
           using http::Underscores;
           conduct.underscores = text == "keep"     ? Underscores::keep
                                 : text == "reject" ? Underscores::reject
                                                    : Underscores::drop;
         },
         "Request fields with '_' in the name: drop, reject, or keep")
      ->check(CLI::IsMember({"drop", "reject", "keep"}))
      ->default_str("drop");
}

void obey_limits(RunOptions& options, const std::vector<std::string>& texts) {
  if (const auto set = set_limits(options, texts); !set) throw CLI::ValidationError(set.error().detail);
}

void add_listening_options(CLI::App& app, RunOptions& options) {
  app.add_option_function<std::vector<std::string>>(
      "--address",
      [&options](const std::vector<std::string>& texts) {
        options.control.addresses.clear();
        for (const std::string& text : texts) {
          const bool brackets = text.starts_with('[') && text.ends_with(']');
          const std::string bare = brackets ? text.substr(1, text.size() - 2) : text;
          options.control.addresses.push_back(value_of("--address", text, syntax::IpAddress::parse(bare)));
        }
      },
      "Where to listen; repeatable (default: [::] and 0.0.0.0)");
  add_port_option(app, options.control);
  add_proxy_protocol_options(app, options.control.proxy_headers);
  app.add_option_function<std::vector<std::string>>(
         "--health",
         [&options](const std::vector<std::string>& texts) {
           options.health.clear();
           if (texts.size() == 1 && texts.front() == "off") return;
           for (const std::string& text : texts) {
             options.health.push_back(value_of("--health", text, syntax::SocketAddress::parse(text)));
           }
         },
         "ADDRESS:PORT for /livez, /readyz and /metrics, repeatable; or off")
      ->default_str("127.0.0.1:9902");
}

AdminPlace admin_place(const std::string& text) {
  constexpr std::string_view scheme = "unix:";
  if (text == "off") return {};
  if (!text.starts_with(scheme)) return {.address = value_of("--admin", text, syntax::SocketAddress::parse(text))};
  if (text.size() == scheme.size()) throw CLI::ValidationError("--admin", text + ": expected unix:/PATH");
  return {.address = {}, .unix_path = text.substr(scheme.size())};
}

void add_seeing_options(CLI::App& app, RunOptions& options) {
  app.add_option_function<std::string>(
         "--admin", [&options](const std::string& text) { options.admin = admin_place(text); },
         "ADDRESS:PORT or unix:/PATH for /config, /limits, /status and /explain, or off")
      ->default_str("127.0.0.1:9901");
  app.add_option("--status-file", options.status_file, "Keep the statuses of all objects in this file, as JSON");
  app.add_option_function<std::vector<std::string>>(
      "--explain-from",
      [&options](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) {
          options.proxy.explain_from.push_back(value_of("--explain-from", text, syntax::Cidr::parse(text)));
        }
      },
      "CIDR blocks of clients whose answers say why, in X-Sallyport-Explain; repeatable (default: none)");
}

void add_last_good_options(CLI::App& app, RunOptions& options) {
  app.add_option("--last-good", options.last_good.directory,
                 "Keep what is in force in this directory, and start from it while the source does not answer");
  app.add_option("--last-good-key", options.last_good.key_file,
                 "A file with the key that Secrets are sealed with there");
  app.add_flag("--last-good-without-secrets", options.last_good_without_secrets, "Leave Secrets out of it");
}

// Whether keys are on a disk is nothing to be decided by a default.
void check_last_good(const RunOptions& options) {
  const bool has_key = !options.last_good.key_file.empty();
  if (options.last_good.directory.empty()) {
    if (!has_key && !options.last_good_without_secrets) return;
    throw CLI::ValidationError("--last-good-key and --last-good-without-secrets: they need --last-good");
  }
  if (has_key == options.last_good_without_secrets) {
    throw CLI::ValidationError("--last-good: it needs either --last-good-key or --last-good-without-secrets");
  }
}

// Two ports of our own cannot be one. With port 0 they are not.
void check_ports(const RunOptions& options) {
  const auto& admin = options.admin.address;
  if (admin && admin->port != 0 && std::ranges::find(options.health, *admin) != options.health.end()) {
    throw CLI::ValidationError("--admin and --health are one address: " + admin->text());
  }
}

void add_conduct_options(CLI::App& app, RunOptions& options) {
  add_trust_option(app, options.control);
  add_underscores_option(app, options.proxy.server.conduct);
  app.add_option_function<std::string>(
         "--server-header",
         [&options](const std::string& text) {
           using http::ServerHeader;
           options.proxy.server.server_header = text == "off"       ? ServerHeader::off
                                                : text == "replace" ? ServerHeader::replace
                                                                    : ServerHeader::pass;
         },
         "The Server field of responses: pass the upstream's (ours if it has none), replace it, or off")
      ->check(CLI::IsMember({"pass", "replace", "off"}))
      ->default_str("pass");
  app.add_option_function<std::string>(
         "--request-trailers",
         [&options](const std::string& text) { options.proxy.client.request_trailers = text == "pass"; },
         "Trailers of requests: drop them, for some upstreams read them as another request, or pass them on")
      ->check(CLI::IsMember({"drop", "pass"}))
      ->default_str("drop");
  app.add_option_function<std::vector<std::string>>(
      "--limit", [&options](const std::vector<std::string>& texts) { obey_limits(options, texts); },
      "NAME=VALUE; repeatable. The limits and their defaults:\n" + limits_text());
}

void add_process_options(CLI::App& app, RunOptions& options) {
  app.add_option("--workers", options.proxy.workers, "Threads that serve (default: the processors granted)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--access-log", options.proxy.access_log, "A file, - for the standard output, or off")
      ->capture_default_str();
  app.add_option_function<unsigned>(
         "--lameduck", [&options](unsigned seconds) { options.lameduck = net::Duration(seconds * 1000L); },
         "Seconds from TERM until no more is accepted")
      ->default_str("0");
  app.add_option_function<unsigned>(
         "--drain-timeout", [&options](unsigned seconds) { options.drain = net::Duration(seconds * 1000L); },
         "Seconds for requests under way to end after that")
      ->default_str("25");
  app.add_option_function<unsigned>(
         "--snapshot-hold",
         [&options](unsigned seconds) { options.proxy.snapshot_hold = net::Duration(seconds * 1000L); },
         "Seconds after which a tunnel lets go of the configuration that it began with")
      ->default_str("60");
}

// A rule judges %2F and runs of '/', by its own options: until it is chosen both forms are kept.
constexpr PathOptions until_a_rule_judges{.keep_encoded_slash = true, .merge_slashes = true};

// Two descriptors for each client, and some for all else.
void use_all_descriptors(proxy::Settings& settings) {
  constexpr std::size_t most_reserved = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t reserved = std::min<std::size_t>(most_reserved, limit.rlim_cur / 2);
  settings.connections = std::max<std::size_t>(1, (limit.rlim_cur - reserved) / 2);
  follow_connections(settings);
}

// The other half is for all that connections do not hold, the kernel's buffers among it.
void use_half_of_memory(proxy::Settings& settings) {
  settings.process_bytes = std::max(settings.process_bytes / 16, net::granted_memory() / 2);
}

void add_explain_options(CLI::App& app, ExplainOptions& options) {
  app.add_option("DIR", options.dir, "The folder, unless a cluster is read");
  app.add_option("METHOD", options.asked.method, "GET");
  app.add_option("URL", options.asked.url, "http://HOST[:PORT]/PATH, or https://");
  add_cluster_options(app, options.cluster);
  app.add_option_function<std::vector<std::string>>(
      "-H,--header", [&options](const std::vector<std::string>& lines) { options.asked.headers = lines; },
      "\"Name: value\"; repeatable");
  app.add_option_function<std::string>(
         "--from",
         [&options](const std::string& text) {
           options.asked.from = value_of("--from", text, syntax::IpAddress::parse(text));
         },
         "The address that the request comes from")
      ->default_str("127.0.0.1");
  app.add_option_function<std::string>(
         "--output",
         [&options](const std::string& text) {
           options.output = text == "json" ? ExplainOptions::Output::json : ExplainOptions::Output::text;
         },
         "text, or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  add_port_option(app, options.settings);
  add_underscores_option(app, options.reading.conduct);
  app.add_option_function<std::vector<std::string>>(
      "--limit",
      [&options](const std::vector<std::string>& texts) {
        RunOptions of_run;
        obey_limits(of_run, texts);
        options.reading.limits = of_run.proxy.server.limits;
      },
      "NAME=VALUE, as of run; repeatable. Those about heads count");
  add_trust_option(app, options.settings);
  add_reading_options(app, options.settings);
}

// Of a cluster there is no DIR: what came first is the method.
void sort_out_words(const CLI::App& app, ExplainOptions& options) {
  const bool of_cluster = options.cluster.is_wanted || !options.cluster.kubeconfig.empty();
  if (of_cluster && app.count("URL") == 0) {
    options.asked.url = std::exchange(options.asked.method, std::exchange(options.dir, {}));
  }
  check_place(options.cluster, "DIR", options.dir);
  const std::size_t words = app.count("DIR") + app.count("METHOD") + app.count("URL");
  if (of_cluster && words < 2) throw CLI::ValidationError("METHOD and URL are required");
  if (!of_cluster && words < 3) {
    throw CLI::ValidationError("DIR, METHOD and URL are required, or --kubernetes or --kubeconfig instead of DIR");
  }
}

struct LimitsOptions {
  RunOptions run;
  bool in_force = false;  // instead of the page
};

void add_limits_options(CLI::App& app, LimitsOptions& options) {
  app.add_flag("--in-force", options.in_force, "What they are on this machine, a line each, instead of the page");
  app.add_option_function<std::vector<std::string>>(
      "--limit",
      [&options](const std::vector<std::string>& texts) {
        obey_limits(options.run, texts);
        options.in_force = true;
      },
      "NAME=VALUE, as of run; repeatable: what they would be with it");
}

// What is repeatable takes one value each time: what stands behind it is something else, like the folder.
void take_one_value_each_time(CLI::App& app) {
  for (CLI::App* const command : app.get_subcommands([](CLI::App*) { return true; })) {
    for (CLI::Option* const option : command->get_options()) {
      if (!option->get_positional()) option->allow_extra_args(false);
    }
  }
}

std::string version_text() {
  std::ostringstream text;
  version(text);
  std::string lines = text.str();
  lines.pop_back();  // the last end of line, which whoever prints it adds
  return lines;
}

// What is wrong where the library's own words name nothing, or name it back to front; empty where they will do.
std::string why_not_read(const CLI::App& app, const CLI::ParseError& error, std::string_view first) {
  constexpr std::string_view commands = "run, check, explain, echo, limits and version";
  const auto chosen = app.get_subcommands();
  if (chosen.empty() && error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError)) {
    if (first.empty()) return text::cat("sallyport: a command is missing; there are ", commands);
    return text::cat("sallyport: there is no ", first.starts_with('-') ? "option " : "command ", "\"", first,
                     "\"; there are the commands ", commands);
  }
  if (chosen.empty() || error.get_exit_code() != static_cast<int>(CLI::ExitCodes::ExtrasError)) return {};
  const std::vector<std::string> left_over = chosen.front()->remaining();
  if (left_over.empty()) return {};
  const auto option = std::ranges::find_if(left_over, [](const std::string& one) { return one.starts_with('-'); });
  const bool is_option = option != left_over.end();
  const std::string& what = is_option ? *option : left_over.front();
  return text::cat("sallyport ", chosen.front()->get_name(),
                   is_option ? ": there is no option " : ": one word too many: ", what, "; sallyport ",
                   chosen.front()->get_name(), " --help names all that there are");
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app("Sallyport: load balancer, ingress controller and API gateway", "sallyport");
  app.set_version_flag("--version", version_text, "What the command version prints");
  app.require_subcommand(1);
  int status = 0;

  RunOptions run_options;
  run_options.health = {{*syntax::IpAddress::parse("127.0.0.1"), 9902}};
  run_options.admin.address = syntax::SocketAddress{*syntax::IpAddress::parse("127.0.0.1"), 9901};
  run_options.proxy.workers = net::granted_cpus();
  use_all_descriptors(run_options.proxy);
  use_half_of_memory(run_options.proxy);
  CLI::App* run_app = app.add_subcommand("run", "Serves a folder of Kubernetes YAML, or a cluster");
  run_app->add_option("--config", run_options.config, "The folder");
  add_cluster_options(*run_app, run_options.cluster);
  add_lease_option(*run_app, run_options.cluster);
  add_publish_nodes_option(*run_app, run_options.cluster);
  add_listening_options(*run_app, run_options);
  add_reading_options(*run_app, run_options.control);
  add_conduct_options(*run_app, run_options);
  add_seeing_options(*run_app, run_options);
  add_name_options(*run_app, run_options.proxy);
  add_last_good_options(*run_app, run_options);
  add_process_options(*run_app, run_options);
  run_app->callback([&] {
    check_place(run_options.cluster, "--config", run_options.config);
    if (run_options.cluster.is_wanted) suit_cluster(*run_app, run_options.control);
    check_publish(run_options.cluster, run_options.control);
    check_ports(run_options);
    check_proxy_protocol(run_options.control.proxy_headers);
    check_last_good(run_options);
    check_names(run_options);
    run_options.proxy.server.conduct.path = until_a_rule_judges;
    run_options.proxy.source_exempt = run_options.control.trusted_proxies;
    const auto& balancers = run_options.control.proxy_headers.from;
    run_options.proxy.source_exempt.insert(run_options.proxy.source_exempt.end(), balancers.begin(), balancers.end());
    status = run(run_options);
  });

  CheckOptions check_options;
  CLI::App* check_app =
      app.add_subcommand("check", "Says what would become of each object of a folder or cluster, without serving it");
  check_app->add_option("DIR", check_options.dir, "The folder");
  add_cluster_options(*check_app, check_options.cluster);
  check_app
      ->add_option_function<std::string>(
          "--output",
          [&](const std::string& text) {
            check_options.output = text == "json" ? CheckOptions::Output::json : CheckOptions::Output::text;
          },
          "text, or json: the statuses that a cluster would get")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
  add_reading_options(*check_app, check_options.settings);
  add_proxy_protocol_options(*check_app, check_options.settings.proxy_headers);
  check_app->callback([&] {
    check_place(check_options.cluster, "DIR", check_options.dir);
    if (check_options.cluster.is_wanted) suit_cluster(*check_app, check_options.settings);
    check_proxy_protocol(check_options.settings.proxy_headers);
    status = check(check_options, std::cout, std::cerr);
  });

  ExplainOptions explain_options;
  explain_options.reading.conduct.path = until_a_rule_judges;
  CLI::App* explain_app = app.add_subcommand("explain", "Says where a request would go, and why there");
  add_explain_options(*explain_app, explain_options);
  explain_app->callback([&] {
    sort_out_words(*explain_app, explain_options);
    if (explain_options.cluster.is_wanted) suit_cluster(*explain_app, explain_options.settings);
    status = explain(explain_options, std::cout, std::cerr);
  });

  EchoOptions echo_options;
  CLI::App* echo_app = app.add_subcommand("echo", "An origin for demos and tests: answers with what arrived");
  echo_app->add_option("--listen", echo_options.listen, "ADDRESS:PORT")->required();
  const std::map<std::string, AtTerm> at_term = {
      {"exit", AtTerm::exit}, {"drain", AtTerm::drain}, {"refuse", AtTerm::refuse}, {"reset", AtTerm::reset}};
  echo_app
      ->add_option_function<std::string>(
          "--at-term", [&](const std::string& text) { echo_options.at_term = at_term.at(text); },
          "What TERM means: exit at once; drain (answers end their connections, and it ends when nobody comes "
          "any more); refuse (no more is accepted); or reset all connections")
      ->check(CLI::IsMember({"exit", "drain", "refuse", "reset"}))
      ->default_str("exit");
  echo_app->callback([&] { status = echo(echo_options, std::cout, std::cerr); });

  LimitsOptions limits_options{.run = run_options};
  CLI::App* limits_app = app.add_subcommand("limits", "The limits, their defaults and reasons: docs/limits.md");
  add_limits_options(*limits_app, limits_options);
  limits_app->callback([&] {
    std::cout << (limits_options.in_force ? limits_in_force(limits_options.run) : limits_page());
    status = 0;
  });
  app.add_subcommand("version", "Version, commit, compiler, libraries")->callback([&] { status = version(std::cout); });

  take_one_value_each_time(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const std::string why = why_not_read(app, error, argc > 1 ? argv[1] : "");
    if (why.empty()) return app.exit(error) == 0 ? 0 : 2;
    std::cerr << why << '\n';
    return 2;
  }
  return status;
}

}  // namespace sallyport::commands
