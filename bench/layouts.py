# SPDX-License-Identifier: Apache-2.0
"""Folders of many Ingresses, Services and EndpointSlices, as a cluster of teams would have them. docs/bench.md names the layouts.

  python3 bench/layouts.py L1 FOLDER PORT     writes one, its endpoints 127.0.0.1 to 127.0.0.6 at that port

Each directory is a namespace. Every other Service of a namespace has the endpoints of group "one", the rest those of "two".
"""
import dataclasses
import pathlib
import sys

GROUPS = {"one": ("127.0.0.1", "127.0.0.2", "127.0.0.3"), "two": ("127.0.0.4", "127.0.0.5", "127.0.0.6")}
AREAS = ("accounts", "billing", "cart", "catalog", "checkout", "coupons", "delivery", "invoices", "media", "orders", "payments",
         "prices", "profile", "reports", "returns", "reviews", "search", "stock", "support", "wishlist")
LEAVES = ("items", "items/archive", "history", "api/v1", "api/v2", "settings", "export", "internal/jobs", "webhooks", "static")


@dataclasses.dataclass
class Path:
    path: str
    kind: str
    service: int


@dataclasses.dataclass
class Ingress:
    number: int
    namespace: int
    rules: list  # of (host, [Path])

    def file(self):
        return f"{namespace(self.namespace)}/ingress-{self.number:05}.yaml"

    def text(self):
        lines = ["apiVersion: networking.k8s.io/v1", "kind: Ingress", "metadata:", f"  name: web-{self.number:05}",
                 f"  namespace: {namespace(self.namespace)}", "  labels:", f"    team: {namespace(self.namespace)}",
                 "    app.kubernetes.io/managed-by: bench", "spec:", "  ingressClassName: sallyport", "  rules:"]
        for host, paths in self.rules:
            lines += [f"  - host: {host}", "    http:", "      paths:"]
            for path in paths:
                lines += [f"      - path: {path.path}", f"        pathType: {path.kind}", "        backend:", "          service:",
                          f"            name: {service_name(path.service)}", "            port:", "              number: 80"]
        return "\n".join(lines) + "\n"


@dataclasses.dataclass(frozen=True)
class Sizes:
    ingresses: int
    namespaces: int
    services: int
    hosts_per_ingress: int
    paths_per_host: int  # of one Ingress
    hosts: int           # over all

    def routes(self):
        return self.ingresses * self.hosts_per_ingress * self.paths_per_host

    def files(self):
        return self.ingresses + 2 * self.services


LAYOUTS = {
    "L1": Sizes(ingresses=4000, namespaces=40, services=500, hosts_per_ingress=1, paths_per_host=10, hosts=1000),
    "L2": Sizes(ingresses=4000, namespaces=40, services=500, hosts_per_ingress=1, paths_per_host=10, hosts=1),
    "L3": Sizes(ingresses=400, namespaces=40, services=500, hosts_per_ingress=100, paths_per_host=1, hosts=40_000),
}
SMALL = {
    "L1": Sizes(ingresses=40, namespaces=4, services=16, hosts_per_ingress=1, paths_per_host=10, hosts=10),
    "L2": Sizes(ingresses=40, namespaces=4, services=16, hosts_per_ingress=1, paths_per_host=10, hosts=1),
    "L3": Sizes(ingresses=4, namespaces=4, services=16, hosts_per_ingress=10, paths_per_host=1, hosts=40),
}


def namespace(number):
    return f"team-{number:02}"


def service_name(number):
    return f"{AREAS[number % len(AREAS)]}-{number:03}"


class Layout:
    def __init__(self, sizes, port):
        self.sizes, self.port = sizes, port
        self.ingresses = [self.ingress(number) for number in range(sizes.ingresses)]
        self.endpoints = {service: list(GROUPS[self.group(service)]) for service in range(sizes.services)}

    def services_of(self, of):
        """Numbers of the Services in a namespace."""
        return range(of, self.sizes.services, self.sizes.namespaces)

    def group(self, service):
        return list(GROUPS)[service // self.sizes.namespaces % 2]

    def ingress(self, number):
        sizes = self.sizes
        home = number % sizes.namespaces
        services = self.services_of(home)
        rules = []
        for at in range(sizes.hosts_per_ingress):
            host = (number // sizes.namespaces * sizes.namespaces * sizes.hosts_per_ingress + home * sizes.hosts_per_ingress + at) % sizes.hosts
            name = f"{AREAS[host % len(AREAS)]}-{host:05}.example.com"
            rules.append((name, [self.path(number, at, leaf, services) for leaf in range(sizes.paths_per_host)]))
        return Ingress(number, home, rules)

    def path(self, number, at, leaf, services):
        """No path is there twice, for all may lie on one host."""
        written = f"/{AREAS[number % len(AREAS)]}/{number:05}/{LEAVES[(at + leaf) % len(LEAVES)]}"
        kind = "Exact" if leaf % 5 == 4 else "Prefix"
        return Path(written, kind, services[(number // self.sizes.namespaces + at + leaf) % len(services)])

    def service_text(self, service):
        return "\n".join(("apiVersion: v1", "kind: Service", "metadata:", f"  name: {service_name(service)}",
                          f"  namespace: {namespace(service % self.sizes.namespaces)}", "spec:", "  selector:",
                          f"    app: {service_name(service)}", "  ports:", "  - name: http", "    port: 80", "    targetPort: 8080", ""))

    def slice_file(self, service):
        return f"{namespace(service % self.sizes.namespaces)}/endpoints-{service_name(service)}.yaml"

    def slice_text(self, service):
        lines = ["apiVersion: discovery.k8s.io/v1", "kind: EndpointSlice", "metadata:", f"  name: {service_name(service)}-x7k2p",
                 f"  namespace: {namespace(service % self.sizes.namespaces)}", "  labels:",
                 f"    kubernetes.io/service-name: {service_name(service)}", "addressType: IPv4", "ports:", "- name: http",
                 "  protocol: TCP", f"  port: {self.port}", "endpoints:"]
        for address in self.endpoints[service]:
            lines += [f"- addresses: [{address}]", "  conditions:", "    ready: true", "    serving: true", "    terminating: false"]
        return "\n".join(lines) + "\n"

    def write(self, root):
        root = pathlib.Path(root)
        for number in range(self.sizes.namespaces):
            (root / namespace(number)).mkdir(parents=True)
        for ingress in self.ingresses:
            (root / ingress.file()).write_text(ingress.text())
        for service in range(self.sizes.services):
            home = root / namespace(service % self.sizes.namespaces)
            (home / f"service-{service_name(service)}.yaml").write_text(self.service_text(service))
            (root / self.slice_file(service)).write_text(self.slice_text(service))

    def routes(self):
        """(host, Path) of each."""
        return [(host, path) for ingress in self.ingresses for host, paths in ingress.rules for path in paths]


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in LAYOUTS:
        sys.exit(__doc__)
    Layout(LAYOUTS[sys.argv[1]], int(sys.argv[3])).write(sys.argv[2])
