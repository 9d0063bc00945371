# SPDX-License-Identifier: Apache-2.0
"""Ways in which an object or a file can be bad, each with what must be said about it: object, line and field, and these words.

The line that must be named ends in `#!`. Words in capitals stand for what a run has (Bad): NAME for the object's name, GOOD for an
Ingress that serves, ADDRESS and PORT for an origin, the others for certificates and keys in base64. A row that `denies` is about who may ask,
or about whom requests may be handed to: with the mistake in force no request for its host gets to an origin, and that is the status it
gets over HTTP.
"""
from typing import NamedTuple

INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: NAME\n"
ROUTE = INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http:\n      paths:\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n"
SLICE = "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: NAME\n  labels: {kubernetes.io/service-name: NAME}\n"
GATE = "apiVersion: sallyport.dev/v1alpha1\nkind: GateRoute\nmetadata:\n  name: NAME\nspec:\n"
GATE_RULE = GATE + "  hosts: [NAME.test]\n  rules:\n  - backends: [{service: stable0, port: 80}]\n"
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: NAME\n"
MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n"
CLASS = "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata:\n  name: NAME\n"
ENDPOINTS = "apiVersion: v1\nkind: Endpoints\nmetadata:\n  name: NAME\n"
BACKEND = "backend: {service: {name: stable0, port: {number: 80}}}"
ROOT = f"      - {{path: /, pathType: Prefix, {BACKEND}}}\n"
PATH = "spec.rules[0].http.paths[0]"
TO_NAME = ROUTE + ROOT.replace("stable0", "NAME")
ITS_SLICE = SLICE + "addressType: IPv4\nports: [{port: PORT}]\nendpoints: [{addresses: [ADDRESS]}]\n"
CLIENTS = "sallyport.dev/client-certificate"
NGINX = "nginx.ingress.kubernetes.io/"
REDIRECTED, NO_SERVICE, MISDIRECTED, NOT_FOUND = 308, 503, 421, 404


class Kind(NamedTuple):
    name: str
    says: str  # words of the finding
    text: str
    field: str | None = None  # None: it is the file that is bad, or a document that is no object of its own
    object: str = "Ingress"
    verdict: str = "rejected"  # of the object; of a bad file what is said of it
    suffix: str = ".yaml"
    line: int | None = None  # where no comment can tell
    denies: int | None = None
    only_in_a_folder: bool = False  # a cluster's API server has no such object, or nobody asks it for that


def in_path(name, says, lines, below):
    """A path with this mistake."""
    return Kind(name, says, ROUTE + "".join(f"      {'-' if at == 0 else ' '} {line}\n" for at, line in enumerate(lines)), PATH + below)


def to_backend(name, says, written, below, **more):
    """The backend of a path is written so."""
    return in_path(name, says, ["path: /", "pathType: Prefix", f"backend: {written} #!"], ".backend" + below)._replace(**more)


def in_spec(name, says, line, below):
    """A line of a spec that serves its host all the same."""
    return Kind(name, says, ROUTE.replace("  rules", f"  {line} #!\n  rules") + ROOT, "spec." + below)


def in_metadata(name, says, line, below, **more):
    """A line of the metadata of an Ingress that would serve."""
    return Kind(name, says, ROUTE.replace("NAME\n", f"NAME\n  {line} #!\n", 1) + ROOT, "metadata." + below, **more)


def annotation(key):
    return f"metadata.annotations[{key}]"


def annotated(name, says, key, value, **more):
    """An annotation of an Ingress that would serve."""
    return Kind(name, says, ROUTE.replace("NAME\n", f"NAME\n  annotations:\n    {key}: {value} #!\n", 1) + ROOT, annotation(key), **more)


def guarded(name, says, lines, field, *documents):
    """Annotations of an Ingress that has TLS, and asks clients for certificates."""
    text = ROUTE.replace("NAME\n", "NAME\n  annotations:\n" + "".join(f"    {line}\n" for line in lines), 1)
    text = text.replace("  rules", "  tls: [{hosts: [NAME.test]}]\n  rules") + ROOT
    return Kind(name, says, "---\n".join([text, *documents]), field, denies=REDIRECTED)


def authorities(data):
    """The bundle of a guarded Ingress has this in it."""
    return guarded("authorities-" + data[0], data[1], [f"{CLIENTS}-ca: NAME #!"], annotation(CLIENTS + "-ca"),
                   SECRET + f"data: {data[2]}\n")


def shown(name, says, field, *lines):
    """A Secret with these lines, whose certificate an Ingress asks for."""
    user = ROUTE.replace("  rules", "  tls: [{hosts: [NAME.test], secretName: NAME}]\n  rules") + ROOT
    return Kind(name, says, SECRET + "".join(f"{line}\n" for line in lines) + "---\n" + user, field, "Secret")


def used_map(name, says, field, *lines, verdict="rejected"):
    """A ConfigMap with these lines, whose authorities a Service asks for: nothing behind that is spoken to."""
    return Kind(name, says, MAP + "".join(f"{line}\n" for line in lines) + "---\n" + secured("sallyport.dev/upstream-ca", "configmap/NAME"),
                field, "ConfigMap", verdict, denies=NO_SERVICE)


def secured(key, value, mark=""):
    """A Service by TLS with this annotation, and who serves it."""
    annotations = f"NAME\n  annotations:\n    {key}: {value}{mark}\n"
    spec = "spec: {ports: [{port: 80, appProtocol: https}]}\n"
    return "---\n".join([SERVICE.replace("NAME\n", annotations) + spec, ITS_SLICE, TO_NAME])


def upstream(name, says, key, value, *documents):
    """An annotation of a Service that says how it may be spoken to."""
    key = "sallyport.dev/upstream-" + key
    text = "---\n".join([secured(key, value, " #!"), *documents])
    return Kind("upstream-" + name, says, text, annotation(key), "Service", denies=NO_SERVICE)


def in_service(name, says, line, below, **more):
    return Kind("service-" + name, says, SERVICE + f"spec:\n  {line} #!\n", "spec." + below, "Service", **more)


def of_port(name, says, line, below):
    """A line beside the number of a Service's port."""
    return Kind("service-port-" + name, says, SERVICE + f"spec:\n  ports:\n  - port: 80\n    {line} #!\n", "spec.ports[0]." + below,
                "Service")


def in_slice(name, says, line, field, family="IPv4", **more):
    return Kind("slice-" + name, says, SLICE + f"addressType: {family}\n{line} #!\n", field, "EndpointSlice", **more)


