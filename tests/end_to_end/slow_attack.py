# SPDX-License-Identifier: Apache-2.0
"""What stands around slowhttptest: the gateway under attack with its patient origin, and what became of the attackers."""
import json
import pathlib
import re
import subprocess
import sys
import time

from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from processors import ELSEWHERE
from raw_client import DEADLINE
from scale_metrics import metrics

ORIGIN = pathlib.Path(__file__).parent / "patient_origin.py"
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# How each kind of attack is made, and the path that it asks for. A few bytes come, or are taken, every second.
KINDS = {
    "slow-heads": (("-H", "-i", "1"), "/"),
    "slow-bodies": (("-B", "-i", "1"), "/"),
    "many-ranges": (("-R",), "/"),
    "ranges-too-long": (("-R", "-b", "20000"), "/"),
    "slow-reads": (("-X", "-n", "4", "-z", "512", "-w", "512", "-y", "1024"), "/big"),
}
# What the access log says of an attacker that was cut; many ranges are a plain request, which is served.
OUTCOMES = {
    "slow-heads": {"client_timeout"},
    "slow-bodies": {"client_timeout", "body_too_slow"},
    "many-ranges": {None},
    "ranges-too-long": {"header_too_large"},
    "slow-reads": {"client_gone", "client_timeout", "client_too_slow"},
}


class Attacked:
    """A gateway with an access log in front of patient origins: any host is served. What is big has an origin of its own, which
    is busy with it; and so has what is flooded, for it is the gateway that is asked how it serves the others.
    """

    def __init__(self, where, *options, **more):
        commands = [[*where_it_runs, sys.executable, ORIGIN] for where_it_runs in ((), ELSEWHERE, ELSEWHERE)]
        self.origins = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for command in commands]
        ports = [int(origin.stdout.readline()) for origin in self.origins]
        self.log = where / "access.log"
        folder = Folder(where / "objects")
        names = ["web", "big", "flooded"]
        services = [part for name, port in zip(names, ports) for part in served(name, port)]
        paths = [path("/", "web"), path("/big", "big"), path("/flooded", "flooded")]
        folder.write("web.yaml", *services, ingress("web", rule(None, *paths)))
        self.gateway = Gateway(folder, *options, access_log=self.log, **more)

    def wait_until_idle(self):
        """No connection of a client is open, and none holds a buffer."""
        end = time.monotonic() + DEADLINE
        while any(metrics(self.gateway)[name] for name in ("sallyport_connections_open", "sallyport_connection_buffer_bytes")):
            assert time.monotonic() < end, "connections stay open, or hold buffers"

    def lines_of(self, source):
        """The log's lines about one client address so far."""
        return [line for line in map(json.loads, self.log.read_text().splitlines()) if line["client"] == source]

    def __enter__(self):
        return self

    def __exit__(self, *given):
        self.gateway.__exit__(*given)
        for origin in self.origins:
            origin.stdin.close()
            origin.wait()
            origin.stdout.close()


def attack(url, kind, connections, longest, rate=1000):
    """Runs slowhttptest until the gateway has closed every connection of it, at most `longest` seconds; gives why it ended."""
    how, target = KINDS[kind]
    command = [*ELSEWHERE, "slowhttptest", *how, "-c", str(connections), "-r", str(min(rate, connections)), "-l", str(longest)]
    ran = subprocess.run([*command, "-u", url + target], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                         timeout=longest + 2 * DEADLINE)
    said = COLOURS.sub("", ran.stdout)
    ended = re.search(r"Exit status: +(.+)", said)
    assert ended, said + ran.stderr
    return ended.group(1).strip()
