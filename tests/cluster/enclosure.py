# SPDX-License-Identifier: Apache-2.0
"""Network, mounts and processes of a cluster's own: nothing of it meets the machine's, and all of it ends with its first process.

10.244.0.1 on the bridge br0 is the machine as the cluster sees it, 10.244.0.0/16 are nodes and pods, and every address of
10.245.0.0/16 can be listened on, and is reached by pods too.
"""
import os
import subprocess
import sys

from programs import ROOT

sys.path.insert(0, str(ROOT / "tests/end_to_end"))
from namespaces import permitted  # noqa: E402

ADDRESS = "10.244.0.1"
MARK = "SALLYPORT_ENCLOSURE"
NAMESPACES = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
NETWORK = f"""
link set lo up
link add br0 address 02:00:0a:f4:00:01 type bridge
addr add {ADDRESS}/16 dev br0
link set br0 up
route add local 10.245.0.0/16 dev lo
"""


def is_inside():
    return MARK in os.environ


def way_in():
    """The command that what follows is run in a new one by; it says why where the machine refuses."""
    return permitted(NAMESPACES)


def environment():
    """What tells a process that it is inside."""
    return os.environ | {MARK: "yes"}


def prepare():
    """Once, by the first process inside."""
    assert is_inside() and os.getpid() == 1, "this is done in a new enclosure only"
    # The bridge's address stays as it is: else it would change with the pods on it, and they would not find the machine any more.
    done = subprocess.run(["ip", "-batch", "-"], input=NETWORK, capture_output=True, text=True)
    assert done.returncode == 0, f"ip -batch: {done.stdout}{done.stderr}"
