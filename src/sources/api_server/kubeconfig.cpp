// SPDX-License-Identifier: Apache-2.0
#include "sources/api_server/kubeconfig.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "kube/base64.hpp"
#include "kube/encode.hpp"
#include "kube/lines.hpp"
#include "kube/tree.hpp"
#include "kube/yaml.hpp"
#include "syntax/address.hpp"

namespace sallyport::sources::api_server {
namespace {

using kube::Node;

constexpr std::string_view exec_extension = "client.authentication.k8s.io/exec";
constexpr std::size_t most_exec_config = 64 * 1024;
// Ways to say who we are that no server of today takes, or that would give us other rights than who wrote them thinks.
constexpr std::array<std::string_view, 7> not_spoken = {"username", "password",  "auth-provider", "as",
                                                        "as-uid",   "as-groups", "as-user-extra"};

std::string message_at(const Kubeconfig::Place& place, std::string_view field, std::string_view what) {
  const std::string whole = field.empty() ? place.field : text::cat(place.field, ".", field);
  return text::cat(place.file, ":", place.line, ": ", whole, " ", what);
}

// Relative to the directory of the file that has it.
std::string beside(const std::string& file, std::string path) {
  const std::size_t slash = file.rfind('/');
  if (path.empty() || path.starts_with('/') || slash == file.npos) return path;
  return text::cat(std::string_view(file).substr(0, slash + 1), path);
}

// Reads a map's entries and remembers the first thing that is wrong; what it gives afterwards counts for nothing.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  const std::optional<Error>& mistake() const { return mistake_; }

  Kubeconfig read(const Node& root) {
    Kubeconfig config;
    const Part top{.node = &root, .field = {}, .line = root.line};
    if (root.kind != Node::Kind::map) wrong(top, "a map");
    expect(top, "kind", "Config");
    expect(top, "apiVersion", "v1");
    config.current_context = text(top, "current-context");
    each(top, "clusters", [&](const Part& entry) { config.clusters.push_back(cluster(entry)); });
    each(top, "users", [&](const Part& entry) { config.users.push_back(user(entry)); });
    each(top, "contexts", [&](const Part& entry) { config.contexts.push_back(context(entry)); });
    find_twice(config.clusters);
    find_twice(config.users);
    find_twice(config.contexts);
    return config;
  }

 private:
  struct Part {
    const Node* node = nullptr;  // null: it is not there
    std::string field;
    std::uint32_t line = 0;
  };

  void refuse(std::uint32_t line, std::string_view field, std::string_view what) {
    if (!mistake_) mistake_ = invalid(text::cat(file_, ":", line, ": ", field, field.empty() ? "" : " ", what));
  }
  void wrong(const Part& part, std::string_view wanted) {
    refuse(part.line, part.field, text::cat("must be ", wanted, ", not ", part.node->type_name()));
  }

  static Part part(const Part& in, std::string_view key) {
    const Node::Entry* const entry = in.node == nullptr ? nullptr : in.node->find(key);
    return {.node = entry == nullptr ? nullptr : entry->value,
            .field = kube::field(in.field, key),
            .line = entry == nullptr ? in.line : entry->line};
  }

  Part map(const Part& in, std::string_view key) {
    Part found = part(in, key);
    if (found.node == nullptr || found.node->kind == Node::Kind::map) return found;
    wrong(found, "a map");
    found.node = nullptr;
    return found;
  }

  // Absent is empty.
  std::string_view view(const Part& in, std::string_view key) {
    const Part found = part(in, key);
    if (found.node == nullptr) return {};
    const auto text = found.node->string();
    if (!text) wrong(found, "a text");
    if (text && text->contains('\0')) refuse(found.line, found.field, "must not have a zero byte");
    return text.value_or(std::string_view());
  }
  std::string text(const Part& in, std::string_view key) { return std::string(view(in, key)); }
  std::string path(const Part& in, std::string_view key) { return beside(file_, text(in, key)); }

  bool flag(const Part& in, std::string_view key) {
    const Part found = part(in, key);
    if (found.node == nullptr) return false;
    const auto value = found.node->boolean();
    if (!value) wrong(found, "true or false");
    return value.value_or(false);
  }

  SecretBytes decoded(const Part& in, std::string_view key) {
    const std::string_view written = view(in, key);
    if (written.empty()) return {};
    SecretBytes bytes(kube::base64_room(written));
    const auto size = kube::decode_base64(written, bytes.writable());
    if (!size) {
      const Part found = part(in, key);
      refuse(found.line, found.field, "is not base64");
    }
    bytes.shorten(size.value_or(0));
    return bytes;
  }

