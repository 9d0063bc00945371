# SPDX-License-Identifier: Apache-2.0
"""An origin in a process of its own that waits for whole requests, however slowly they come: `/big` is answered with eight
megabytes, all else with a few bytes.

    patient_origin.py      prints its port and ends when its standard input does
"""
import asyncio
import re
import socket
import sys

BIG = [b"z" * 64_000] * 125
SMALL = [b"well behaved\n"]
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


async def serve(reader, writer):
    # The kernel shall not hold much of each answer for the origin: that memory is the whole machine's, and origins have others.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = LENGTH.search(head)
            if length:
                await reader.readexactly(int(length.group(1)))
            body = BIG if b" /big " in head.split(b"\r\n", 1)[0] else SMALL
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % sum(map(len, body)))
            for piece in body if not head.startswith(b"HEAD ") else ():
                writer.write(piece)
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
