// SPDX-License-Identifier: Apache-2.0
// A Kubernetes API server for tests, which shows what a real one cannot be made to show (README.md). Says where it
// listens once it does, and serves until TERM or INT.

#include <CLI/CLI.hpp>
#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "commands/page_port.hpp"
#include "commands/signals.hpp"
#include "fake_api_server/api_handler.hpp"
#include "fake_api_server/api_port.hpp"
#include "fake_api_server/control_handler.hpp"
#include "fake_api_server/world.hpp"
#include "net/listening_sockets.hpp"

namespace sallyport::fake_api {
namespace {

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string certificate;
  std::string key;
  std::string client_ca;
};

std::string contents(const std::string& path) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  std::ostringstream all;
  all << file.rdbuf();
  return all.str();
}

Result<void> open(ApiPort& port, const Options& options) {
  const auto address = syntax::SocketAddress::parse(options.listen);
  if (!address) return Failure(address.error());
  if (!options.certificate.empty()) {
    const auto used = port.use({.certificate = contents(options.certificate),
                                .key = contents(options.key),
                                .client_ca = contents(options.client_ca)});
    if (!used) return used;
  }
  return port.listen(*address);
}

int serve(const Options& options) {
  std::signal(SIGPIPE, SIG_IGN);
  net::Loop loop;
  const commands::Signals signals(loop, {SIGINT, SIGTERM}, [&](int) { loop.stop(); });
  World world;
  ApiHandler api(world);
  ApiPort port(loop, api);
  const auto opened = open(port, options);
  if (!opened) {
    std::cerr << "fake_api_server: " << opened.error().detail << '\n';
    return 1;
  }
  auto sockets = net::open_listening_sockets(*syntax::SocketAddress::parse("127.0.0.1:0"), 1);
  if (!sockets) {
    std::cerr << "fake_api_server: " << sockets.error().detail << '\n';
    return 1;
  }
  const commands::PagePort control(loop, std::make_unique<ControlHandler>(world, port),
                                   std::move(sockets->by_slot.front()));
  std::cout << "listening on " << (port.speaks_tls() ? "https://" : "http://") << port.bound().text()
            << ", steered on http://" << sockets->bound.text() << std::endl;
  loop.run();
  return 0;
}

}  // namespace
}  // namespace sallyport::fake_api

int main(int count, char** arguments) {
  sallyport::fake_api::Options options;
  CLI::App app("A Kubernetes API server for tests");
  app.add_option("--listen", options.listen, "ADDRESS:PORT of the API; port 0 takes a free one");
  app.add_option("--certificate", options.certificate, "PEM file; without, the API is served in clear text");
  app.add_option("--key", options.key, "PEM file");
  app.add_option("--client-ca", options.client_ca, "PEM file: whose certificates clients may show");
  CLI11_PARSE(app, count, arguments);
  return sallyport::fake_api::serve(options);
}