def at_address(name, says, written, family="IPv4"):
    """An endpoint that an Ingress leads to has this address."""
    text = SLICE + f"addressType: {family}\nports: [{{port: PORT}}]\nendpoints:\n- addresses: [{written}] #!\n"
    service = SERVICE + "spec: {ports: [{port: 80}]}\n"
    return Kind("address-" + name, says, "---\n".join([text, service, TO_NAME]), "endpoints[0].addresses[0]", "EndpointSlice",
                denies=NO_SERVICE)


def gate(name, says, line, below, **more):
    """A line of a rule."""
    return Kind("gate-" + name, says, GATE_RULE + f"    {line} #!\n", "spec.rules[0]." + below, "GateRoute", **more)


def gate_spec(name, says, line, below):
    """A line of the spec beside a rule that is right, and has no host but by it."""
    return Kind("gate-" + name, says, GATE + f"  {line} #!\n  rules: [{{backends: [{{service: stable0, port: 80}}]}}]\n", "spec." + below,
                "GateRoute")


def gate_backend(name, says, written, below="", **more):
    return Kind("gate-backend-" + name, says, GATE_RULE.replace("{service: stable0, port: 80}]", f"{written}] #!"),
                "spec.rules[0].backends" + below, "GateRoute", **more)


def file(name, says, text, **more):
    return Kind(name, says, text, None, verdict=more.pop("verdict", "broken"), **more)


