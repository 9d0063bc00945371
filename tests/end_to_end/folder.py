# SPDX-License-Identifier: Apache-2.0
"""Kubernetes objects as a user writes them, and the folder that holds them."""
import json
import os


def to_yaml(value, indent=0):
    """Block YAML of plain values; texts are quoted."""
    space = "  " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{space}{json.dumps(key)}:{below(item, indent)}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{space}-{below(item, indent)}" for item in value)
    return f"{space}{json.dumps(value)}\n"


def below(value, indent):
    if isinstance(value, (dict, list)) and value:
        return "\n" + to_yaml(value, indent + 1)
    return f" {json.dumps(value)}\n"


def described(api_version, kind, name, namespace="default", **metadata):
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": namespace, **metadata}}


def service(name, port=80, port_name=None, namespace="default", protocol=None, annotations=None):
    """`protocol` is the port's appProtocol."""
    ports = [{"port": port} | ({"name": port_name} if port_name else {}) | ({"appProtocol": protocol} if protocol else {})]
    metadata = {"annotations": annotations} if annotations else {}
    return described("v1", "Service", name, namespace, **metadata) | {"spec": {"ports": ports}}


def endpoint_slice(of, port, addresses=("127.0.0.1",), suffix="1", port_name=None, namespace="default", conditions=None, family="IPv4"):
    labels = {"kubernetes.io/service-name": of}
    endpoint = {} if conditions is None else {"conditions": conditions}
    return described("discovery.k8s.io/v1", "EndpointSlice", f"{of}-{suffix}", namespace, labels=labels) | {
        "addressType": family,
        "ports": [{"port": port} | ({"name": port_name} if port_name else {})],
        "endpoints": [{"addresses": [address]} | endpoint for address in addresses],
    }


def served(name, *ports, namespace="default", **more):
    """A Service with an EndpointSlice for each of its ports on this machine."""
    slices = [endpoint_slice(name, port, suffix=str(number), namespace=namespace) for number, port in enumerate(ports)]
    return [service(name, namespace=namespace, **more), *slices]


def http2_service(name, port):
    """The same, and it speaks HTTP/2 without TLS."""
    of = service(name)
    of["spec"]["ports"][0]["appProtocol"] = "kubernetes.io/h2c"
    return [of, endpoint_slice(name, port)]


def backend(name, port=80):
    return {"service": {"name": name, "port": {"number": port} if isinstance(port, int) else {"name": port}}}


def path(written, to, kind="Prefix", port=80):
    return {"path": written, "pathType": kind, "backend": backend(to, port)}


def rule(host, *paths):
    return ({"host": host} if host else {}) | {"http": {"paths": list(paths)}}


def ingress(name, *rules, namespace="default", default=None, of_class=None, created=None, annotations=None, tls=None):
    metadata = ({"creationTimestamp": created} if created else {}) | ({"annotations": annotations} if annotations else {})
    spec = {}
    if of_class:
        spec["ingressClassName"] = of_class
    if default:
        spec["defaultBackend"] = backend(default)
    if rules:
        spec["rules"] = list(rules)
    if tls:
        spec["tls"] = tls
    return described("networking.k8s.io/v1", "Ingress", name, namespace, **metadata) | {"spec": spec}


def route(host, to, name="web"):
    """An Ingress that sends everything of a host to one Service."""
    return ingress(name, rule(host, path("/", to)))


def documents(objects):
    return "---\n".join(to_yaml(item) for item in objects)


class Folder:
    def __init__(self, where):
        self.path = where
        os.makedirs(where, exist_ok=True)

    def write(self, name, *objects):
        self.write_text(name, documents(objects))

    def write_text(self, name, text):
        """As an editor does: beside it, then renamed over it."""
        beside = os.path.join(self.path, f".{name}.new")
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(beside, os.path.join(self.path, name))

    def remove(self, name):
        os.unlink(os.path.join(self.path, name))
