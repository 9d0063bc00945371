# SPDX-License-Identifier: Apache-2.0
"""A program of its own: hundreds of WebSockets and of gRPC calls that last, with a message to and fro every second on each.

    long_streams.py ADDRESS WEBSOCKETS CALLS

It says at which ports of ADDRESS its own origins listen, of WebSockets and of gRPC, reads a line of JSON with the plan, {"address":
[host, port], "websockets": host, "calls": host}, and says `begun` once all are open. Another line stops it: all are ended in order,
and it says how many messages there were and what failed.
"""
import asyncio
import json
import subprocess
import sys

import grpc
from gateway import Lines
from grpc_peer import SERVICE
from load import SlowOrigin, next_line, piece, read_head, upgrade
from raw_client import DEADLINE

PAUSE = 1.0
CALLS_A_CHANNEL = 50


class LongStreams:
    """The side of the soak."""

    def __init__(self, address, websockets, calls):
        self.process = subprocess.Popen([sys.executable, __file__, address, str(websockets), str(calls)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.output = Lines(self.process.stdout)
        self.websocket_port, self.grpc_port = json.loads(self.output.wait_for(r"^\["))

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def begin(self, address, websockets, calls):
        """To these hosts."""
        self.say(json.dumps({"address": address, "websockets": websockets, "calls": calls}))
        self.output.wait_for("^begun")

    def stop(self):
        """{"messages": of all together, "ended": streams that did in order, "failures": sentences}"""
        self.say("stop")
        return json.loads(self.output.wait_for("^{"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(DEADLINE)


def note(what):
    """What a stream waits for, if it waits for ever."""
    asyncio.current_task().set_name(what)


class Streams:
    def __init__(self, plan):
        self.plan, self.over = plan, asyncio.Event()
        self.messages, self.ended, self.failures = 0, 0, []

    async def pause(self):
        try:
            await asyncio.wait_for(self.over.wait(), PAUSE)
        except asyncio.TimeoutError:
            pass

    async def websocket(self, opened):
        reader, writer = await asyncio.open_connection(*self.plan["address"])
        writer.write(upgrade(self.plan["websockets"]))
        start, _ = await read_head(reader)
        assert " 101 " in start, start
        opened.release()
        number = 0
        while not self.over.is_set():
            note(f"WebSocket, message {number}")
            writer.write(piece(number))
            back = await reader.readexactly(len(piece(number)))
            assert back == piece(number), back
            number, self.messages = number + 1, self.messages + 1
            await self.pause()
        note(f"WebSocket, its end behind {number} messages")
        writer.write_eof()
        rest = await reader.read()
        assert rest == b"", rest
        writer.close()

    async def call(self, channel, opened):
        call = channel.stream_stream(f"/{SERVICE}/Chat")()
        number = 0
        while not self.over.is_set():
            note(f"call, message {number}")
            await call.write(piece(number))
            back = await call.read()
            assert back == piece(number), back
            if number == 0:
                opened.release()
            number, self.messages = number + 1, self.messages + 1
            await self.pause()
        note(f"call, its end behind {number} messages")
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        assert await call.code() is grpc.StatusCode.OK

    async def watched(self, what, *more):
        try:
            await what(*more)
            self.ended += 1
        except Exception as failure:  # whatever it is, the soak shall say so
            self.failures.append(f"{what.__name__}: {failure!r}")

    async def run(self, websockets, calls):
        opened = asyncio.Semaphore(0)
        options = [("grpc.default_authority", self.plan["calls"]), ("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
        target = "{}:{}".format(*self.plan["address"])
        channels = [grpc.aio.insecure_channel(target, options) for _ in range(-(-calls // CALLS_A_CHANNEL))]
        running = [asyncio.create_task(self.watched(self.websocket, opened)) for _ in range(websockets)]
        running += [asyncio.create_task(self.watched(self.call, channels[number % len(channels)], opened)) for number in range(calls)]
        for _ in range(websockets + calls):
            await opened.acquire()
        print("begun", flush=True)
        await next_line()
        self.over.set()
        _, stuck = await asyncio.wait(running, timeout=DEADLINE)
        self.failures += [f"it does not end: {task.get_name()}" for task in stuck]
        for channel in channels:
            await channel.close()


async def chat(requests, _):
    async for request in requests:
        yield request


async def main(address, websockets, calls):
    origin = await asyncio.start_server(SlowOrigin().serve, address, 0, backlog=websockets)
    server = grpc.aio.server()
    handlers = {"Chat": grpc.stream_stream_rpc_method_handler(chat)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port(f"{address}:0")
    await server.start()
    print(json.dumps([origin.sockets[0].getsockname()[1], port]), flush=True)
    streams = Streams(json.loads(await next_line()))
    await streams.run(websockets, calls)
    print(json.dumps({"messages": streams.messages, "ended": streams.ended, "failures": streams.failures}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
