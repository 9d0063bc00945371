# SPDX-License-Identifier: Apache-2.0
"""Who stands before the origin, and how each is started so that all do the same work.

The same work: HTTP/1.1 on both sides, kept connections, the request's host matched, X-Forwarded-For, -Proto, -Host, -Port
and X-Request-Id set, one thread that serves, no access log. Only the relay does nothing of it, and nghttpx and h2o have fixed
texts for the last three fields, which spares them an id for each request.
"""
import os
import resource
import textwrap

import configurations

HOST = "bench.example"
FIXED_ID = "4d1c6a52-98c0-4b0f-a6de-2f6b1f0c7e35"
CLIENTS = 12_000
MANAGED = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "X-Request-Id")


def descriptors():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def write(path, text, **values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).format(**values))
    return path


def nginx(folder, http):
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker may not read the folder
    config = write(folder / "nginx.conf", configurations.NGINX, folder=folder, user=user, http=http, descriptors=descriptors())
    return ["nginx", "-p", folder, "-e", "stderr", "-c", config]


def nginx_proxy(folder, port, origin_port):
    return nginx(folder, configurations.NGINX_PROXY.format(port=port, origin=origin_port, host=HOST))


def haproxy(folder, port, origin_port):
    return ["haproxy", "-db", "-f", write(folder / "haproxy.cfg", configurations.HAPROXY, descriptors=descriptors(), clients=CLIENTS, port=port, origin=origin_port, host=HOST,
                                          front="", behind="", scheme="http")]


def nghttpx(folder, port, origin_port):
    return ["nghttpx", f"--conf={write(folder / 'nghttpx.conf', configurations.NGHTTPX, port=port, origin=origin_port, host=HOST, id=FIXED_ID, front=';no-tls', behind='', files='')}"]


def h2o(folder, port, origin_port):
    return ["h2o", "-c", write(folder / "h2o.conf", configurations.H2O, clients=CLIENTS, folder=folder, port=port, origin=origin_port, host=HOST, id=FIXED_ID,
                               tls="")]


def relay(binary):
    return lambda folder, port, origin_port: [binary, port, origin_port]


def sallyport(binary, log):
    """With `log`, one access log line a request goes to the file log in the candidate's folder."""

    def command(folder, port, origin_port):
        write(folder / "objects" / "bench.yaml", configurations.OBJECTS, origin=origin_port, host=HOST)
        return [binary, "run", "--config", folder / "objects", "--address", "127.0.0.1", "--port-map", f"80={port}", "--health", "off", "--admin", "off",
                "--workers", "1", "--limit", f"connections={CLIENTS}",
                "--limit", "idle-time=3600000", "--limit", "upstream-idle-time=3600000", "--access-log", folder / "log" if log else "off"]

    return command