  void expect(const Part& in, std::string_view key, std::string_view value) {
    const std::string_view written = view(in, key);
    if (written.empty() || written == value) return;
    const Part found = part(in, key);
    refuse(found.line, found.field, text::cat("must be ", value, ": this is no kubeconfig"));
  }

  template <class Call>
  void each(const Part& in, std::string_view key, Call call) {
    const Part list = part(in, key);
    if (list.node == nullptr) return;
    if (list.node->kind != Node::Kind::list) return wrong(list, "a list");
    for (std::size_t at = 0; at < list.node->entries.size(); ++at) {
      const Node::Entry& entry = list.node->entries[at];
      Part one{.node = entry.value, .field = kube::field(list.field, at), .line = entry.line};
      if (entry.value->kind != Node::Kind::map) return wrong(one, "a map");
      call(one);
    }
  }

  // An entry of one of the three lists goes by its name, if it has one.
  template <class Entry>
  Part begin(const Part& entry, std::string_view key, Entry& into) {
    into.name = text(entry, "name");
    if (into.name.empty()) refuse(entry.line, entry.field, "has no name");
    Part named = entry;
    named.field = text::cat(entry.field.substr(0, entry.field.find('[')), "[", into.name, "]");
    Part body = map(named, key);
    into.place = {.file = file_, .line = body.line, .field = body.field};
    return body;
  }

  template <class Entry>
  void find_twice(const std::vector<Entry>& entries) {
    std::vector<const Entry*> sorted;
    for (const Entry& entry : entries) sorted.push_back(&entry);
    std::ranges::sort(sorted, [](const Entry* one, const Entry* other) {
      const auto order = one->name <=> other->name;
      return order < 0 || (order == 0 && one < other);
    });
    const auto twice =
        std::ranges::adjacent_find(sorted, {}, [](const Entry* entry) { return std::string_view(entry->name); });
    if (twice == sorted.end()) return;
    const Kubeconfig::Place& place = (*std::next(twice))->place;
    refuse(place.line, place.field, text::cat("is there already, in line ", (*twice)->place.line));
  }

  Kubeconfig::Cluster cluster(const Part& entry) {
    Kubeconfig::Cluster cluster;
    const Part body = begin(entry, "cluster", cluster);
    cluster.server = text(body, "server");
    cluster.server_name = text(body, "tls-server-name");
    cluster.skips_verification = flag(body, "insecure-skip-tls-verify");
    cluster.authority = decoded(body, "certificate-authority-data").reveal();
    cluster.authority_file = path(body, "certificate-authority");
    cluster.proxy_url = text(body, "proxy-url");
    each(body, "extensions", [&](const Part& extension) {
      if (view(extension, "name") != exec_extension) return;
      const Part config = part(extension, "extension");
      if (config.node == nullptr) return;
      cluster.exec_config = kube::value_text(*config.node, most_exec_config);
      if (cluster.exec_config.empty()) refuse(config.line, config.field, "is longer than 64 KiB");
    });
    return cluster;
  }

  Kubeconfig::User user(const Part& entry) {
    Kubeconfig::User user;
    const Part body = begin(entry, "user", user);
    user.certificate = decoded(body, "client-certificate-data").reveal();
    user.certificate_file = path(body, "client-certificate");
    user.key = decoded(body, "client-key-data");
    user.key_file = path(body, "client-key");
    user.token = SecretBytes(view(body, "token"));
    user.token_file = path(body, "tokenFile");
    const Part exec = map(body, "exec");
    if (exec.node != nullptr) read_exec(exec, user);
    for (const std::string_view field : not_spoken) {
      if (user.not_spoken.empty() && part(body, field).node != nullptr) user.not_spoken = field;
    }
    return user;
  }

  void read_exec(const Part& exec, Kubeconfig::User& user) {
    ExecPlugin& plugin = user.exec.emplace();
    plugin.api_version = text(exec, "apiVersion");
    plugin.command = text(exec, "command");
    if (plugin.command.contains('/')) plugin.command = beside(file_, plugin.command);
    plugin.install_hint = text(exec, "installHint");
    plugin.wants_cluster = flag(exec, "provideClusterInfo");
    user.exec_needs_terminal = view(exec, "interactiveMode") == "Always";
    const Part arguments = part(exec, "args");
    if (arguments.node != nullptr) read_arguments(arguments, plugin);
    each(exec, "env", [&](const Part& variable) {
      std::string name = text(variable, "name");
      if (name.empty() || name.contains('=')) refuse(variable.line, variable.field, "has no name of a variable");
      plugin.environment.emplace_back(std::move(name), text(variable, "value"));
    });
  }