OF_AN_INGRESS = (
    Kind("spec-number", "spec must be a map, not a number", INGRESS + "spec: 5 #!\n", "spec"),
    Kind("spec-list", "spec must be a map, not a list", INGRESS + "spec: [] #!\n", "spec"),
    Kind("spec-empty", "spec needs rules or a defaultBackend", INGRESS + "spec: {} #!\n", "spec"),
    Kind("class-number", "must be a text, not a number", INGRESS + "spec:\n  ingressClassName: 5 #!\n", "spec.ingressClassName"),
    in_spec("class-unknown", 'there is no IngressClass "nobodys"', "ingressClassName: nobodys", "ingressClassName")._replace(verdict="ignored"),
    annotated("class-of-old-number", "must be a text", "kubernetes.io/ingress.class", 5),
    annotated("class-of-old-unknown", 'there is no IngressClass "apache"', "kubernetes.io/ingress.class", "apache", verdict="ignored"),
    Kind("rules-text", "rules must be a list", INGRESS + "spec:\n  rules: many #!\n", "spec.rules"),
    Kind("rules-many-mistakes", "has more than 199 mistakes",
         INGRESS + "spec:\n  rules: [" + "5, " * 300 + "5] #!\n", ""),
    Kind("rule-number", "must be a map, not a number", INGRESS + "spec:\n  rules:\n  - 5 #!\n", "spec.rules[0]"),
    Kind("rule-without-paths", "has no paths, and there is no defaultBackend", INGRESS + "spec:\n  rules:\n  - host: NAME.test #!\n",
         "spec.rules[0]"),
    Kind("host-list", "host must be a text", INGRESS + "spec:\n  rules:\n  - host: [a] #!\n", "spec.rules[0].host"),
    *(Kind("host-" + name, says, ROUTE.replace("NAME.test", written + " #!") + ROOT, "spec.rules[0].host") for name, says, written in (
        ("port", "is no DNS name", "NAME.test:80"),
        ("inner-star", "only as its whole first label", "NAME.*.test"),
        ("star", 'host "*" is no name', '"*"'),
        ("space", "is no DNS name", '"NAME .test"'),
        ("upper", "is no DNS name in lower case", "NAME.TEST"),
        ("address", "is an address, not a name", "192.0.2.1"),
        ("address-6", "is an address, not a name", '"2001:db8::1"'),
        ("empty-label", "is no DNS name", "NAME..test"),
        ("underscore", "is no DNS name", "NAME_.test"),
        ("long-label", "is no DNS name", "NAME." + "a" * 64 + ".test"),
        ("long", "is no DNS name", "NAME." + "a.b.c.d." * 32 + "test"),
        ("url", "is no DNS name", '"https://NAME.test/"'))),
    Kind("http-empty", "paths is required", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http: {} #!\n", "spec.rules[0].http.paths"),
    Kind("http-text", "http must be a map", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http: on #!\n", "spec.rules[0].http"),
    Kind("paths-empty", "paths is empty", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http:\n      paths: [] #!\n",
         "spec.rules[0].http.paths"),
    Kind("paths-map", "paths must be a list", INGRESS + "spec:\n  rules:\n  - host: NAME.test\n    http:\n      paths: {} #!\n",
         "spec.rules[0].http.paths"),
    Kind("path-null", "must be a map, not null", ROUTE + "      - null #!\n", PATH),
    in_path("type-missing", "pathType is required", ["path: / #!", BACKEND], ".pathType"),
    in_path("type-unknown", "must be one of Exact, Prefix", ["path: /", "pathType: Perhaps #!", BACKEND], ".pathType"),
    in_path("type-lower", "must be one of Exact, Prefix", ["path: /", "pathType: prefix #!", BACKEND], ".pathType"),
    in_path("type-number", "must be a text, not a number", ["path: /", "pathType: 1 #!", BACKEND], ".pathType"),
    in_path("path-missing", "path is empty", ["pathType: Exact #!", BACKEND], ".path"),
    in_path("path-number", "must be a text, not a number", ["path: 5 #!", "pathType: Prefix", BACKEND], ".path"),
    *(in_path("path-" + name, says, [f"path: {written} #!", "pathType: Exact", BACKEND], ".path") for name, says, written in (
        ("relative", "does not begin with '/'", "a/b"),
        ("nul", "an encoded NUL", "/a%00b"),
        ("escape", "'%' without two hex digits", "/a%zz"),
        ("above-root", "climbs above its root", "/../a"),
        ("encoded-slash", "%2F", "/a%2Fb"),
        ("query", "no request can have the path", "/a?b=c"),
        ("fragment", "no request can have the path", '"/a#b"'),
        ("space", "no request can have the path", '"/a b"'),
        ("control", "no request can have the path", '"/a\\tb"'),
        ("backslash", "no request can have the path", "'/a\\b'"))),
    in_path("backend-missing", "backend is required", ["path: / #!", "pathType: Prefix"], ".backend"),
    to_backend("backend-empty", "needs either a service or a resource", "{}", ""),
    to_backend("backend-text", "backend must be a map", "stable0", ""),
    in_path("backend-both", "needs either a service or a resource",
            ["path: /", "pathType: Prefix", "backend: #!", "  service: {name: stable0, port: {number: 80}}", "  resource: {kind: Bucket, name: a}"],
            ".backend"),
    to_backend("backend-resource", "backends of kind Bucket are not supported", "{resource: {kind: Bucket, name: a}}", ".resource"),
    to_backend("service-unnamed", "name is required", "{service: {port: {number: 80}}}", ".service.name"),
    to_backend("service-unknown", "there is no Service default/nobody: requests get 503", "{service: {name: nobody, port: {number: 80}}}",
               ".service.name"),
    to_backend("service-elsewhere", "there is no Service default/kube-system/stable0", "{service: {name: kube-system/stable0, port: {number: 80}}}",
               ".service.name"),
    to_backend("service-list", "name must be a text", "{service: {name: [stable0], port: {number: 80}}}", ".service.name"),
    Kind("service-of-another-namespace", "there is no Service NAME/stable0: requests get 503", ROUTE.replace("NAME\n", "NAME\n  namespace: NAME\n", 1)
         + ROOT.replace("stable0,", "stable0, ").replace("{path", "{ path").replace("\n", " #!\n"), PATH + ".backend.service.name",
         denies=NO_SERVICE),
    to_backend("port-missing", "port needs either a name or a number", "{service: {name: stable0}}", ".service.port"),
    to_backend("port-twice", "port needs either a name or a number", "{service: {name: stable0, port: {name: a, number: 80}}}", ".service.port"),
    to_backend("port-number", "port must be a map, not a number", "{service: {name: stable0, port: 80}}", ".service.port"),
    to_backend("port-large", "from 1 to 65535", "{service: {name: stable0, port: {number: 70000}}}", ".service.port.number"),
    to_backend("port-negative", "from 1 to 65535", "{service: {name: stable0, port: {number: -1}}}", ".service.port.number"),
    to_backend("port-text", "must be a number, not a text", '{service: {name: stable0, port: {number: "80"}}}', ".service.port.number"),
    to_backend("port-fraction", "must be a decimal number", "{service: {name: stable0, port: {number: 80.5}}}", ".service.port.number"),
    to_backend("port-unknown", "has no TCP port 81: requests get 503", "{service: {name: stable0, port: {number: 81}}}", ".service.port.number"),
    to_backend("port-name-unknown", 'has no TCP port "web": requests get 503', "{service: {name: stable0, port: {name: web}}}", ".service.port.name"),
    Kind("port-udp", "has no TCP port 53: requests get 503",
         SERVICE + "spec: {ports: [{port: 53, protocol: UDP}]}\n---\n" + TO_NAME.replace("80}}}}\n", "53}}}} #!\n"),
         PATH + ".backend.service.port.number"),
    Kind("path-twice", "shadowed by spec.rules[0].http.paths[0] of the same Ingress",
         ROUTE + f"      - {{path: /a, pathType: Exact, {BACKEND}}}\n      - {{path: /a, pathType: Exact, {BACKEND}}} #!\n", "spec.rules[0].http.paths[1]"),
    Kind("path-of-another", "shadowed by Ingress default/GOOD", ROUTE.replace("NAME.test", "GOOD.test") + ROOT.replace("\n", " #!\n"), PATH),
    Kind("default-unnamed", "name is required",
         INGRESS + "spec:\n  defaultBackend: {service: {port: {number: 80}}} #!\n  rules:\n  - host: NAME.test\n", "spec.defaultBackend.service.name"),
    in_spec("default-text", "defaultBackend must be a map", "defaultBackend: stable0", "defaultBackend"),
    in_spec("tls-number", "tls must be a list", "tls: 5", "tls"),
    in_spec("tls-entry-text", "must be a map, not a text", "tls: [NAME.test]", "tls[0]"),
    in_spec("tls-text", "hosts must be a list", "tls: [{hosts: a}]", "tls[0].hosts"),
    in_spec("tls-host", "is no DNS name", "tls: [{hosts: [a..b]}]", "tls[0].hosts[0]"),
    in_spec("tls-host-twice", "shadowed by spec.tls[0].hosts[0] of the same Ingress", "tls: [{hosts: [NAME.test, NAME.test]}]", "tls[0].hosts[1]"),
    in_spec("tls-secret-number", "secretName must be a text", "tls: [{hosts: [NAME.test], secretName: 5}]", "tls[0].secretName"),
    in_spec("tls-secret-missing", "there is no Secret default/nobody that can be used", "tls: [{hosts: [NAME.test], secretName: nobody}]",
            "tls[0].secretName"),
    in_spec("tls-secret-elsewhere", "there is no Secret default/kube-system/site", "tls: [{hosts: [NAME.test], secretName: kube-system/site}]",
            "tls[0].secretName"),
    Kind("tls-secret-without-pair", "tls.crt of Secret default/NAME is not there",
         SECRET + "data: {a: YQ==}\n---\n"
         + ROUTE.replace("  rules", "  tls: [{hosts: [NAME.test], secretName: NAME}] #!\n  rules") + ROOT, "spec.tls[0].secretName"),
    in_metadata("labels-text", "labels must be a map", "labels: web", "labels"),
    in_metadata("label-number", "must be a text, not a number", "labels: {a: 5}", "labels.a"),
    in_metadata("born-yesterday", "must be a time", "creationTimestamp: yesterday", "creationTimestamp"),
    in_metadata("generation-text", "generation must be a number", "generation: first", "generation", only_in_a_folder=True),
    in_metadata("uid-number", "uid must be a text", "uid: 5", "uid", only_in_a_folder=True),
    annotated("annotation-number", "must be a text, not a number", "example.test/a", 5),
    annotated("slash-unknown", 'is "keep" or "reject"', "sallyport.dev/encoded-slash", "perhaps"),
    annotated("merge-unknown", 'is "on" or "off"', "sallyport.dev/merge-slashes", "perhaps"),
    annotated("grpc-web-unknown", 'is "true" or "false"', "sallyport.dev/grpc-web", "perhaps"),
    annotated("redirect-unknown", 'is "true" or "false"', "sallyport.dev/https-redirect", "perhaps"),
)

# Who may ask.
OF_CLIENTS = (
    in_metadata("annotations-list", "annotations must be a map", "annotations: [a]", "annotations", denies=NOT_FOUND),
    guarded("clients-misspelt", 'is "require" or "optional": no client is let in', [f"{CLIENTS}: required #!", f"{CLIENTS}-ca: clients"],
            annotation(CLIENTS)),
    guarded("clients-number", "cannot be read: no client is let in", [f"{CLIENTS}: 1 #!", f"{CLIENTS}-ca: clients"], annotation(CLIENTS)),
    guarded("clients-of-nobody", "has to name the Secret with the authorities: no client is let in", [f"{CLIENTS}: require #!"],
            annotation(CLIENTS)),
    guarded("authorities-named-by-number", "cannot be read: no client is let in", [f"{CLIENTS}: require", f"{CLIENTS}-ca: 5 #!"],
            annotation(CLIENTS + "-ca")),
    guarded("authorities-missing", "there is no Secret default/nobody: no client is let in", [f"{CLIENTS}-ca: nobody #!"],
            annotation(CLIENTS + "-ca")),
    guarded("authorities-elsewhere", "there is no Secret default/kube-system/clients: no client is let in",
            [f"{CLIENTS}: require", f"{CLIENTS}-ca: kube-system/clients #!"], annotation(CLIENTS + "-ca")),
    guarded("authorities-optional", "there is no Secret default/nobody: no client is let in",
            [f"{CLIENTS}: optional", f"{CLIENTS}-ca: nobody #!"], annotation(CLIENTS + "-ca")),
    *(authorities(one) for one in (
        ("not-in-it", "ca.crt of Secret default/NAME is not there: no client is let in", "{a: YQ==}"),
        ("empty", "ca.crt of Secret default/NAME has no certificate", '{ca.crt: ""}'),
        ("no-pem", "ca.crt of Secret default/NAME has no certificate", "{ca.crt: YQ==}"),
        ("torn", "ca.crt of Secret default/NAME", "{ca.crt: TORN_CHAIN}"),
        ("not-base64", "ca.crt of Secret default/NAME is not there", '{ca.crt: "*"}'),
        ("of-number", "ca.crt of Secret default/NAME is not there", "{ca.crt: 5}"),
        ("revocations", "ca.crl of Secret default/NAME", "{ca.crt: AUTHORITY, ca.crl: YQ==}"),
        ("revocations-number", "ca.crl of Secret default/NAME cannot be read", "{ca.crt: AUTHORITY, ca.crl: 5}"))),
    annotated("clients-without-tls", "there is no Secret default/nobody: no client is let in", CLIENTS + "-ca", "nobody", denies=REDIRECTED),
    annotated("clients-unknown", "says who may ask", CLIENTS + "-authority", "clients", denies=NO_SERVICE),
    annotated("own-allow-list", "says who may ask", "sallyport.dev/allowlist", "10.0.0.0/8", denies=NO_SERVICE),
    annotated("auth-url", "says who may ask and is not honoured: requests get 503", NGINX + "auth-url", "https://auth.test/", denies=NO_SERVICE),
    annotated("auth-tls", "says who may ask and is not honoured: requests get 503", NGINX + "auth-tls-secret", "default/clients",
              denies=NO_SERVICE),
    annotated("allow-list", "says who may ask and is not honoured: requests get 503", NGINX + "whitelist-source-range", "10.0.0.0/8",
              denies=NO_SERVICE),
    annotated("deny-list", "says who may ask and is not honoured: requests get 503", "haproxy.org/deny-list", "10.0.0.0/8", denies=NO_SERVICE),
    annotated("jwt", "says who may ask and is not honoured: requests get 503", "nginx.com/jwt-key", "keys", denies=NO_SERVICE),
    annotated("auth-true", "says who may ask and cannot be read: requests get 503", NGINX + "enable-global-auth", "true", denies=NO_SERVICE),
    annotated("allow-list-list", "says who may ask and cannot be read: requests get 503", NGINX + "allowlist-source-range", "[10.0.0.0/8]",
              denies=NO_SERVICE),
    annotated("canary", "is not honoured", NGINX + "canary", '"true"', denies=NOT_FOUND),
    annotated("canary-true", "cannot be read", NGINX + "canary", "true", denies=NOT_FOUND),
    gate("client", "not a CIDR block", "when: [{client: [10.0.0.0/40]}]", "when[0].client[0]", denies=NOT_FOUND),
    gate("client-name", "not a CIDR block", "when: [{client: [localhost]}]", "when[0].client[0]", denies=NOT_FOUND),
    gate("client-text", "client must be a list", "when: [{client: 10.0.0.0/8}]", "when[0].client", denies=NOT_FOUND),
    gate("client-empty", "client needs at least one block of addresses", "when: [{client: []}]", "when[0].client", denies=NOT_FOUND),
    gate("client-misspelt", "is not a field that is known here", "wehn: [{client: [10.0.0.0/8]}]", "wehn", denies=NOT_FOUND),
)

# Certificates of ours.
OF_A_SECRET = (
    shown("pair-number", "must be a text, not a number", "data[tls.crt]", "data: {tls.crt: 5, tls.key: KEY} #!"),
    shown("pair-base64", "is not base64", "data[tls.key]", 'data: {tls.crt: CHAIN, tls.key: "*"} #!'),
    shown("pair-without-key", "tls.key is not there", "data[tls.key]", "type: kubernetes.io/tls", "data: {tls.crt: CHAIN} #!"),
    shown("pair-without-certificate", "tls.crt is not there", "data[tls.crt]", "data: {tls.key: KEY} #!"),
    shown("pair-of-nothing", "tls.crt is not there", "data[tls.crt]", "type: kubernetes.io/tls", "data: {} #!"),
    shown("pair-no-pem", "tls.crt has no certificate", "data[tls.crt]", "data: {tls.crt: YQ==, tls.key: KEY} #!"),
    shown("pair-torn", "tls.crt", "data[tls.crt]", "data: {tls.crt: TORN_CHAIN, tls.key: KEY} #!"),
    shown("pair-swapped", "tls.crt has no certificate", "data[tls.crt]", "data: {tls.crt: KEY, tls.key: CHAIN} #!"),
    shown("pair-empty", "tls.crt has no certificate", "data[tls.crt]", 'data: {tls.crt: "", tls.key: ""} #!'),
    shown("key-of-another", "tls.key", "data[tls.key]", "data: {tls.crt: CHAIN, tls.key: OTHER_KEY} #!"),
    shown("key-torn", "tls.key", "data[tls.key]", "data: {tls.crt: CHAIN, tls.key: TORN_KEY} #!"),
    shown("key-encrypted", "tls.key", "data[tls.key]", "data: {tls.crt: CHAIN, tls.key: ENCRYPTED_KEY} #!"),
    shown("leaf-not-first", "tls.key", "data[tls.key]", "data: {tls.crt: CHAIN_BEHIND, tls.key: KEY} #!"),
    shown("pair-weak", "1024", "data[tls.crt]", "data: {tls.crt: WEAK_CHAIN, tls.key: WEAK_KEY} #!"),
    shown("pair-in-words", "tls.crt has no certificate", "stringData[tls.crt]", "data: {tls.key: KEY}", "stringData: {tls.crt: none} #!"),
    shown("type-of-secret", "type must be a text", "type", "type: [kubernetes.io/tls] #!", "data: {tls.crt: CHAIN, tls.key: KEY}"),
    shown("data-list", "data must be a map", "data", "data: [a] #!"),
    shown("immutable-text", "must be true or false", "immutable", "immutable: always #!", "data: {tls.crt: CHAIN, tls.key: KEY}"),
)

# To whom requests may be handed.
OF_UPSTREAMS = (
    upstream("ca-missing", "there is no Secret default/nobody: requests get 503", "ca", "nobody"),
    upstream("ca-map-missing", "there is no ConfigMap default/nobody: requests get 503", "ca", "configmap/nobody"),
    upstream("ca-elsewhere", "names a Secret, or a ConfigMap as configmap/", "ca", "kube-system/authority"),
    upstream("ca-number", "cannot be read: requests get 503", "ca", "5"),
    upstream("ca-empty", "ca.crt of Secret default/NAME is missing: requests get 503", "ca", "NAME", SECRET + "data: {a: YQ==}\n"),
    upstream("ca-no-pem", "ca.crt of Secret default/NAME has no certificate", "ca", "NAME", SECRET + "data: {ca.crt: YQ==}\n"),
    upstream("ca-torn", "ca.crt of Secret default/NAME", "ca", "NAME", SECRET + "data: {ca.crt: TORN_CHAIN}\n"),
    upstream("name-upper", "is a host name in lower case: requests get 503", "server-name", "UPPER.test"),
    upstream("name-list", "cannot be read: requests get 503", "server-name", "[a.test]"),
    upstream("sans-star", "is a list of 1 to 16 host names", "sans", '"a.test, *"'),
    upstream("sans-empty", "is a list of 1 to 16 host names", "sans", '""'),
    upstream("sans-list", "cannot be read: requests get 503", "sans", "[a.test]"),
    upstream("verify-false", 'is "on" or "off": requests get 503', "verify", '"false"'),
    upstream("verify-unquoted", "cannot be read: requests get 503", "verify", "true"),
    upstream("pair-missing", "there is no Secret default/nobody that can be used: requests get 503", "client-certificate", "nobody"),
    upstream("pair-elsewhere", "names a Secret: requests get 503", "client-certificate", "kube-system/pair"),
    upstream("pair-without-key", "there is no Secret default/NAME that can be used: requests get 503", "client-certificate", "NAME",
             SECRET + "data: {tls.crt: CHAIN}\n"),
    upstream("proxy-3", 'is "v1" or "v2": requests get 503', "proxy-protocol", "v3"),
    upstream("proxy-number", "cannot be read: requests get 503", "proxy-protocol", "2"),
    used_map("map-list", "data must be a map", "data", "data: [a] #!"),
    used_map("map-number", "must be a text, not a number", "data[ca.crt]", "data: {ca.crt: 5} #!"),
    used_map("map-binary", "is not base64", "binaryData[ca.crt]", 'binaryData: {ca.crt: "*"} #!'),
    used_map("map-immutable", "must be true or false", "immutable", "data: {a: b}", "immutable: always #!"),
    at_address("metadata", "169.254.169.254 is a link-local address, which is no endpoint", "169.254.169.254"),
    at_address("metadata-mapped", "which is no endpoint", '"::ffff:169.254.169.254"', "IPv6"),
    at_address("of-everybody", "which is no endpoint", "0.0.0.0"),
    at_address("multicast", "which is no endpoint", "224.0.0.1"),
    at_address("broadcast", "which is no endpoint", "255.255.255.255"),
    at_address("translated", "which is no endpoint", '"64:ff9b::7f00:1"', "IPv6"),
    at_address("name", '"web" is no IP address', "web"),
    at_address("with-port", "is no IP address", '"ADDRESS:80"'),
    at_address("octal", "is no IP address", "0177.0.0.1"),
    at_address("zone", "is no IP address", '"fe80::1%eth0"', "IPv6"),
    at_address("family", "is not of addressType IPv6", "ADDRESS", "IPv6"),
    Kind("external", "which is not allowed", SERVICE + "spec: {type: ExternalName, externalName: localhost}\n---\n"
         + TO_NAME.replace("\n", " #!\n").replace(" #!\n", "\n", TO_NAME.count("\n") - 1), PATH + ".backend.service.name", denies=NO_SERVICE),
    Kind("external-service", "Services of type ExternalName are not allowed",
         SERVICE + "spec:\n  type: ExternalName #!\n  externalName: localhost\n---\n" + TO_NAME, "spec.type", "Service", "ignored", denies=NO_SERVICE),
    Kind("slice-of-names", "endpoints by name are not allowed", SLICE + "addressType: FQDN #!\nports: [{port: PORT}]\nendpoints: [{addresses: [localhost]}]\n"
         "---\n" + SERVICE + "spec: {ports: [{port: 80}]}\n---\n" + TO_NAME, "addressType", "EndpointSlice", "ignored", denies=NO_SERVICE),
)

OF_SERVICES = (
    in_service("type", "must be one of ClusterIP", "type: Cluster", "type"),
    in_service("selector", "selector must be a map", "selector: web", "selector"),
    in_service("ports-map", "ports must be a list", "ports: {port: 80}", "ports"),
    in_service("address-list", "clusterIP must be a text", "clusterIP: [None]", "clusterIP"),
    in_service("affinity", "must be a map", "sessionAffinityConfig: 5", "sessionAffinityConfig"),
    in_service("publishes", "must be true or false", 'publishNotReadyAddresses: "yes"', "publishNotReadyAddresses"),
    Kind("service-spec", "spec must be a map", SERVICE + "spec: web #!\n", "spec", "Service"),
    Kind("service-port-zero", "from 1 to 65535", SERVICE + "spec:\n  ports:\n  - port: 0 #!\n", "spec.ports[0].port", "Service"),
    Kind("service-port-text", "must be a number", SERVICE + "spec:\n  ports:\n  - port: http #!\n", "spec.ports[0].port", "Service"),
    Kind("service-port-missing", "port is required", SERVICE + "spec:\n  ports:\n  - name: http #!\n", "spec.ports[0].port", "Service"),
    Kind("service-port-twice", "port 80 is given twice", SERVICE + "spec:\n  ports:\n  - {port: 80, name: a}\n  - {port: 80, name: b} #!\n",
         "spec.ports[1]", "Service"),
    of_port("protocol", "must be one of TCP, UDP, SCTP", "protocol: tcp", "protocol"),
    of_port("app-protocol", "appProtocol must be a text", "appProtocol: 2", "appProtocol"),
    of_port("target", "must be a number or a text", "targetPort: [80]", "targetPort"),
    of_port("node", "from 1 to 65535", "nodePort: 99999", "nodePort"),
    of_port("name", "name must be a text", "name: 80", "name"),
    Kind("slice-untyped", "addressType is required", SLICE.replace("k8s.io/v1\n", "k8s.io/v1 #!\n") + "endpoints: []\n", "addressType",
         "EndpointSlice"),
    Kind("slice-type", "must be one of IPv4, IPv6, FQDN", SLICE + "addressType: ipv4 #!\n", "addressType", "EndpointSlice"),
    Kind("slice-label", "must be a text", SLICE.replace("service-name: NAME}", "service-name: 5} #!") + "addressType: IPv4\n",
         "metadata.labels[kubernetes.io/service-name]", "EndpointSlice"),
    Kind("slice-of-nobody", "no label kubernetes.io/service-name", SLICE.replace("labels: {kubernetes.io/service-name: NAME}", "labels: {a: b} #!")
         + "addressType: IPv4\n", "metadata.labels", "EndpointSlice", "ignored"),
    in_slice("endpoints-map", "endpoints must be a list", "endpoints: {}", "endpoints"),
    in_slice("endpoint-text", "must be a map, not a text", "endpoints: [10.0.0.1]", "endpoints[0]"),
    in_slice("addresses-missing", "addresses is required", "endpoints: [{conditions: {ready: true}}]", "endpoints[0].addresses"),
    in_slice("addresses-empty", "addresses is empty", "endpoints: [{addresses: []}]", "endpoints[0].addresses"),
    in_slice("addresses-text", "addresses must be a list", "endpoints: [{addresses: 10.0.0.1}]", "endpoints[0].addresses"),
    in_slice("address-number", "must be a text", "endpoints: [{addresses: [10]}]", "endpoints[0].addresses[0]"),
    in_slice("condition", "must be true or false", "endpoints: [{addresses: [10.0.0.1], conditions: {ready: maybe}}]",
             "endpoints[0].conditions.ready"),
    in_slice("conditions", "conditions must be a map", "endpoints: [{addresses: [10.0.0.1], conditions: [ready]}]", "endpoints[0].conditions"),
    in_slice("node", "nodeName must be a text", "endpoints: [{addresses: [10.0.0.1], nodeName: 5}]", "endpoints[0].nodeName"),
    in_slice("hints", "forZones must be a list", "endpoints: [{addresses: [10.0.0.1], hints: {forZones: a}}]", "endpoints[0].hints.forZones"),
    in_slice("ports-map", "ports must be a list", "ports: {port: 80}", "ports"),
    in_slice("port-large", "from 1 to 65535", "ports: [{port: 65536}]", "ports[0].port"),
    in_slice("port-protocol", "must be one of TCP, UDP, SCTP", "ports: [{port: 80, protocol: HTTP}]", "ports[0].protocol"),
    *(Kind("endpoints-" + name, says, ENDPOINTS + f"subsets: {written} #!\n", "subsets" + below, "Endpoints", only_in_a_folder=True)
      for name, says, written, below in (
          ("text", "subsets must be a list", "web", ""),
          ("without-ip", "ip is required", "[{addresses: [{hostname: a}]}]", "[0].addresses[0].ip"),
          ("address", "is no IP address", "[{addresses: [{ip: web}]}]", "[0].addresses[0].ip"),
          ("metadata", "which is no endpoint", "[{addresses: [{ip: 169.254.169.254}]}]", "[0].addresses[0].ip"),
          ("port", "from 1 to 65535", "[{ports: [{port: 0}]}]", "[0].ports[0].port"))),
    Kind("class-controller", "controller must be a text", CLASS + "spec:\n  controller: [x] #!\n", "spec.controller", "IngressClass"),
    Kind("class-spec", "spec must be a map", CLASS + "spec: 5 #!\n", "spec", "IngressClass"),
    Kind("class-parameters", "kind is required", CLASS + "spec:\n  controller: sallyport.dev/controller\n  parameters: {name: a} #!\n",
         "spec.parameters.kind", "IngressClass"),
    *(Kind("namespace-" + name, "nothing in this version reads objects of kind Namespace",
           f"apiVersion: v1 #!\nkind: Namespace\nmetadata:\n  name: NAME\n  labels: {written}\n", "", "Namespace", "ignored", only_in_a_folder=True)
      for name, written in (("labels", "[a]"), ("label", "{a: true}"))),
)

OF_A_GATE_ROUTE = (
    Kind("gate-spec", "spec must be a map", GATE.replace("spec:", "spec: [] #!"), "spec", "GateRoute"),
    Kind("gate-without-spec", "spec is required", GATE.replace("spec:\n", "").replace("v1alpha1", "v1alpha1 #!"), "spec", "GateRoute"),
    Kind("gate-without-rules", "rules is required", GATE.replace("spec:", "spec: #!") + "  hosts: [NAME.test]\n", "spec.rules", "GateRoute"),
    Kind("gate-rules-empty", "rules is empty", GATE + "  rules: [] #!\n", "spec.rules", "GateRoute"),
    Kind("gate-rules-map", "rules must be a list", GATE + "  rules: {} #!\n", "spec.rules", "GateRoute"),
    Kind("gate-rule-null", "must be a map, not null", GATE + "  hosts: [NAME.test]\n  rules: [null] #!\n", "spec.rules[0]", "GateRoute"),
    Kind("gate-host", "is no DNS name", GATE_RULE.replace("[NAME.test]", "[NAME.test, a..b] #!"), "spec.hosts[1]", "GateRoute"),
    gate_spec("hosts-text", "hosts must be a list", "hosts: NAME.test", "hosts"),
    gate_spec("host-number", "must be a text", "hosts: [5]", "hosts[0]"),
    gate_spec("host-upper", "is no DNS name in lower case", "hosts: [NAME.TEST]", "hosts[0]"),
    gate_spec("host-misspelt", "host is not a field that is known here", "host: [NAME.test]", "host"),
    gate_spec("host-regex", "is no regular expression", 'hostRegexes: ["("]', "hostRegexes[0]"),
    gate_spec("host-regex-empty", "fits no host", 'hostRegexes: [""]', "hostRegexes[0]"),
    gate_spec("host-regex-text", "hostRegexes must be a list", "hostRegexes: a.*", "hostRegexes"),
    gate_spec("host-regex-huge", "regular expression", "hostRegexes: ['((a{100}){100}){10}']", "hostRegexes[0]"),
    Kind("gate-priority", "priority must be a number", GATE_RULE + "  priority: high #!\n", "spec.priority", "GateRoute"),
    Kind("gate-priority-large", "must be a decimal number", GATE_RULE + "  priority: 3000000000 #!\n", "spec.priority", "GateRoute"),
    Kind("gate-too-large", "hosts times rules are more than",
         GATE.replace("spec:", "spec: #!") + "  hosts: [" + ", ".join(f"h{at}.NAME.test" for at in range(400)) + "]\n  rules:\n"
         + "".join(f"  - {{path: {{type: Exact, value: /{at}}}, backends: [{{service: stable0, port: 80}}]}}\n" for at in range(400)), "spec", "GateRoute"),
    gate("path-text", "path must be a map", "path: /a", "path"),
    gate("path-untyped", "type is required", "path: {value: /a}", "path.type"),
    gate("path-type", "must be one of Exact, Prefix, BytePrefix", "path: {type: Glob, value: /a}", "path.type"),
    gate("path-without-value", "value is needed", "path: {type: Prefix}", "path.value"),
    gate("path-any-value", "type Any has no value", "path: {type: Any, value: /a}", "path.value"),
    gate("path-relative", "does not begin with '/'", "path: {type: Exact, value: a}", "path.value"),
    gate("path-case", "must be true or false", "path: {type: Exact, value: /a, ignoreCase: always}", "path.ignoreCase"),
    gate("path-regex", "is no regular expression", 'path: {type: Regex, value: "/a["}', "path.value"),
    gate("path-backreference", "is no regular expression", 'path: {type: Regex, value: "/(a)\\\\1"}', "path.value"),
    gate("path-look-ahead", "is no regular expression", "path: {type: Regex, value: '/(?!a)'}", "path.value"),
    gate("path-regex-long", "more than 4096 bytes", "path: {type: Regex, value: /" + "a" * 4096 + "}", "path.value"),
    gate("path-regex-huge", "regular expression", "path: {type: Regex, value: '/((a{100}){100}){10}'}", "path.value"),
    gate("when-text", "when must be a list", "when: always", "when"),
    gate("predicate-of-two", "is exactly one of method, header", "when: [{method: [GET], client: [10.0.0.0/8]}]", "when[0]"),
    gate("predicate-empty", "is exactly one of method, header", "when: [{}]", "when[0]"),
    gate("predicate-unknown", "is not a field that is known here", "when: [{cookie: {name: a, present: true}}]", "when[0].cookie"),
    gate("any-empty", "an empty list of predicates says nothing", "when: [{any: []}]", "when[0].any"),
    gate("not-a-list", "not must be a map", "when: [{not: [{method: [GET]}]}]", "when[0].not"),
    gate("predicates-many", "a rule has at most 64 predicates", "when: [" + "{method: [GET]}, " * 64 + "{method: [PUT]}]", "when[64]"),
    gate("predicates-deep", "predicates lie at most 8 deep", "when: [" + "{not: " * 9 + "{method: [GET]}" + "}" * 9 + "]",
         "when[0]" + ".not" * 8),
    gate("method-lower", "has to be in upper case", "when: [{method: [get]}]", "when[0].method[0]"),
    gate("method-space", "is no method", "when: [{method: [GET IT]}]", "when[0].method[0]"),
    gate("method-empty", "method needs at least one", "when: [{method: []}]", "when[0].method"),
    gate("header-name", "is no name of a header", 'when: [{header: {name: "a b", present: true}}]', "when[0].header.name"),
    gate("header-unnamed", "name is required", "when: [{header: {present: true}}]", "when[0].header.name"),
    gate("header-host", "rules do not see the header", "when: [{header: {name: Host, exact: a}}]", "when[0].header.name"),
    gate("header-of-two", "exactly one of exact, regex and present", "when: [{header: {name: a, exact: b, regex: c}}]", "when[0].header"),
    gate("header-regex", "is no regular expression", 'when: [{header: {name: a, regex: "*"}}]', "when[0].header.regex"),
    gate("header-space", "no header has this value", 'when: [{header: {name: a, exact: " b"}}]', "when[0].header.exact"),
    gate("query-unnamed", "name is empty", 'when: [{query: {name: "", present: true}}]', "when[0].query.name"),
    gate("rewrite-empty", "needs a hostname, a path, or both", "rewrite: {}", "rewrite"),
    gate("rewrite-host", "is no name of one host", 'rewrite: {hostname: "*.test"}', "rewrite.hostname"),
    gate("rewrite-type", "must be one of ReplacePrefixMatch", "rewrite: {path: {type: Strip, value: /}}", "rewrite.path.type"),
    gate("rewrite-path", "is no path", "rewrite: {path: {type: ReplaceFullPath, value: a}}", "rewrite.path.value"),
    gate("rewrite-regex-missing", "needs a regex", "rewrite: {path: {type: ReplaceRegexMatch, value: /a}}", "rewrite.path.regex"),
    gate("rewrite-regex", "is no regular expression", 'rewrite: {path: {type: ReplaceRegexMatch, regex: "(", value: /a}}', "rewrite.path.regex"),
    gate("rewrite-group", "\\2", "rewrite: {path: {type: ReplaceRegexMatch, regex: '(a)', value: '/\\2'}}", "rewrite.path.value"),
    gate("set-host", "is the gateway's own", "requestHeaders: {set: [{name: Host, value: a}]}", "requestHeaders.set[0].name"),
    gate("set-identity", "is the gateway's own", "requestHeaders: {set: [{name: X_Real_IP, value: a}]}", "requestHeaders.set[0].name"),
    gate("set-twice", "is set twice", "requestHeaders: {set: [{name: a, value: b}, {name: A, value: c}]}", "requestHeaders.set"),
    gate("set-control", "holds a control character", 'responseHeaders: {add: [{name: a, value: "b\\r\\nc: d"}]}', "responseHeaders.add[0].value"),
    gate("set-number", "value must be a text", "requestHeaders: {set: [{name: a, value: 5}]}", "requestHeaders.set[0].value"),
    gate("remove-name", "is no name of a header", 'responseHeaders: {remove: ["a:"]}', "responseHeaders.remove[0]"),
    gate("remove-many", "has more than 64 headers", "requestHeaders: {remove: [" + "a, " * 64 + "b]}", "requestHeaders.remove"),
    gate("unknown-field", "is not a field that is known here", "pathh: {type: Any}", "pathh"),
    Kind("gate-backends-missing", "backends is required", GATE + "  hosts: [NAME.test]\n  rules: [{path: {type: Any}}] #!\n",
         "spec.rules[0].backends", "GateRoute"),
    Kind("gate-backends-empty", "needs at least one backend", GATE_RULE.replace("[{service: stable0, port: 80}]", "[] #!"),
         "spec.rules[0].backends", "GateRoute"),
    gate_backend("null", "must be a map, not null", "null", "[0]"),
    gate_backend("many", "has at most 64", ", ".join(["{service: stable0, port: 80}"] * 65), ""),
    gate_backend("service-missing", "service is required", "{port: 80}", "[0].service"),
    gate_backend("service-unknown", "there is no Service default/nobody: requests get 503", "{service: nobody, port: 80}", "[0].service"),
    gate_backend("service-elsewhere", "there is no Service default/kube-system/stable0: requests get 503",
                 "{service: kube-system/stable0, port: 80}", "[0].service"),
    gate_backend("port-missing", "port is required", "{service: stable0}", "[0].port"),
    gate_backend("port-zero", "from 1 to 65535", "{service: stable0, port: 0}", "[0].port"),
    gate_backend("port-unknown", 'has no TCP port "web": requests get 503', "{service: stable0, port: web}", "[0].port"),
    gate_backend("weight", "weight is at most 1000000", "{service: stable0, port: 80, weight: 10000000}", "[0].weight"),
    gate_backend("weight-negative", "must be a decimal number", "{service: stable0, port: 80, weight: -1}", "[0].weight"),
    gate_backend("weight-text", "weight must be a number", "{service: stable0, port: 80, weight: half}", "[0].weight"),
)

FILES = (
    file("syntax", "not YAML", "apiVersion: v1\nkind: [Service\n", line=3),
    file("tab", "not YAML", "apiVersion: v1\nkind:\tService\n\tmetadata: {}\n", line=3),
    file("quote", "not YAML", 'apiVersion: v1\nkind: "Service\n', line=3),
    file("key-twice", 'the key "spec" is there already, in line 5', INGRESS + "spec: {}\nspec: {} #!\n"),
    file("label-twice", 'the key "a" is there already', SERVICE + "  labels: {a: b, a: c} #!\n"),
    file("too-deep", "nested deeper than 64 levels", "apiVersion: v1\nkind: ConfigMap\na: " + "[" * 100 + "]" * 100 + " #!\n"),
    file("laughs", "more than", "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
         + "".join(f"{to}: &{to} [{', '.join(['*' + of] * 10)}]\n" for of, to in zip("abcdef", "bcdefg")), line=6),
    file("bad-utf-8", "not YAML", INGRESS + "spec:\n  ingressClassName: \udcff #!\n"),
    file("nul", "not YAML", INGRESS + "spec: {} \0#!\n"),
    file("unknown-tag", "is not supported", INGRESS + "spec: !!python/none {} #!\n"),
    file("unknown-alias", "has no anchor before it", INGRESS + "spec: *nowhere #!\n"),
    file("too-large", "is larger than 16 MiB", INGRESS + "# " + "x" * (16 << 20) + "\n", line=0),
    file("broken-json", "not JSON", '{"apiVersion": "v1",\n "kind": }\n', suffix=".json", line=2),
    file("torn-json", "not JSON", '{"apiVersion": "v1",\n "kind": "Service"\n', suffix=".json", line=1),
    file("json-key-twice", 'the key "kind" is there already', '{"apiVersion": "v1", "kind": "Service",\n "kind": "Ingress"}\n', suffix=".json", line=2),
    file("json-comment", "not JSON", '{"apiVersion": "v1",\n // a comment\n "kind": "Service"}\n', suffix=".json", line=1),
    file("no-map", "it is a list, not a map", "- kind: Ingress #!\n"),
    file("no-kind", "it has no kind", "apiVersion: v1 #!\nmetadata: {name: NAME}\n"),
    file("no-version", "it has no apiVersion", "kind: Ingress #!\nmetadata: {name: NAME}\n"),
    file("number-version", "it has no apiVersion that is a text", "apiVersion: 1 #!\nkind: Service\nmetadata: {name: NAME}\n"),
    file("no-metadata", "metadata is required", "apiVersion: v1 #!\nkind: Service\n"),
    file("no-name", "metadata.name is required", "apiVersion: v1\nkind: Service\nmetadata: {namespace: default} #!\n"),
    file("number-name", "metadata.name must be a text", "apiVersion: v1\nkind: Service\nmetadata: {name: 5} #!\n"),
    file("bad-name", "must be of lower-case letters", "apiVersion: v1\nkind: Service\nmetadata:\n  name: Bad_NAME #!\n"),
    file("bad-namespace", "must be of lower-case letters", "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n  namespace: Not.One #!\n"),
    file("items-text", "items of a List must be a list", "apiVersion: v1\nkind: List\nitems: many #!\n"),
    file("item-number", "it is a number, not a map", "apiVersion: v1\nkind: List\nitems:\n- 5 #!\n"),
    file("twice-in-a-file", "is in line 1 already, and that one counts", SERVICE + "---\n" + SERVICE.replace("v1", "v1 #!"), verdict="duplicate"),
    file("in-another-file", "already, and that one counts", SERVICE.replace("v1", "v1 #!").replace("NAME", "stable0"), verdict="duplicate"),
)

KINDS = OF_AN_INGRESS + OF_CLIENTS + OF_A_SECRET + OF_UPSTREAMS + OF_SERVICES + OF_A_GATE_ROUTE + FILES
