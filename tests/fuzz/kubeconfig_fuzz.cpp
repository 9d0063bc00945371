// SPDX-License-Identifier: Apache-2.0
// Any bytes as a kubeconfig: what comes out keeps its promises, whichever context is chosen, and merging it with itself
// changes nothing. No message has the value of a token, a key or a password.

#include "sources/api_server/kubeconfig.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "fuzz/planted_secret.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace sallyport;
using namespace sallyport::sources::api_server;
using fuzz::require;

Kubeconfig read(std::string_view bytes) {
  Result<Kubeconfig> config = parse_kubeconfig("/d/config", bytes);
  return config ? std::move(*config) : Kubeconfig();
}

void check(const Result<AccessSettings>& settings) {
  if (!settings) return require(!settings.error().detail.empty());
  require(settings->server.port != 0 && !settings->server.host.empty());
  const Result<ServerUrl> again = parse_server_url(settings->server.text());
  require(again && *again == settings->server);
  for (const std::string* path :
       {&settings->authority_file, &settings->certificate_file, &settings->key_file, &settings->token_file}) {
    require(path->empty() || path->starts_with('/'));
  }
  const bool has_certificate = !settings->certificate.empty() || !settings->certificate_file.empty();
  const bool has_key = !settings->key.empty() || !settings->key_file.empty();
  require(has_certificate == has_key);
  if (!settings->exec) return;
  require(!settings->exec->command.empty() && !has_certificate && settings->token.empty());
}

// `judge` gets what comes of each of the first contexts, and of no choice.
template <class Judge>
void choose_each(std::string_view bytes, Judge judge) {
  judge(choose_access(read(bytes), {}));
  const Kubeconfig config = read(bytes);
  for (std::size_t at = 0; at < config.contexts.size() && at < 4; ++at) {
    for (const bool insecure : {false, true}) {
      judge(choose_access(read(bytes), {.context = config.contexts[at].name, .allow_insecure = insecure}));
    }
  }
}

void look_for_secrets(std::string_view bytes) {
  constexpr std::array<std::string_view, 8> secrets = {"token",    "client-key-data", "password", "access-token",
                                                       "id-token", "refresh-token",   "value",    "client-secret"};
  fuzz::with_planted_secrets(bytes, secrets, [](std::string_view text) {
    const Result<Kubeconfig> config = parse_kubeconfig("/d/config", text);
    if (!config) return require(!fuzz::tells_planted(config.error().detail));
    choose_each(text, [](const Result<AccessSettings>& settings) {
      require(settings || !fuzz::tells_planted(settings.error().detail));
    });
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  look_for_secrets(bytes);
  const Result<Kubeconfig> config = parse_kubeconfig("/d/config", bytes);
  if (!config) {
    require(config.error().detail.starts_with("/d/config:"));
    return 0;
  }
  choose_each(bytes, check);
  Kubeconfig twice = read(bytes);
  merge_kubeconfig(twice, read(bytes));
  require(twice.clusters.size() == config->clusters.size() && twice.users.size() == config->users.size());
  require(twice.contexts.size() == config->contexts.size() && twice.current_context == config->current_context);
  return 0;
}
