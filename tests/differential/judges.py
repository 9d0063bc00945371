# SPDX-License-Identifier: Apache-2.0
"""The judges: HTTP servers of Debian, each with a parser of its own, started on free ports of the loopback.

A judge answers every request with 200 and the field X-Seen: method, target, Host and SHA-1 of the body. One that cannot start
fails the suite.
"""
import os
import signal
import socket
import subprocess
from pathlib import Path

from raw_client import DEADLINE

HERE = Path(__file__).parent / "servers"
PYTHON = ("/usr/bin/python3", "-B")
UVICORN = (*PYTHON, "-m", "uvicorn", "asgi:application", "--log-level", "critical", "--lifespan", "off", "--ws", "none",
           "--timeout-keep-alive", "600", "--host", "@HOST@", "--port", "@PORT@", "--http")

# name: (the parser that it stands for, its command)
JUDGES = {
    "nginx": ("nginx", ("/usr/sbin/nginx", "-p", "@DIR@", "-c", "@DIR@/nginx.conf", "-e", "@DIR@/nginx.log")),
    "haproxy": ("HAProxy", ("/usr/sbin/haproxy", "-db", "-q", "-f", "@DIR@/haproxy.cfg")),
    "apache": ("Apache httpd", ("/usr/sbin/apache2", "-DFOREGROUND", "-f", "@DIR@/apache.conf")),
    "lighttpd": ("lighttpd", ("/usr/sbin/lighttpd", "-D", "-f", "@DIR@/lighttpd.conf")),
    "h2o": ("picohttpparser", ("/usr/bin/h2o", "-m", "worker", "-c", "@DIR@/h2o.conf")),
    "node": ("llhttp", ("node", "@HERE@/on_node.js", "@HOST@", "@PORT@")),
    "uvicorn-h11": ("h11", (*UVICORN, "h11")),
    "uvicorn-httptools": ("http-parser", (*UVICORN, "httptools")),
    "gunicorn": ("gunicorn", (*PYTHON, "/usr/bin/gunicorn", "-c", "@HERE@/gunicorn.conf.py", "--worker-tmp-dir", "@DIR@",
                              "--log-level", "critical", "-b", "@HOST@:@PORT@", "wsgi:application")),
    "gevent": ("gevent.pywsgi", (*PYTHON, "@HERE@/on_gevent.py", "@HOST@", "@PORT@")),
    "tornado": ("Tornado", (*PYTHON, "@HERE@/on_tornado.py", "@HOST@", "@PORT@")),
    "aiohttp": ("aiohttp, in Python", (*PYTHON, "@HERE@/on_aiohttp.py", "@HOST@", "@PORT@")),
    "waitress": ("waitress", (*PYTHON, "@HERE@/on_waitress.py", "@HOST@", "@PORT@")),
    "twisted": ("Twisted", (*PYTHON, "@HERE@/on_twisted.py", "@HOST@", "@PORT@")),
    "cheroot": ("Cheroot", (*PYTHON, "@HERE@/on_cheroot.py", "@HOST@", "@PORT@")),
    "puma": ("puma", ("/usr/bin/puma", "-q", "-C", "@HERE@/puma.rb")),
    "webrick": ("WEBrick", ("/usr/bin/ruby", "@HERE@/on_webrick.rb", "@HOST@", "@PORT@")),
}
PARSERS = {parser for parser, _ in JUDGES.values()}


# Of this process alone: no connection that anybody opens can take a port there between free_port() and the judge.
HOST = f"127.{100 + os.getpid() // 65536 % 100}.{os.getpid() // 256 % 256}.{os.getpid() % 256}"


def free_port():
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


class Server:
    """A child that serves on `port`; its end is ours."""

    def __init__(self, name, command, port, where, **environment):
        self.name, self.port, self.log = name, port, where / f"{name}.said"
        with open(self.log, "wb") as said:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, cwd=HERE, start_new_session=True,
                                            env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
                                                              "JUDGE_HOST": HOST, "JUDGE_PORT": str(port)} | environment)

    def wait_until_it_listens(self):
        for _ in range(int(DEADLINE * 20)):
            try:
                self.process.wait(0.05)
                break
            except subprocess.TimeoutExpired:
                pass
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
        raise AssertionError(f"the judge {self.name} does not listen; it said:\n{self.log.read_text(errors='replace')}")

    def stop(self):
        """With all that it started: they are one session."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


class Judges:
    """All of them, running; `ports` says where."""

    def __init__(self, where, names=tuple(JUDGES)):
        self.servers = []
        try:
            responder = free_port()
            self.start("responder", (*PYTHON, HERE / "responder.py", "@HOST@", "@PORT@"), responder, where, responder)
            for name in names:
                environment = {"AIOHTTP_NO_EXTENSIONS": "1"} if name == "aiohttp" else {}
                self.start(name, JUDGES[name][1], free_port(), where / name, responder, **environment)
            for server in self.servers:
                server.wait_until_it_listens()
        except BaseException:
            self.stop()
            raise
        self.ports = {server.name: server.port for server in self.servers[1:]}

    def start(self, name, command, port, where, responder, **environment):
        where.mkdir(parents=True, exist_ok=True)
        where.chmod(0o777)
        users = {"apache": "User nobody\nGroup nogroup", "h2o": "user: root"} if os.geteuid() == 0 else {}
        filled = {"@HOST@": HOST, "@PORT@": port, "@RESPONDER@": responder, "@DIR@": where, "@HERE@": HERE, "@USER@": users.get(name, "")}

        def fill(text):
            for mark, value in filled.items():
                text = text.replace(mark, str(value))
            return text

        for template in [*HERE.glob("*.conf"), *HERE.glob("*.cfg")]:
            if template.stem == name:
                (where / template.name).write_text(fill(template.read_text()))
        self.servers.append(Server(name, [fill(str(word)) for word in command], port, where, **environment))

    def stop(self):
        for server in self.servers:
            server.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


