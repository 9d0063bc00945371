# SPDX-License-Identifier: Apache-2.0
"""Tests that need a network or a file system of their own: a function of theirs run in a fresh namespace.

A process enters it with unshare(1): as root if it may, and else as root of a user namespace, which takes no privilege. Where a
machine refuses both, the test fails and says so.
"""
import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys

from raw_client import DEADLINE

SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP = 0x8913, 0x8914, 0x8916, 1
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def run_inside(script, function, *arguments, network=False, mounts=False):
    """Runs `function` of the script, which calls main() below, with these arguments in namespaces of its own."""
    unshare = permitted(["--net"] * network + ["--mount"] * mounts)
    ran = subprocess.run([*unshare, sys.executable, script, function, *map(str, arguments)], capture_output=True, text=True,
                         timeout=6 * DEADLINE, env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))})
    assert ran.returncode == 0, ran.stdout + ran.stderr


def permitted(namespaces):
    """How these namespaces may be entered here."""
    refusals = []
    for user in [[]] * (os.geteuid() == 0) + [["--user", "--map-root-user"]]:
        unshare = ["unshare", *user, *namespaces]
        may = subprocess.run([*unshare, "true"], capture_output=True, text=True)
        if may.returncode == 0:
            return unshare
        refusals.append(f"{' '.join(unshare)}: {may.stderr}")
    raise AssertionError("this machine does not permit " + "".join(refusals))


def main(functions):
    functions[sys.argv[1]](*sys.argv[2:])


def raise_loopback():
    """A new network namespace has it, but down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))


def add_address(address, number=1):
    """One more of loopback's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack("16sHH4s8x", f"lo:{number}".encode(), socket.AF_INET, 0, socket.inet_aton(address))
        fcntl.ioctl(any_socket, SIOCSIFADDR, asked)


@contextlib.contextmanager
def own_network(address):
    """Within it, this thread and all that it starts have a network of their own, whose loopback has that address too. Takes root."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        assert LIBC.unshare(CLONE_NEWNET) == 0, f"this machine does not permit unshare: {os.strerror(ctypes.get_errno())}"
        raise_loopback()
        add_address(address)
        yield
    finally:
        LIBC.setns(before, CLONE_NEWNET)
        os.close(before)
