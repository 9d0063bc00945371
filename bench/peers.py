# SPDX-License-Identifier: Apache-2.0
"""HAProxy and nginx with the routes of a layout: how long they take to start, what they hold, and a reload with one route more.

HAProxy twice: with a backend for each Service, which is the least it can do, and with one for each route, which it needs as soon as
a route has a setting of its own. Both choose by a map of host and path. nginx has a server for each host and an upstream for each
Service.
"""
import dataclasses
import os
import shutil
import signal
import tempfile
import time

import asking
from candidates import nginx, write
from layouts import service_name
from processes import Broken, Child, free_port

START = 300.0

HAPROXY = """
global
  nbthread 2
  maxconn 8000
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend bench
  bind 127.0.0.1:{port}
  use_backend %[base,map_beg({map})]
"""


@dataclasses.dataclass
class Measured:
    name: str
    started: float
    used: float  # CPU, until then
    rss: int
    pss: int
    reloaded: float


class HAProxy:
    """`-W`: a master that starts a new worker on USR2."""
    signal = signal.SIGUSR2

    def __init__(self, layout, backend_for_each_route):
        self.layout, self.for_each_route = layout, backend_for_each_route
        self.name = f"haproxy, backend for each {'route' if backend_for_each_route else 'Service'}"

    def write(self, folder, port, routes):
        if self.for_each_route:
            chosen = [(f"route-{number}", path.service) for number, (_, path) in enumerate(routes)]
        else:
            chosen = [(service_name(path.service), path.service) for _, path in routes]
        mapped = "".join(f"{host}{path.path} {backend}\n" for (host, path), (backend, _) in zip(routes, chosen, strict=True))
        (folder / "map").write_text(mapped)
        text = [HAPROXY.format(port=port, map=folder / "map")]
        for backend, service in dict(chosen).items():
            text.append(f"backend {backend}")
            text += [f"  server s{at} {address}:{self.layout.port}" for at, address in enumerate(self.layout.endpoints[service])]
        (folder / "haproxy.cfg").write_text("\n".join(text) + "\n")
        return ["haproxy", "-W", "-db", "-f", folder / "haproxy.cfg"]


class Nginx:
    signal = signal.SIGHUP
    name = "nginx"

    def __init__(self, layout):
        self.layout = layout

    def write(self, folder, port, routes):
        text = ["server_names_hash_max_size 131072; server_names_hash_bucket_size 128; variables_hash_max_size 4096;",
                f"server {{ listen 127.0.0.1:{port} default_server; return 404; }}"]
        for service, addresses in self.layout.endpoints.items():
            servers = " ".join(f"server {address}:{self.layout.port};" for address in addresses)
            text.append(f"upstream {service_name(service)} {{ {servers} keepalive 16; }}")
        hosts = {}
        for host, path in routes:
            hosts.setdefault(host, []).append(path)
        for host, paths in hosts.items():
            places = " ".join(f"location {path.path} {{ proxy_pass http://{service_name(path.service)}; proxy_http_version 1.1;"
                              ' proxy_set_header Connection ""; }' for path in paths)
            text.append(f"server {{ listen 127.0.0.1:{port}; server_name {host}; {places} }}")
        command = nginx(folder, "\n".join(text))
        config = folder / "nginx.conf"
        write(config, config.read_text().replace("worker_processes 1;", "worker_processes 2;").replace("{", "{{").replace("}", "}}"))
        return command


def until_answered(child, port, host, path, since):
    """Seconds until a new connection's question is answered by an endpoint."""
    while True:
        child.check()
        try:
            connection = asking.Connection(port)
            status, _ = connection.ask(host, path)
            connection.close()
            if status == 200:
                return time.perf_counter() - since
        except (ConnectionError, Broken):
            pass  # it does not listen yet, or an old process was just leaving
        if time.perf_counter() - since > START:
            raise Broken(f"{child.name} does not answer {host}{path} after {START:.0f} s: {child.last_words()}")
        time.sleep(0.005)


def measured(peer, layout, folder):
    port, routes = free_port(), layout.routes()
    command = peer.write(folder, port, routes[:-1])
    begin = time.perf_counter()
    child = Child(peer.name, command, os.sched_getaffinity(0), port, folder / "said")
    try:
        host, path = routes[-2]
        started = until_answered(child, port, host, path.path, begin)
        used = child.cpu_ns() / 1e9
        child.wait_until_listening()
        time.sleep(1)
        rss, pss = child.shared_memory()
        peer.write(folder, port, routes)
        begin = time.perf_counter()
        child.process.send_signal(peer.signal)
        host, path = routes[-1]
        return Measured(peer.name, started, used, rss, pss, until_answered(child, port, host, path.path, begin))
    finally:
        child.end()


def measure(layout, folder):
    """A Measured for each peer that is installed."""
    for program, peer in (("haproxy", HAProxy(layout, False)), ("haproxy", HAProxy(layout, True)), ("nginx", Nginx(layout))):
        if shutil.which(program):
            with tempfile.TemporaryDirectory(dir=folder) as own:
                yield measured(peer, layout, type(folder)(own))
        else:
            print(f"{peer.name}: not installed (`tools/install bench` does it)")
