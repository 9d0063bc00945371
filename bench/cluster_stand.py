# SPDX-License-Identifier: Apache-2.0
"""A cluster (tests/cluster) with as many objects as a measurement wants, and gateways that read all of it, in an enclosure."""
import contextlib
import os
import pathlib
import queue
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/cluster"), str(ROOT / "tests/end_to_end")]

import enclosure  # noqa: E402
import machine  # noqa: E402
from api import path_of  # noqa: E402
from applied import RESOURCES  # noqa: E402
from audit import Audit  # noqa: E402
from cluster import GATEWAYS, Cluster  # noqa: E402
from gateway import Gateway  # noqa: E402
from processes import Child, Process, free_port  # noqa: E402

NAMESPACE, USER, WORKERS = "default", GATEWAYS[0], 2
AT_ONCE = 4  # connections by which objects are created
# Of origins, all at one port; each answers with its name.
ORIGINS = {"one": "10.245.0.1", "two": "10.245.0.2", "three": "10.245.0.3"}


def enter():
    """Becomes the same run inside of an enclosure, once; it ends with everything that it started."""
    if enclosure.is_inside():
        enclosure.prepare()
        return
    way_in = enclosure.way_in()
    sys.stdout.flush()
    os.execvpe(way_in[0], [*way_in, sys.executable, *sys.argv], enclosure.environment())


class Others(machine.Others):
    """Of a run in an enclosure: whatever runs in there is its own."""

    def __init__(self):
        super().__init__([self])

    @staticmethod
    def cpu_ns():
        return sum(Process(pid).own_cpu_ns() for pid in Process(os.getpid()).pids()[1:])

    def note(self):
        return machine.busy_note(self.share())


class Stand:
    """A fresh cluster that has our kinds; all of it ends when `stack` is closed."""

    def __init__(self, folder, stack):
        self.folder, self.stack = folder, stack
        self.cluster = Cluster(folder / "cluster", nodes=1)
        stack.callback(self.cluster.finish)
        self.cluster.install_own_kinds()

    def fill(self, objects):
        """Creates them all."""
        waiting, failures = queue.SimpleQueue(), []
        for item in objects:
            waiting.put(item)

        def create():
            with contextlib.closing(self.cluster.api.kept()) as api, contextlib.suppress(queue.Empty):
                while not failures:
                    item = waiting.get_nowait()
                    try:
                        api.ask("POST", path_of(RESOURCES[item["kind"]], NAMESPACE), item)
                    except (AssertionError, OSError) as failure:
                        failures.append(failure)

        threads = [threading.Thread(target=create) for _ in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    def start_origins(self, binary):
        """Their port."""
        port = free_port()
        for name, address in ORIGINS.items():
            said = self.folder / f"said-{name}"
            origin = Child(f"origin {name}", [binary, "echo", "--listen", f"{address}:{port}"], os.sched_getaffinity(0), port, said,
                           {"SERVICE_NAME": name})
            self.stack.callback(origin.end)
            origin.wait_until_saying("listening on")
        return port

    def gateway(self, *options):
        """Ready."""
        return self.stack.enter_context(Gateway(self.cluster.source(None, USER), *options, workers=WORKERS))

    def audit(self):
        """Of what is asked from now on."""
        return Audit(self.cluster)
