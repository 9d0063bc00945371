# SPDX-License-Identifier: Apache-2.0
"""A FastCGI responder that says what the server before it saw of a request, for the judges that run no code.

Arguments: address, port.
"""
import asyncio
import struct
import sys

from seen import seen

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6


def pairs(data):
    """The names and values of a stream of parameters."""
    found, at = {}, 0

    def length():
        nonlocal at
        if data[at] < 128:
            at += 1
            return data[at - 1]
        at += 4
        return struct.unpack_from(">I", data, at - 4)[0] & 0x7FFFFFFF

    while at < len(data):
        name_size, value_size = length(), length()
        found[data[at:at + name_size].decode()] = data[at + name_size:at + name_size + value_size].decode("latin-1")
        at += name_size + value_size
    return found


def record(kind, number, content=b""):
    return struct.pack(">BBHHBx", 1, kind, number, len(content), 0) + content


async def serve_one(reader):
    """(number, bytes of the answer, whether the connection stays) of one request."""
    streams, keep = {PARAMS: b"", STDIN: b""}, False
    while True:
        _, kind, number, size, padding = struct.unpack(">BBHHBx", await reader.readexactly(8))
        content = (await reader.readexactly(size + padding))[:size]
        if kind == BEGIN:
            keep = bool(content[2] & 1)
        elif kind == STDIN and size == 0:
            break
        elif kind in streams:
            streams[kind] += content
    said = pairs(streams[PARAMS])
    text = seen(said["REQUEST_METHOD"], said["REQUEST_URI"], said.get("HTTP_HOST"), streams[STDIN])
    body = f"Status: 200 OK\r\nX-Seen: {text}\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    return record(STDOUT, number, body) + record(STDOUT, number) + record(END, number, bytes(8)), keep


async def serve(reader, writer):
    try:
        keep = True
        while keep:
            answer, keep = await serve_one(reader)
            writer.write(answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    writer.close()


async def main():
    server = await asyncio.start_server(serve, sys.argv[1], int(sys.argv[2]), backlog=512)
    await server.serve_forever()


asyncio.run(main())
