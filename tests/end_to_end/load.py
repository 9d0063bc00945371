# SPDX-License-Identifier: Apache-2.0
"""A program of its own (`python3 load.py [ADDRESS]...`): requests at a set rate, slow bodies both ways and WebSockets, all the while.

It says where its own origin listens, all addresses at one port, which plays the other end of the slow ones, reads one line of JSON with the plan, says
`begun` once everything is under way and `done N` after every hundred requests. Another line stops it: what is under way is finished,
and all that was seen is said. Its origin serves on until standard input ends. Clocks are CLOCK_MONOTONIC, the same as the test's.
"""
import asyncio
import base64
import hashlib
import json
import sys
import time

now = time.monotonic
PAUSE = 0.02  # between two pieces of a slow body, and two messages of a tunnel
PIECES = 50  # of a slow body: about a second
MESSAGES = 40  # of a tunnel that comes and goes
KEY = base64.b64encode(b"sixteen bytes ok").decode()
ACCEPT = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
SWITCHED = ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n").encode()


def upgrade(host):
    return (f"GET /tunnel HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\n\r\n").encode()


def piece(number):
    """The number-th of a slow body: none is like another, so that a missing or swapped one shows."""
    return f"piece {number:6};".encode() * 8


WHOLE = hashlib.sha1(b"".join(piece(number) for number in range(PIECES))).hexdigest()


async def read_head(reader):
    """(start line, fields by lower-case name)"""
    start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    return start, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}


async def read_body(reader, fields):
    if fields.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(fields.get("content-length", "0")))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


def next_line():
    """Of standard input; empty at its end."""
    return asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)


def message(host, target, posted=None):
    """With a body it is a POST."""
    if posted is None:
        return f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    return f"POST {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(posted)}\r\n\r\n{posted}".encode()


class SlowOrigin:
    """Answers PUT with the digest of what came, GET with a slow body, an upgrade with an echo of every byte."""

    async def serve(self, reader, writer):
        try:
            while True:
                start, fields = await read_head(reader)
                if "upgrade" in fields:
                    await self.echo(reader, writer)
                    return
                if start.startswith("PUT"):
                    digest = hashlib.sha1(await read_body(reader, fields)).hexdigest()
                    writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(digest)}\r\n\r\n{digest}".encode())
                else:
                    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for number in range(PIECES):
                        writer.write(b"%x\r\n%s\r\n" % (len(piece(number)), piece(number)))
                        await writer.drain()
                        await asyncio.sleep(PAUSE)
                    writer.write(b"0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the gateway does not keep it: the client's side knows whether that was right
        finally:
            writer.close()

    @staticmethod
    async def echo(reader, writer):
        writer.write(SWITCHED)
        while more := await reader.read(65536):
            writer.write(more)
            await writer.drain()


class Asker(asyncio.Protocol):
    """A kept-alive connection that asks for one thing after the other at its share of the rate."""

    def __init__(self, load, number):
        self.load, self.number = load, number
        self.interval = load.plan["connections"] / load.plan["rate"]
        self.due = now() + self.interval * number / load.plan["connections"]
        self.unread = bytearray()
        self.asked, self.begun = None, 0.0
        self.finished = asyncio.get_running_loop().create_future()
        self.next = number * 7919  # each one begins somewhere else, and goes through all of them

    def connection_made(self, transport):
        self.transport = transport
        self.plan_next()

    def plan_next(self):
        self.due = max(self.due + self.interval, now() - 1)  # what a stall held up is caught up with, within limits
        asyncio.get_running_loop().call_at(self.due, self.ask)

    def ask(self):
        if self.load.over.is_set() or self.finished.done():
            self.end()
            return
        self.asked = self.next % len(self.load.requests)
        self.next += 1
        self.begun = now()
        self.transport.write(self.load.requests[self.asked])

    def data_received(self, data):
        self.unread += data
        end = self.unread.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.unread[:end]).decode("latin-1")
        at = head.lower().find("\r\ncontent-length:")
        size = end + 4 + (int(head[at + 17:].split("\r\n", 1)[0]) if at >= 0 else 0)
        if self.asked is None or at < 0 or len(self.unread) > size:
            self.fail(f"not what was asked for: {bytes(self.unread)!r}")
        elif len(self.unread) == size:
            status, body = head.split(" ", 2)[1], bytes(self.unread[end + 4:])
            if status != "200":
                self.load.errors.append((self.asked, body.partition(b"\n")[0].decode("latin-1")))
            self.load.note(self.number, self.asked, self.begun, json.loads(body)["service"] if status == "200" else status)
            self.unread.clear()
            self.asked = None
            self.plan_next()

    def connection_lost(self, _):
        if not self.finished.done():
            self.fail(f"the connection ended, in request {self.asked}: {bytes(self.unread)!r}")

    def fail(self, what):
        self.load.failures.append(f"connection {self.number}: {what}")
        self.end()

    def end(self):
        if not self.finished.done():
            self.finished.set_result(None)
        self.transport.close()


