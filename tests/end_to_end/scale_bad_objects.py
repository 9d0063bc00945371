# SPDX-License-Identifier: Apache-2.0
"""Ways in which an object or a file can be bad, each with what must be said about it: object, line and field.

The line that must be named ends in `#!`. NAME stands for the object's name, GOOD for an Ingress that serves.
"""
from typing import NamedTuple

INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: NAME\n"
ROUTE = INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http:\n      paths:\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n"
SLICE = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: NAME\n  labels: {kubernetes.io/service-name: NAME}\n"
GATE = "apiVersion: sallyport.dev/v1alpha1\nkind: GateRoute\nmetadata:\n  name: NAME\nspec:\n"
GATE_RULE = GATE + "  hosts: [NAME.test]\n  rules:\n  - backends: [{service: stable0, port: 80}]\n"
BACKEND = "backend: {service: {name: stable0, port: {number: 80}}}"
ROOT = f"      - {{path: /, pathType: Prefix, {BACKEND}}}\n"
PATH = "spec.rules[0].http.paths[0]"


class Kind(NamedTuple):
    name: str
    text: str
    field: str | None = None  # None: it is the file that is bad, or a document that is no object of its own
    object: str = "Ingress"
    verdict: str = "rejected"  # of the object; of a bad file what is said of it
    suffix: str = ".yaml"
    line: int | None = None  # where no comment can tell


def in_path(name, lines, below):
    """A path with this mistake."""
    return Kind(name, ROUTE + "".join(f"      {'-' if at == 0 else ' '} {line}\n" for at, line in enumerate(lines)), PATH + below)


def file(name, text, **more):
    return Kind(name, text, None, verdict=more.pop("verdict", "broken"), **more)


