// SPDX-License-Identifier: Apache-2.0
// Writes random objects of a small world, in which names meet often: good ones, wrong ones, and the same ones in other
// lines. A new kind of object gets a function and a line in any_object().

#pragma once

#include <array>
#include <initializer_list>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/secret_yaml.hpp"
#include "unit/control/objects.hpp"
#include "unit/control/slots.hpp"

namespace sallyport::control {

class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
  bool one_in(std::size_t many) { return below(many) == 0; }

  // Sometimes moved to other lines.
  std::string object() { return std::string(below(3), '\n') + any_object(); }

 private:
  struct Kind {
    std::size_t weight;
    std::string (Writer::*write)();
  };

  std::string any_object() {
    static constexpr std::array kinds = {
        Kind{8, &Writer::any_ingress},    Kind{5, &Writer::any_gate_route}, Kind{2, &Writer::any_class},
        Kind{3, &Writer::any_service},    Kind{3, &Writer::any_slice},      Kind{1, &Writer::any_endpoints},
        Kind{2, &Writer::any_config_map}, Kind{2, &Writer::any_secret},
    };
    std::size_t all = 0;
    for (const Kind& kind : kinds) all += kind.weight;
    std::size_t at = below(all);
    for (const Kind& kind : kinds) {
      if (at < kind.weight) return (this->*kind.write)();
      at -= kind.weight;
    }
    return {};
  }

  std::string pick(std::initializer_list<const char*> from) { return *(from.begin() + below(from.size())); }

  std::string any_service() {
    const std::string spec = pick(
        {"ports: [{port: 80}]", "ports: [{port: 80}]", "ports: [{port: 80, name: a}, {port: 81, name: b}]",
         "ports: [{port: 80}, {port: 80}]", "ports: [{port: 80, protocol: UDP}]",
         "type: ExternalName, externalName: a.example.com", "type: Magic", "ports: wrong", "ports: [{port: 99999}]"});
    return text::cat("---\napiVersion: v1\nkind: Service\nmetadata: {name: ", pick({"web", "api"}), ", namespace: shop",
                     one_in(3) ? ", annotations: {note: read-by-nobody}" : "", "}\nspec: {", spec, "}\n");
  }

  // Slices move from Service to Service.
  std::string any_slice() {
    return slice(pick({"10.0.0.1", "10.0.0.2", "127.0.0.1", "169.254.0.1", "nonsense", "[wrong]"}),
                 pick({"web", "web", "api", "none"}), pick({"one", "two"}));
  }

  std::string any_endpoints() {
    return text::cat("---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: ", pick({"web", "api"}),
                     ", namespace: shop}\nsubsets: ",
                     pick({"[{addresses: [{ip: 10.0.1.1}], ports: [{port: 8080}]}]",
                           "[{addresses: [{ip: 127.0.0.1}], ports: [{port: 8080, name: a}]}]", "[]", "wrong"}),
                     "\n");
  }

  std::string any_class() {
    return text::cat(
        "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: ", pick({"sallyport", "edge"}),
        one_in(2) ? ", annotations: {ingressclass.kubernetes.io/is-default-class: \"true\"}" : "",
        "}\nspec: {controller: ", pick({"sallyport.dev/controller", "example.com/other", "[wrong]"}), "}\n");
  }

  std::string any_rule() {
    return rule(pick({"a.example.com", "*.example.com", "", "WRONG"}), pick({"/", "/shop", "/shop/", "wrong"}),
                pick({"Exact", "Prefix", "Prefix", "Regex"}), pick({"web", "api", "gone"}));
  }

  std::string any_ingress() {
    std::string spec;
    if (one_in(8)) {
      spec = "rules: wrong";
    } else if (one_in(3)) {
      spec = rules({any_rule()});
    } else {
      spec = rules({any_rule(), any_rule(), any_rule()});
    }
    if (one_in(3)) spec += ", ingressClassName: " + pick({"sallyport", "edge", "nobody", "[wrong]"});
    if (one_in(4)) spec += ", defaultBackend: {service: {name: web, port: {number: 80}}}";
    if (one_in(4)) {
      spec += ", tls: [" +
              pick({"{hosts: [a.example.com]}", "{hosts: [a.example.com], secretName: tls}",
                    "{hosts: [a.example.com, \"*.example.com\"], secretName: tls}", "{secretName: tls}",
                    "{secretName: gone}, {hosts: [WRONG]}", "{hosts: wrong}, {secretName: clients}"}) +
              "]";
    }
    std::string meta = ", generation: " + std::to_string(below(100));
    if (one_in(2)) meta += ", creationTimestamp: 2026-0" + std::to_string(1 + below(3)) + "-01T00:00:00Z";
    if (one_in(4)) {
      meta +=
          ", annotations: {" +
          pick({"sallyport.dev/merge-slashes: \"off\"", "sallyport.dev/encoded-slash: maybe", "nginx.org/rewrites: x",
                "note: x", "sallyport.dev/https-redirect: \"true\"", "sallyport.dev/client-certificate-ca: clients",
                "sallyport.dev/client-certificate-ca: clients", "sallyport.dev/client-certificate: [wrong]"}) +
          "}";
    }
    return ingress(pick({"a", "b", "c", "d"}), spec, meta);
  }