class Load:
    def __init__(self, plan):
        self.plan = plan
        self.requests = [message(*ask) for ask in plan["asks"]]
        self.over = asyncio.Event()
        self.seen, self.failures, self.errors = [], [], []
        self.slow = {"uploads": 0, "downloads": 0, "tunnels": 0, "messages": 0}
        self.fewest_slow, self.slow_now = None, 0

    def note(self, connection, asked, begun, got):
        self.seen.append((connection, asked, begun, now(), got))
        if len(self.seen) % 100 == 0:
            print("done", len(self.seen), flush=True)

    async def open(self):
        return await asyncio.open_connection(*self.plan["address"])

    async def upload(self, host):
        reader, writer = await self.open()
        chunked = self.slow["uploads"] % 2
        framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {PIECES * len(piece(0))}"
        writer.write(f"PUT /up HTTP/1.1\r\nHost: {host}\r\n{framing}\r\nConnection: close\r\n\r\n".encode())
        for number in range(PIECES):
            data = piece(number)
            writer.write(b"%x\r\n%s\r\n" % (len(data), data) if chunked else data)
            await writer.drain()
            await asyncio.sleep(PAUSE)
        if chunked:
            writer.write(b"0\r\n\r\n")
        start, fields = await read_head(reader)
        body = await read_body(reader, fields)
        assert " 200 " in start and body.decode() == WHOLE, f"{start!r} {body!r}"
        await self.ended(reader, writer)
        self.slow["uploads"] += 1

    async def download(self, host):
        reader, writer = await self.open()
        writer.write(f"GET /down HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        start, fields = await read_head(reader)
        assert " 200 " in start, start
        body = await read_body(reader, fields)
        assert hashlib.sha1(body).hexdigest() == WHOLE, f"{len(body)} bytes: {body[-200:]!r}"
        await self.ended(reader, writer)
        self.slow["downloads"] += 1

    async def tunnel(self, host, messages):
        reader, writer = await self.open()
        writer.write(upgrade(host))
        start, _ = await read_head(reader)
        assert " 101 " in start, start
        number = 0
        while number < messages and not self.over.is_set():
            writer.write(piece(number))
            back = await reader.readexactly(len(piece(number)))
            assert back == piece(number), back
            number += 1
            await asyncio.sleep(PAUSE)
        writer.write_eof()
        await self.ended(reader, writer)
        self.slow["tunnels"] += 1
        self.slow["messages"] += number

    @staticmethod
    async def ended(reader, writer):
        rest = await reader.read()
        assert rest == b"", rest
        writer.close()

    async def again_and_again(self, what, *more):
        """One of the slow ones is always under way."""
        while not self.over.is_set():
            begun = now()
            try:
                self.slow_now += 1
                await what(*more)
            except Exception as failure:  # whatever it is, the test shall say so
                self.failures.append(f"{what.__name__}{more} begun {begun:.3f} failed {now():.3f}: {failure!r}")
                return
            finally:
                self.slow_now -= 1

    async def watch_slow(self):
        """How few of the slow ones were ever under way."""
        while not self.over.is_set():
            self.fewest_slow = self.slow_now if self.fewest_slow is None else min(self.fewest_slow, self.slow_now)
            await asyncio.sleep(PAUSE)

    async def run(self):
        running = []
        for host in self.plan["slow"]:
            running += [asyncio.create_task(self.again_and_again(what, host, *more))
                        for what, more in ((self.upload, ()), (self.download, ()), (self.tunnel, (MESSAGES,)), (self.tunnel, (1 << 60,)))]
        loop = asyncio.get_running_loop()
        for number in range(self.plan["connections"]):
            _, asker = await loop.create_connection(lambda number=number: Asker(self, number), *self.plan["address"])
            running.append(asker.finished)
        print("begun", flush=True)
        if self.plan["slow"]:
            running.append(asyncio.create_task(self.watch_slow()))
        await next_line()
        self.over.set()
        await asyncio.wait(running)


async def main():
    # Two endpoints of one Service differ in their address, not in their port.
    addresses = sys.argv[1:] or ["127.0.0.1", "127.0.0.2"]
    servers = [await asyncio.start_server(SlowOrigin().serve, addresses[0], 0)]
    port = servers[0].sockets[0].getsockname()[1]
    servers += [await asyncio.start_server(SlowOrigin().serve, address, port) for address in addresses[1:]]
    print(f"listening on http://{addresses[0]}:{port}", flush=True)
    load = Load(json.loads(await next_line()))
    await load.run()
    print(json.dumps({"seen": load.seen, "failures": load.failures, "errors": load.errors, "slow": load.slow, "fewest_slow": load.fewest_slow}), flush=True)
    await next_line()
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(main())