KINDS = (
    Kind("spec-number", INGRESS + "spec: 5 #!\n", "spec"),
    Kind("spec-list", INGRESS + "spec: [] #!\n", "spec"),
    Kind("spec-empty", INGRESS + "spec: {} #!\n", "spec"),
    Kind("class-number", INGRESS + "spec:\n  ingressClassName: 5 #!\n", "spec.ingressClassName"),
    Kind("class-unknown", ROUTE.replace("  rules", "  ingressClassName: nobodys #!\n  rules") + ROOT,
         "spec.ingressClassName", verdict="ignored"),
    Kind("rules-text", INGRESS + "spec:\n  rules: many #!\n", "spec.rules"),
    Kind("rule-number", INGRESS + "spec:\n  rules:\n  - 5 #!\n", "spec.rules[0]"),
    Kind("rule-without-paths", INGRESS + "spec:\n  rules:\n  - host: NAME.test #!\n", "spec.rules[0]"),
    Kind("host-list", INGRESS + "spec:\n  rules:\n  - host: [a] #!\n", "spec.rules[0].host"),
    Kind("host-port", ROUTE.replace("NAME.test", "NAME.test:80 #!") + ROOT, "spec.rules[0].host"),
    Kind("host-inner-star", ROUTE.replace("NAME.test", "NAME.*.test #!") + ROOT, "spec.rules[0].host"),
    Kind("host-star", ROUTE.replace("NAME.test", '"*" #!') + ROOT, "spec.rules[0].host"),
    Kind("host-space", ROUTE.replace("NAME.test", '"NAME .test" #!') + ROOT, "spec.rules[0].host"),
    Kind("http-empty", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http: {} #!\n", "spec.rules[0].http.paths"),
    Kind("paths-empty", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http:\n      paths: [] #!\n", "spec.rules[0].http.paths"),
    Kind("paths-map", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http:\n      paths: {} #!\n", "spec.rules[0].http.paths"),
    Kind("path-null", ROUTE + "      - null #!\n", PATH),
    in_path("type-missing", ["path: / #!", BACKEND], ".pathType"),
    in_path("type-unknown", ["path: /", "pathType: Perhaps #!", BACKEND], ".pathType"),
    in_path("type-number", ["path: /", "pathType: 1 #!", BACKEND], ".pathType"),
    in_path("path-relative", ["path: a/b #!", "pathType: Prefix", BACKEND], ".path"),
    in_path("path-missing", ["pathType: Exact #!", BACKEND], ".path"),
    in_path("path-nul", ["path: /a%00b #!", "pathType: Exact", BACKEND], ".path"),
    in_path("path-escape", ["path: /a%zz #!", "pathType: Exact", BACKEND], ".path"),
    in_path("path-above-root", ["path: /../a #!", "pathType: Prefix", BACKEND], ".path"),
    in_path("path-number", ["path: 5 #!", "pathType: Prefix", BACKEND], ".path"),
    in_path("backend-missing", ["path: / #!", "pathType: Prefix"], ".backend"),
    in_path("backend-empty", ["path: /", "pathType: Prefix", "backend: {} #!"], ".backend"),
    in_path("backend-both", ["path: /", "pathType: Prefix", "backend: #!", "  service: {name: stable0, port: {number: 80}}",
                             "  resource: {kind: Bucket, name: a}"], ".backend"),
    in_path("backend-resource", ["path: /", "pathType: Prefix", "backend: {resource: {kind: Bucket, name: a}} #!"], ".backend.resource"),
    in_path("service-unnamed", ["path: /", "pathType: Prefix", "backend: {service: {port: {number: 80}}} #!"], ".backend.service.name"),
    in_path("service-unknown", ["path: /", "pathType: Prefix", "backend: {service: {name: nobody, port: {number: 80}}} #!"],
            ".backend.service.name"),
    in_path("port-missing", ["path: /", "pathType: Prefix", "backend: {service: {name: stable0}} #!"], ".backend.service.port"),
    in_path("port-twice", ["path: /", "pathType: Prefix", "backend: {service: {name: stable0, port: {name: a, number: 80}}} #!"],
            ".backend.service.port"),
    in_path("port-large", ["path: /", "pathType: Prefix", "backend: {service: {name: stable0, port: {number: 70000}}} #!"],
            ".backend.service.port.number"),
    in_path("port-unknown", ["path: /", "pathType: Prefix", "backend: {service: {name: stable0, port: {number: 81}}} #!"],
            ".backend.service.port.number"),
    in_path("port-name-unknown", ["path: /", "pathType: Prefix", "backend: {service: {name: stable0, port: {name: web}}} #!"],
            ".backend.service.port.name"),
    Kind("path-twice", ROUTE + f"      - {{path: /a, pathType: Exact, {BACKEND}}}\n      - {{path: /a, pathType: Exact, {BACKEND}}} #!\n",
         "spec.rules[0].http.paths[1]"),
    Kind("path-of-another", ROUTE.replace("NAME.test", "GOOD.test") + f"      - {{path: /, pathType: Prefix, {BACKEND}}} #!\n", PATH),
    Kind("default-unnamed", INGRESS + "spec:\n  defaultBackend: {service: {port: {number: 80}}} #!\n  rules:\n  - host: NAME.test\n",
         "spec.defaultBackend.service.name"),
    Kind("tls-text", ROUTE.replace("  rules", "  tls: [{hosts: a}] #!\n  rules") + ROOT,
         "spec.tls[0].hosts"),
    Kind("label-number", ROUTE.replace("NAME\n", "NAME\n  labels: {a: 5} #!\n", 1) + ROOT,
         "metadata.labels.a"),
    Kind("born-yesterday", ROUTE.replace("NAME\n", "NAME\n  creationTimestamp: yesterday #!\n", 1) + ROOT,
         "metadata.creationTimestamp"),
    Kind("service-type", SERVICE + "spec:\n  type: Cluster #!\n", "spec.type", "Service"),
    Kind("service-selector", SERVICE + "spec:\n  selector: web #!\n", "spec.selector", "Service"),
    Kind("service-port-zero", SERVICE + "spec:\n  ports:\n  - port: 0 #!\n", "spec.ports[0].port", "Service"),
    Kind("service-port-text", SERVICE + "spec:\n  ports:\n  - port: http #!\n", "spec.ports[0].port", "Service"),
    Kind("service-protocol", SERVICE + "spec:\n  ports:\n  - port: 80\n    protocol: tcp #!\n", "spec.ports[0].protocol", "Service"),
    Kind("slice-untyped", SLICE.replace("k8s.io/v1\n", "k8s.io/v1 #!\n") + "endpoints: []\n", "addressType", "EndpointSlice"),
    Kind("slice-type", SLICE + "addressType: ipv4 #!\n", "addressType", "EndpointSlice"),
    Kind("slice-addresses-text", SLICE + "addressType: IPv4\nendpoints:\n- addresses: 10.0.0.1 #!\n", "endpoints[0].addresses", "EndpointSlice"),
    Kind("slice-address-name", SLICE + "addressType: IPv4\nendpoints:\n- addresses: [web] #!\n", "endpoints[0].addresses[0]", "EndpointSlice"),
    Kind("slice-address-refused", SLICE + "addressType: IPv4\nendpoints:\n- addresses: [169.254.169.254] #!\n", "endpoints[0].addresses[0]",
         "EndpointSlice"),
    Kind("slice-family", SLICE + "addressType: IPv6\nendpoints:\n- addresses: [10.0.0.1] #!\n", "endpoints[0].addresses[0]", "EndpointSlice"),
    Kind("slice-condition", SLICE + "addressType: IPv4\nendpoints:\n- addresses: [10.0.0.1]\n  conditions:\n    ready: maybe #!\n",
         "endpoints[0].conditions.ready", "EndpointSlice"),
    Kind("endpoints-without-ip", "apiVersion: v1\nkind: Endpoints\nmetadata: {name: NAME}\nsubsets:\n- addresses:\n  - hostname: a #!\n",
         "subsets[0].addresses[0].ip", "Endpoints"),
    Kind("class-controller", "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: NAME}\nspec:\n  controller: [x] #!\n",
         "spec.controller", "IngressClass"),
    Kind("gate-without-rules", GATE.replace("spec:", "spec: #!") + "  hosts: [NAME.test]\n", "spec.rules", "GateRoute"),
    Kind("gate-host", GATE_RULE.replace("[NAME.test]", "[NAME.test, a..b] #!"), "spec.hosts[1]", "GateRoute"),
    Kind("gate-host-regex", GATE_RULE.replace("hosts: [NAME.test]", 'hostRegexes: ["("] #!'), "spec.hostRegexes[0]", "GateRoute"),
    Kind("gate-priority", GATE_RULE + "  priority: high #!\n", "spec.priority", "GateRoute"),
    Kind("gate-path-type", GATE_RULE + "    path: {type: Glob, value: /a} #!\n", "spec.rules[0].path.type", "GateRoute"),
    Kind("gate-path-regex", GATE_RULE + '    path: {type: Regex, value: "/a["} #!\n', "spec.rules[0].path.value", "GateRoute"),
    Kind("gate-backreference", GATE_RULE + '    path: {type: Regex, value: "/(a)\\\\1"} #!\n', "spec.rules[0].path.value", "GateRoute"),
    Kind("gate-predicate-of-two", GATE_RULE + "    when: [{method: [GET], client: [10.0.0.0/8]}] #!\n", "spec.rules[0].when[0]", "GateRoute"),
    Kind("gate-client", GATE_RULE + "    when: [{client: [10.0.0.0/40]}] #!\n", "spec.rules[0].when[0].client[0]", "GateRoute"),
    Kind("gate-header-name", GATE_RULE + '    when: [{header: {name: "a b", present: true}}] #!\n', "spec.rules[0].when[0].header.name", "GateRoute"),
    Kind("gate-set-host", GATE_RULE + "    requestHeaders: {set: [{name: Host, value: a}]} #!\n", "spec.rules[0].requestHeaders.set[0].name",
         "GateRoute"),
    Kind("gate-weight", GATE_RULE.replace("80}]", "80, weight: 10000000}] #!"), "spec.rules[0].backends[0].weight", "GateRoute"),
    Kind("gate-service-unknown", GATE_RULE.replace("stable0, port: 80}]", "nobody, port: 80}] #!"), "spec.rules[0].backends[0].service",
         "GateRoute"),
    Kind("gate-unknown-field", GATE_RULE + "    pathh: {type: Any} #!\n", "spec.rules[0].pathh", "GateRoute"),
    file("syntax", "apiVersion: v1\nkind: [Service\n", line=3),
    file("key-twice", INGRESS + "spec: {}\nspec: {} #!\n"),
    file("too-deep", "apiVersion: v1\nkind: ConfigMap\na: " + "[" * 100 + "]" * 100 + " #!\n"),
    file("bad-utf-8", INGRESS + "spec:\n  ingressClassName: \udcff #!\n"),
    file("unknown-tag", INGRESS + "spec: !!python/none {} #!\n"),
    file("unknown-alias", INGRESS + "spec: *nowhere #!\n"),
    file("too-large", INGRESS + "# " + "x" * (16 << 20) + "\n", line=0),
    file("broken-json", '{"apiVersion": "v1",\n "kind": }\n', suffix=".json", line=2),
    file("no-map", "- kind: Ingress #!\n"),
    file("no-kind", "apiVersion: v1 #!\nmetadata: {name: NAME}\n"),
    file("no-version", "kind: Ingress #!\nmetadata: {name: NAME}\n"),
    file("no-name", "apiVersion: v1\nkind: Service\nmetadata: {namespace: default} #!\n"),
    file("bad-name", "apiVersion: v1\nkind: Service\nmetadata:\n  name: Bad_NAME #!\n"),
    file("bad-namespace", "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n  namespace: Not.One #!\n"),
    file("items-text", "apiVersion: v1\nkind: List\nitems: many #!\n"),
    file("twice-in-a-file", SERVICE + "---\n" + SERVICE.replace("v1", "v1 #!"), verdict="duplicate"),
    file("in-another-file", SERVICE.replace("v1", "v1 #!").replace("NAME", "stable0"), verdict="duplicate"),
)


class Bad:
    """The number-th bad object: a file of its own, behind all good ones in the order of names."""

    def __init__(self, number, good):
        self.kind = KINDS[number % len(KINDS)]
        self.name = f"bad{number}"
        self.file = f"zz-{self.kind.name}-{number}{self.kind.suffix}"
        text = self.kind.text.replace("NAME", self.name).replace("GOOD", good)
        marked = [at for at, line in enumerate(text.split("\n"), 1) if line.endswith("#!")]
        assert len(marked) == (self.kind.line is None), f"{self.kind.name} does not say which line is to be named"
        self.line = marked[0] if marked else self.kind.line
        self.bytes = text.encode("utf-8", "surrogateescape")

    def __repr__(self):
        return f"{self.file}:{self.line}:{self.kind.field or ''}"

    def is_named_by(self, report):
        """Whether a report of `check` says so, exactly."""
        if self.kind.field is None:
            return any((one["kind"], one["file"], one.get("line", 0)) == (self.kind.verdict, self.file, self.line) for one in report["problems"])
        places = [(finding["file"], finding["line"], finding["field"]) for one in report["objects"] for finding in one["findings"]
                  if (one["kind"], one["name"], one["verdict"]) == (self.kind.object, self.name, self.kind.verdict)]
        return (self.file, self.line, self.kind.field) in places

    def what_is_said(self, report):
        """For a failure: all of the report that concerns it."""
        return ([one for one in report["problems"] if one.get("file") == self.file] +
                [{key: one[key] for key in ("kind", "name", "verdict", "findings")} for one in report["objects"] if one["file"] == self.file])

    def is_named_in(self, lines):
        """Whether a line of the running gateway does."""
        place = ":".join([self.file] + ([str(self.line)] if self.line else []) + ([self.kind.field] if self.kind.field else []))
        return any(f"({place})" in line and f"{self.kind.verdict} " in line for line in lines)
