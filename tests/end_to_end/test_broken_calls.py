# SPDX-License-Identifier: Apache-2.0
"""System calls that fail for a while, each in its turn: no error of the kernel ends the process, and soon after it is over
everything is served as before, changes of the configuration too.
"""
import contextlib
import os
import re
import time

import gateway as program
import pytest
from broken_calls import BrokenCalls, was_injected
from folder import route, served
from gateway import Gateway, Program
from holding_origin import HoldingOrigin
from raw_client import DEADLINE, Client, request
from recovery import attempt, health_answers, serves_again

# Long enough for an answer that comes at all, and for a change to be noticed.
MOMENT = 0.3
# Calls that fail together, and the errors that they may give.
FAULTS = [
    ("accept4", ("EMFILE", "ENOBUFS", "ECONNABORTED", "EINTR", "EPERM", "EIO")),
    ("epoll_ctl", ("ENOMEM", "ENOSPC")),
    ("epoll_wait,epoll_pwait", ("EINTR",)),
    ("recvfrom", ("ECONNRESET", "ENOMEM", "ETIMEDOUT", "EHOSTUNREACH")),
    ("sendto,sendmsg", ("EPIPE", "ECONNRESET", "ENOBUFS", "ENOMEM", "EHOSTUNREACH")),
    ("connect", ("ECONNREFUSED", "EADDRNOTAVAIL", "EAGAIN", "ENETUNREACH", "EPERM", "ETIMEDOUT")),
    ("socket", ("EMFILE", "ENFILE", "ENOBUFS", "EACCES")),
    ("setsockopt", ("ENOMEM", "EINVAL", "ENOPROTOOPT")),
    ("getsockopt", ("ENOBUFS", "ENOTCONN")),
    # Not close: the kernel always closes, whatever it says, and an injected failure keeps it from it.
    ("shutdown", ("EIO", "EINTR")),
    ("openat", ("EMFILE", "ENFILE", "EIO", "ENOMEM")),
    ("read", ("EIO", "EINTR", "EAGAIN")),
    ("getdents64,newfstatat", ("EIO", "ENOMEM")),
    ("inotify_add_watch", ("ENOSPC", "ENOMEM")),
    ("write", ("ENOSPC", "EIO", "EINTR")),
    ("fsync,rename,unlink", ("EIO", "ENOSPC")),
    ("clone,clone3", ("EAGAIN",)),
    ("futex,clock_nanosleep", ("EINTR",)),
]


def attempt_everything(gateway, folder, kept, number):
    """What uses every kind of call; each may fail now."""
    with contextlib.suppress(AssertionError, OSError):
        kept.socket.settimeout(MOMENT)
        kept.get("web.test")
    attempt(gateway.address, request("GET", f"unused-{number}.test", "/", "Connection: close"), MOMENT)  # takes a new connection
    attempt(gateway.address, b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", MOMENT)  # the gateway is the first to close
    attempt(gateway.address, request("POST", "web.test", body=b"x" * 40_000), MOMENT)
    os.mkdir(folder.path / f"below-{number}")  # is watched, too
    folder.write(f"meanwhile-{number}.yaml", route(f"meanwhile-{number}.test", "web", name=f"meanwhile-{number}"))
    end = time.monotonic() + MOMENT
    while attempt(gateway.address, request("GET", f"meanwhile-{number}.test", "/", "Connection: close"), MOMENT) != 200:
        if time.monotonic() >= end:
            break
    attempt(gateway.health, request("GET", "localhost", "/metrics"), MOMENT)


def await_fault(broken, gateway):
    """The status file is not written at once, and has a thread of its own for it."""
    end = time.monotonic() + DEADLINE
    while not broken.has_failed_one() and time.monotonic() < end:
        attempt(gateway.health, request("GET", "localhost", "/livez"), MOMENT)


@pytest.mark.parametrize(("calls", "errors"), FAULTS, ids=[calls.replace(",", "-") for calls, _ in FAULTS])
def test_calls_that_fail(tmp_path, folder, calls, errors):
    """Every call, with each error; then every other, which is another way to be interrupted."""
    faults = [*((error, None) for error in errors), (errors[0], "1+2")]
    with contextlib.ExitStack() as stack:
        origin, *unused = (stack.enter_context(HoldingOrigin(held=False)) for _ in range(1 + len(faults)))
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        for number, one in enumerate(unused):
            name = f"unused-{number}"
            folder.write(f"{name}.yaml", *served(name, one.port), route(f"{name}.test", name, name=name))
        # An error of send leaves a connection behind that a peer still answers: so it is not waited for long.
        options = ("--status-file", tmp_path / "status.json", "--limit", "upstream-head-time=1000")
        with Gateway(folder, *options, access_log=tmp_path / "access.log") as gateway:
            for number, (error, when) in enumerate(faults):
                with Client(gateway.address) as kept:
                    assert kept.get("web.test").status == 200
                    with BrokenCalls(gateway.pid, tmp_path / "strace", calls, error, when) as broken:
                        attempt_everything(gateway, folder, kept, number)
                        await_fault(broken, gateway)
                over = time.monotonic()
                assert gateway.is_running(), gateway.errors.text()
                serves_again(gateway.address, since=over)
                serves_again(gateway.address, host=f"meanwhile-{number}.test", since=over)
                assert health_answers(gateway) and health_answers(gateway, "/readyz")


def without_leak_check():
    """LeakSanitizer cannot work while strace watches."""
    return {"ASAN_OPTIONS": f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks=0"}


STARTS = [
    ("getrandom", "ENOSYS"), ("epoll_create1", "EMFILE"), ("eventfd2", "EMFILE"), ("inotify_init1", "EMFILE"), ("signalfd4", "EMFILE"),
    ("inotify_add_watch", "ENOSPC"), ("epoll_ctl", "ENOSPC"), ("socket", "EMFILE"), ("bind", "EACCES"), ("listen", "EADDRINUSE"),
    ("setsockopt", "ENOPROTOOPT"), ("clone,clone3", "EAGAIN"), ("prlimit64", "EPERM"),  # sched_getaffinity not: sanitizers cannot start without
    ("getdents64", "EIO"), ("getsockname", "ENOBUFS"),
]


@pytest.mark.parametrize(("calls", "error"), STARTS, ids=[calls for calls, _ in STARTS])
def test_a_start_without_a_call_serves_or_says_why_not(tmp_path, folder, monkeypatch, calls, error):
    wrapper, trace = tmp_path / "wrapped", tmp_path / "strace"
    strace = f'strace -D -f -o "{trace}" -e trace={calls} -e inject={calls}:error={error}'
    wrapper.write_text(f'#!/bin/sh\nexec {strace} "{program.BINARY}" "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setattr(program, "BINARY", wrapper)
    with HoldingOrigin(held=False) as origin:
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        started = Program("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", "127.0.0.1:0",
                          "--admin", "off", "--workers", 2, environment=without_leak_check())
        try:
            started.errors.wait_for(r"\bready\b|cannot be read")  # an unreadable folder may become readable
        except AssertionError:
            assert started.wait() in (1, 2), started.errors.text()
            # In its own words: what the C++ library or strace say is no reason to a user.
            assert started.errors.lines and not re.search(r"terminate called|strace:", started.errors.text()), started.errors.text()
        else:
            started.finish()
        finally:
            started.kill()
        assert was_injected(trace), "no such call was made"
