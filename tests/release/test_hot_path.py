# SPDX-License-Identifier: Apache-2.0
"""What a request costs once everything is warm, counted: over kept connections it is two receives and two sends, and beside
them only a wait for events that requests share; nothing is allocated, no lock taken, the clock read once a turn.
"""
import pytest
from counted import Counter, Strace, only_other_thread
from folder import Folder, route, served
from gateway import Gateway
from raw_client import request
from steady import Clients, SteadyOrigin, answer_of

REQUESTS = 1000
WARMING = 320
# How many requests meet at the worker is chance, and more than ever before warm it a little more: one of so many windows of
# REQUESTS has to be without a call of that kind.
WINDOWS = 5
RECEIVES = {"recvfrom", "recvmsg", "read", "readv"}
SENDS = {"sendto", "sendmsg", "write", "writev"}
DATE = "Date: Thu, 01 Jan 2026 00:00:00 GMT"
BROWSER = ("User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
           "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", "Accept-Language: en-GB,en;q=0.5",
           "Accept-Encoding: gzip, deflate, br, zstd", "Cookie: session=0123456789abcdef0123456789abcdef; theme=dark", "DNT: 1")
KINDS = {
    "short": (request("GET", "web.test"), 100),
    "browser": (request("GET", "web.test", "/a/b?c=d", *BROWSER), 100),
    "answer-of-10-KiB": (request("GET", "web.test"), 10 * 1024),
    "answer-of-16-KiB": (request("GET", "web.test"), 16 * 1024),
    "post-of-4-KiB": (request("POST", "web.test", body=b"x" * 4096), 100),
    "post-of-16-KiB": (request("POST", "web.test", body=b"x" * 16384), 100),
}
LONG = 32 * 1024 * 1024
LONG_KINDS = {
    "long-answer": (request("GET", "web.test"), LONG),
    "long-post": (request("POST", "web.test", body=b"x" * LONG), 100),
}
kinds = pytest.mark.parametrize("kind", KINDS)
at_once = pytest.mark.parametrize("clients", (1, 16), ids=lambda count: f"{count}-at-once")


class Warm:
    """A gateway, an origin, and clients that have asked for a while; what comes next is to be counted."""

    def __init__(self, tmp_path, kind, clients, fields=(DATE, "Server: steady"), warming=WARMING, **more):
        self.request, self.body = (KINDS | LONG_KINDS)[kind]
        self.origin = SteadyOrigin(answer_of(b"y" * self.body, *fields))
        folder = Folder(tmp_path / "objects")
        folder.write("web.yaml", *served("web", self.origin.port), route("web.test", "web"))
        self.gateway = Gateway(folder, **more)
        self.clients = Clients(self.gateway.address, clients)
        self.ask(warming)

    def ask(self, count=REQUESTS):
        """So many requests, or a few more."""
        rounds = -(-count // len(self.clients.sockets))
        self.clients.ask(self.request, self.body, rounds)
        return rounds * len(self.clients.sockets)

    def __enter__(self):
        return self

    def __exit__(self, *given):
        self.clients.close()
        self.gateway.__exit__(*given)
        self.origin.__exit__(*given)


@kinds
@at_once
def test_a_request_is_four_system_calls(tmp_path, kind, clients):
    with Warm(tmp_path, kind, clients) as warm:
        for window in range(WINDOWS):
            with Strace(only_other_thread(warm.gateway.pid), tmp_path / f"strace-{window}") as strace:
                count = warm.ask()
            calls = strace.calls
            if not {"mmap", "mprotect", "brk"} & set(calls):
                break
    waits = calls.pop("epoll_wait", 0) + calls.pop("epoll_pwait", 0) + calls.pop("restart_syscall", 0)
    receives = sum(calls.pop(name, 0) for name in RECEIVES)
    sends = sum(calls.pop(name, 0) for name in SENDS)
    assert (receives, sends, dict(calls)) == (2 * count, 2 * count, {})
    # One for each arrival at most; a few for strace's own coming and going and for what is done once a second.
    assert 0 < waits <= 2 * count + 20
    # Requests that come together share them.
    assert clients == 1 or waits <= count


@pytest.mark.parametrize("kind", LONG_KINDS)
def test_a_long_body_is_not_copied(tmp_path, kind):
    """But for its first 4 MiB, in pieces of 64 KiB: the kernel takes it from one connection to the other."""
    with Warm(tmp_path, kind, 1, warming=1) as warm:
        with Strace(only_other_thread(warm.gateway.pid), tmp_path / "strace") as strace:
            warm.ask(1)
    assert strace.calls["splice"] >= 2 * (LONG - 4 * 1024 * 1024) / (256 * 1024)
    assert sum(strace.calls[name] for name in RECEIVES) < LONG / (128 * 1024)


def counted(warm, counter):
    """What the worker's thread did for REQUESTS requests."""
    worker = counter.worker(warm.gateway.pid)
    before = counter.of(worker)
    warm.ask()
    return counter.of(worker).since(before)


@pytest.fixture
def counter(counting, tmp_path):
    return Counter(counting, tmp_path / "counts")


@kinds
@at_once
@pytest.mark.parametrize("log", ("off", "on"), ids=lambda log: f"log-{log}")
def test_a_request_allocates_nothing_and_takes_no_lock(tmp_path, counter, kind, clients, log):
    file = "off" if log == "off" else tmp_path / "access.log"
    with Warm(tmp_path, kind, clients, access_log=file, environment=counter.environment) as warm:
        for _ in range(WINDOWS):
            did = counted(warm, counter)
            if did.allocations == 0:
                break
    assert (did.allocations, did.releases, did.mappings, did.locks) == (0, 0, 0, 0)


@kinds
@at_once
def test_the_clock_is_read_once_a_turn(tmp_path, counter, kind, clients):
    with Warm(tmp_path, kind, clients, environment=counter.environment) as warm:
        did = counted(warm, counter)
    # The turn in which the counting began or ended may be seen by half.
    assert 0 < did.clocks + did.wall_clocks <= did.turns + 1


@at_once
def test_the_wall_clock_is_read_once_a_turn_for_a_date(tmp_path, counter, clients):
    with Warm(tmp_path, "short", clients, fields=(), environment=counter.environment) as warm:
        did = counted(warm, counter)
    assert 0 < did.clocks <= did.turns + 1 and 0 < did.wall_clocks <= did.turns + 1


def test_the_counters_see_what_a_cold_worker_does(tmp_path, counter):
    """Else zeros would say nothing: the same thread allocates, locks and reads the clock before it is warm."""
    with Warm(tmp_path, "short", 1, environment=counter.environment) as warm:
        cold = counter.of(counter.worker(warm.gateway.pid))
    assert cold.allocations > 0 and cold.locks > 0 and cold.clocks > 0 and cold.turns > 0
    assert 0 < cold.bytes_held < cold.bytes_taken


def test_strace_sees_what_a_cold_request_does(tmp_path):
    with Warm(tmp_path, "short", 1) as warm:
        with Strace(only_other_thread(warm.gateway.pid), tmp_path / "strace") as strace:
            with Clients(warm.gateway.address, 1) as fresh:
                fresh.ask(warm.request, warm.body, 1)
    assert strace.calls["accept4"] >= 1 and strace.calls["epoll_ctl"] >= 1
