# SPDX-License-Identifier: Apache-2.0
"""The seccomp profile: under it the program does all that the end-to-end tests below ask of it, and what it has no need for is denied."""
import errno
import os
import subprocess
import sys

import pytest
from gateway import BINARY
from tree import ROOT, run

PROFILE = ROOT / "deploy/seccomp/sallyport.json"
UNDER = (sys.executable, ROOT / "tests/deploy/under_profile.py", PROFILE)
# Files, signals, TLS, both versions of HTTP, sockets of all kinds, threads that write, and a folder that changes.
TESTS = ("observe", "admin", "shutdown", "change", "tls", "h2_clients", "upstreams", "external_names", "last_good", "supervisor")

# Calls that no gateway makes, by their numbers on x86_64.
DENIED = {"ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308, "bpf": 321, "perf_event_open": 298,
          "keyctl": 250, "add_key": 248, "init_module": 175, "finit_module": 313, "kexec_load": 246, "reboot": 169, "swapon": 167,
          "process_vm_readv": 310, "process_vm_writev": 311, "userfaultfd": 323, "io_uring_setup": 425, "memfd_create": 319, "personality": 135,
          "open_by_handle_at": 304, "chmod": 90, "setuid": 105, "mknod": 133, "kill": 62, "settimeofday": 164}
PROBE = """
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def said(call):
    try:
        return call()
    except OSError as error:
        return error.errno
def number(of):
    ctypes.set_errno(0)
    libc.syscall(of, 0, 0, 0, 0, 0)
    return ctypes.get_errno()
for name, of in {DENIED}.items():
    print(name, number(of))
print("fork", said(os.fork))
print("clone3", number(435))
print("vfork", number(58))
print("netlink", said(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)))
print("packet", said(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW)))
""".replace("{DENIED}", repr(DENIED))


@pytest.mark.parametrize("name", TESTS)
def test_under_it_the_program_does_what_it_does_without(name, tmp_path):
    program = tmp_path / "sallyport"
    program.write_text("#!/bin/sh\nexec " + " ".join(f"'{part}'" for part in (*UNDER, os.path.abspath(BINARY))) + ' "$@"\n')
    program.chmod(0o755)
    run(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", ROOT / f"tests/end_to_end/test_{name}.py",
        env=os.environ | {"SALLYPORT": str(program)}, cwd=ROOT)


def test_what_it_has_no_need_for_is_denied():
    said = run(*UNDER, sys.executable, "-I", "-c", PROBE)
    answers = dict(line.split() for line in said.splitlines())
    assert len(answers) > 30
    assert answers.pop("clone3") == str(errno.ENOSYS)
    assert set(answers.values()) == {str(errno.EPERM)}, answers


def test_it_is_the_profile_that_denies():
    """The same probe without it, as far as it harms nothing: a process, and an address family."""
    done = subprocess.run([sys.executable, "-I", "-c", "import os, socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW); os._exit(os.fork() and 0)"],
                          check=False)
    assert done.returncode == 0