  void read_arguments(const Part& list, ExecPlugin& plugin) {
    if (list.node->kind != Node::Kind::list) return wrong(list, "a list");
    for (std::size_t at = 0; at < list.node->entries.size(); ++at) {
      const Node::Entry& entry = list.node->entries[at];
      const Part one{.node = entry.value, .field = kube::field(list.field, at), .line = entry.line};
      const auto text = entry.value->string();
      if (!text) return wrong(one, "a text");
      if (text->contains('\0')) return refuse(one.line, one.field, "must not have a zero byte");
      plugin.arguments.emplace_back(*text);
    }
  }

  Kubeconfig::Context context(const Part& entry) {
    Kubeconfig::Context context;
    const Part body = begin(entry, "context", context);
    context.cluster = text(body, "cluster");
    context.user = text(body, "user");
    context.namespace_ = text(body, "namespace");
    return context;
  }

  const std::string& file_;
  std::optional<Error> mistake_;
};

template <class Entry>
void take_over(std::vector<Entry>& earlier, std::vector<Entry>&& later) {
  const std::size_t known = earlier.size();
  for (Entry& entry : later) {
    const auto end = earlier.begin() + static_cast<std::ptrdiff_t>(known);
    if (std::ranges::find(earlier.begin(), end, entry.name, &Entry::name) == end) earlier.push_back(std::move(entry));
  }
}

template <class Entry>
Entry* find(std::vector<Entry>& entries, std::string_view name) {
  const auto found = std::ranges::find(entries, name, &Entry::name);
  return found == entries.end() ? nullptr : &*found;
}

template <class Entry>
std::string names_of(const std::vector<Entry>& entries) {
  constexpr std::size_t most = 10;
  std::vector<std::string_view> names;
  for (const Entry& entry : entries) names.push_back(entry.name);
  const bool is_more = names.size() > most;
  if (is_more) names.resize(most);
  return names.empty() ? "there is none" : text::cat("there is ", text::join(names, ", "), is_more ? ", ..." : "");
}

Result<void> take_cluster(Kubeconfig::Cluster& cluster, const KubeconfigChoice& choice, AccessSettings& settings) {
  const auto refused = [&](std::string_view field, std::string_view what) {
    return fail(invalid(message_at(cluster.place, field, what)));
  };
  if (cluster.server.empty()) return refused("server", "is missing");
  Result<ServerUrl> url = parse_server_url(cluster.server);
  if (!url) return refused("server", url.error().detail);
  if (!cluster.proxy_url.empty()) return refused("proxy-url", "is not supported: the API server is reached directly");
  if (cluster.skips_verification && !choice.allow_insecure) {
    return refused("insecure-skip-tls-verify",
                   "is set, and whoever answers would get our credentials: give certificate-authority-data instead, "
                   "or allow it explicitly");
  }
  settings.server = std::move(*url);
  settings.server_name = std::move(cluster.server_name);
  settings.verify = !cluster.skips_verification;
  settings.authority = std::move(cluster.authority);
  if (settings.authority.empty()) settings.authority_file = std::move(cluster.authority_file);
  return {};
}

Result<void> take_plugin(Kubeconfig::User& user, const Kubeconfig::Cluster& cluster, AccessSettings& settings) {
  const auto refused = [&](std::string_view field, std::string_view what) {
    return fail(invalid(message_at(user.place, field, what)));
  };
  ExecPlugin& plugin = *user.exec;
  if (plugin.command.empty()) return refused("exec.command", "is missing");
  if (plugin.api_version != "client.authentication.k8s.io/v1" &&
      plugin.api_version != "client.authentication.k8s.io/v1beta1") {
    return refused("exec.apiVersion",
                   "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
  }
  if (user.exec_needs_terminal) return refused("exec.interactiveMode", "is Always, and there is no terminal here");
  plugin.cluster_config = cluster.exec_config;
  settings.exec = std::move(plugin);
  return {};
}

Result<void> take_user(Kubeconfig::User& user, const Kubeconfig::Cluster& cluster, AccessSettings& settings) {
  const auto refused = [&](std::string_view field, std::string_view what) {
    return fail(invalid(message_at(user.place, field, what)));
  };
  if (!user.not_spoken.empty()) {
    return refused(user.not_spoken, "is not supported: give a client certificate, a token, tokenFile or exec");
  }
  settings.certificate = std::move(user.certificate);
  if (settings.certificate.empty()) settings.certificate_file = std::move(user.certificate_file);
  settings.key = std::move(user.key);
  if (settings.key.empty()) settings.key_file = std::move(user.key_file);
  const bool has_certificate = !settings.certificate.empty() || !settings.certificate_file.empty();
  const bool has_key = !settings.key.empty() || !settings.key_file.empty();
  if (has_certificate && !has_key) return refused("client-key", "is missing, as is client-key-data");
  if (has_key && !has_certificate) return refused("client-certificate", "is missing, as is client-certificate-data");
  settings.token = std::move(user.token);
  settings.token_file = std::move(user.token_file);
  if (!user.exec || !settings.token.empty() || !settings.token_file.empty()) return {};
  if (has_certificate) return refused("exec", "stands beside a client certificate: one of the two");
  return take_plugin(user, cluster, settings);
}

bool is_this_machine(const std::string& host) {
  const Result<syntax::IpAddress> address = syntax::IpAddress::parse(host);
  return host == "localhost" || (address && address->is_loopback());
}

// Whoever listens on the way would have them.
Result<void> check_cleartext(const Kubeconfig::Cluster& cluster, const AccessSettings& settings) {
  const bool has_secrets = !settings.token.empty() || !settings.token_file.empty() || settings.exec;
  if (settings.server.is_tls || !has_secrets || is_this_machine(settings.server.host)) return {};
  return fail(invalid(message_at(cluster.place, "server", "is http, and credentials are not sent in clear text")));
}

}  // namespace

Result<Kubeconfig> parse_kubeconfig(const std::string& file, std::string_view bytes) {
  if (bytes.size() > max_kubeconfig_bytes) return fail(invalid(text::cat(file, ": is larger than 1 MiB")));
  const auto trees = kube::parse_yaml(bytes);
  if (!trees) return fail(invalid(text::cat(file, ":", trees.error().line, ": ", trees.error().message)));
  if (trees->empty()) return Kubeconfig();
  if (trees->size() > 1) {
    return fail(invalid(text::cat(file, ":", (*trees)[1].root()->line, ": a kubeconfig is one document")));
  }
  Reader reader(file);
  Kubeconfig config = reader.read(*trees->front().root());
  if (reader.mistake()) return fail(*reader.mistake());
  return config;
}

void merge_kubeconfig(Kubeconfig& earlier, Kubeconfig later) {
  if (earlier.current_context.empty()) earlier.current_context = std::move(later.current_context);
  take_over(earlier.clusters, std::move(later.clusters));
  take_over(earlier.users, std::move(later.users));
  take_over(earlier.contexts, std::move(later.contexts));
}

std::vector<std::string> kubeconfig_files(std::string_view list) {
  std::vector<std::string> files;
  for (const std::string_view part : text::split(list, ':')) {
    if (!part.empty() && std::ranges::find(files, part) == files.end()) files.emplace_back(part);
  }
  return files;
}

Result<AccessSettings> choose_access(Kubeconfig config, const KubeconfigChoice& choice) {
  const std::string& wanted = choice.context.empty() ? config.current_context : choice.context;
  if (wanted.empty()) {
    return fail(invalid(
        text::cat("the kubeconfig has no current-context, and no context was named: ", names_of(config.contexts))));
  }
  const Kubeconfig::Context* const context = find(config.contexts, wanted);
  if (context == nullptr) {
    return fail(invalid(text::cat("the kubeconfig has no context ", wanted, ": ", names_of(config.contexts))));
  }
  Kubeconfig::Cluster* const cluster = find(config.clusters, context->cluster);
  if (cluster == nullptr) {
    return fail(invalid(
        message_at(context->place, "cluster",
                   context->cluster.empty()
                       ? std::string("is missing")
                       : text::cat("names ", context->cluster, ", which is not there: ", names_of(config.clusters)))));
  }
  AccessSettings settings;
  settings.origin = text::cat("the context ", context->name, " of ", context->place.file);
  settings.namespace_ = context->namespace_;
  const Result<void> took = take_cluster(*cluster, choice, settings);
  if (!took) return Failure(took.error());
  if (context->user.empty()) return settings;
  Kubeconfig::User* const user = find(config.users, context->user);
  if (user == nullptr) {
    return fail(invalid(message_at(
        context->place, "user", text::cat("names ", context->user, ", which is not there: ", names_of(config.users)))));
  }
  const Result<void> known = take_user(*user, *cluster, settings);
  if (!known) return Failure(known.error());
  const Result<void> hidden = check_cleartext(*cluster, settings);
  if (!hidden) return Failure(hidden.error());
  return settings;
}

}  // namespace sallyport::sources::api_server