  std::string any_gate_rule() {
    std::string all = "{";
    if (one_in(2)) {
      all += text::cat("path: {type: ", pick({"Exact", "Prefix", "BytePrefix", "Regex", "Wrong"}),
                       ", value: ", pick({"/", "/shop", "/shop/", "\"/s.*\"", "\"(\""}),
                       one_in(3) ? ", ignoreCase: true" : "", "}, ");
    } else if (one_in(3)) {
      // Written carelessly, two of these would be one rule.
      all += text::cat(
          "path: {type: ",
          pick({"Regex, value: /a, ignoreCase: true", "Regex, value: /a (any case)", "Regex, value: '/a any'", "Any"}),
          "}, ");
    }
    if (one_in(3)) {
      all += text::cat("when: [",
                       pick({"{method: [GET]}", "{header: {name: X-Canary, exact: on}}", "{client: [10.0.0.0/8]}",
                             "{not: {query: {name: a, present: true}}}", "{method: [GET], client: []}"}),
                       "], ");
    }
    if (one_in(4)) all += "requestHeaders: {set: [{name: X-Route, value: a}]}, ";
    return all + text::cat("backends: [{service: ", pick({"web", "api", "gone"}), ", port: ", pick({"80", "81", "a"}),
                           one_in(3) ? ", weight: 3" : "", "}", one_in(3) ? ", {service: web, port: 80}" : "", "]}");
  }

  std::string any_gate_route() {
    std::string spec = one_in(8) ? "rules: wrong" : text::cat("rules: [", any_gate_rule(), ", ", any_gate_rule(), "]");
    if (one_in(2))
      spec +=
          ", hosts: [" + pick({"a.example.com", "\"*.example.com\"", "WRONG", "a.example.com, b.example.com"}) + "]";
    if (one_in(4)) spec += ", hostRegexes: [" + pick({"\".*[.]example[.]com\"", "x, x regex /a"}) + "]";
    if (one_in(3)) spec += ", priority: " + pick({"-1", "1", "1", "high"});
    // As some of the Ingresses of the same names say.
    const bool is_twin = one_in(5);
    if (is_twin) {
      spec =
          "hosts: [a.example.com], rules: [{path: {type: Prefix, value: /shop}, backends: [{service: web, port: 80}]}]";
    }
    std::string meta;
    if (!is_twin && one_in(3)) {
      meta += ", creationTimestamp: 2026-0" + std::to_string(1 + below(3)) + "-01T00:00:00Z";
    }
    return text::cat("---\napiVersion: sallyport.dev/v1alpha1\nkind: GateRoute\nmetadata: {name: ",
                     pick({"a", "b", "c"}), ", namespace: shop", meta, "}\nspec: {", spec, "}\n");
  }

  // Few of them, as each is read by OpenSSL.
  std::string any_secret() {
    static const support::Issued one = support::self_signed({.names = "DNS:a.example.com"});
    static const support::Issued other = support::self_signed({.names = "DNS:*.example.com"});
    static const support::Issued authority = support::self_signed({.authority = true});
    switch (below(6)) {
      case 0:
        return support::secret_yaml("tls", {.certificate = one.certificate, .key = other.key});
      case 1:
        return support::secret_yaml("clients", "Opaque", {{"ca.crt", authority.certificate}});
      case 2:
        return support::secret_yaml("clients", "Opaque", {{"ca.crt", one.certificate}});
      case 3:
        return support::secret_yaml("tls", "kubernetes.io/tls", {{"tls.crt", one.certificate}});
      case 4:
        return support::secret_yaml("tls", other);
      default:
        return support::secret_yaml("tls", one);
    }
  }

  std::string any_config_map() {
    return config_map(pick({"one", "two", "three"}),
                      pick({"slot: x", "slot: y", "watch: x", "watch: y", "slot: x, watch: y", "note: z"}));
  }

  std::mt19937 random_;
};

// The last of each name, as a source would give them.
inline std::vector<kube::ObjectPtr> distinct_objects(std::string_view yaml) {
  std::map<ObjectRef, kube::ObjectPtr> all;
  for (const char* at = yaml.data(); !yaml.empty(); at = yaml.data()) {
    const std::size_t next = yaml.find("\n---\n", 1);
    const std::string_view document(at, next == yaml.npos ? yaml.size() : next + 1);
    for (kube::ObjectPtr& object : objects(document)) all.insert_or_assign(object->ref, std::move(object));
    yaml.remove_prefix(document.size());
  }
  std::vector<kube::ObjectPtr> last;
  for (auto& [ref, object] : all) last.push_back(std::move(object));
  return last;
}

}  // namespace sallyport::control
