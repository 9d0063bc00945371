# SPDX-License-Identifier: Apache-2.0
"""Without memory the program ends, at once and saying why, and its supervisor starts it again; it does not go on with half a
request. What clients can make it hold is bounded well before that.
"""
import contextlib
import re
import resource

from folder import Folder, route, served
from gateway import Gateway
from raw_client import DEADLINE, Client, request
from steady import SteadyOrigin, answer_of


def data_bytes(pid):
    """What counts against RLIMIT_DATA."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(r"^VmData:\s+(\d+) kB", status.read(), re.MULTILINE).group(1)) * 1024


def test_a_failing_allocation_ends_the_program(tmp_path):
    folder = Folder(tmp_path / "objects")
    with SteadyOrigin(answer_of(b"y")) as origin, contextlib.ExitStack() as clients:
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        gateway = Gateway(folder)
        try:
            limit = data_bytes(gateway.pid) + 256 * 1024
            resource.prlimit(gateway.pid, resource.RLIMIT_DATA, (limit, limit))
            for _ in range(1000):
                if not gateway.is_running():
                    break
                with contextlib.suppress(OSError):
                    one = clients.enter_context(Client(gateway.address))
                    one.send(request("GET", "web.test")[:-2])
            gateway.process.wait(DEADLINE)
            assert gateway.process.returncode not in (0, None)
            gateway.errors.wait_for(r"bad_alloc|out of memory")
        finally:
            gateway.kill()
