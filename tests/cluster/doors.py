# SPDX-License-Identifier: Apache-2.0
"""Doors of an enclosure: sockets that listen outside, because they were made there, whose connections go on inside."""
import asyncio
import socket


def listening(port):
    """On 127.0.0.1 of the network that this is called in."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    made.listen(128)
    return made


async def copy(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
    except (ConnectionError, OSError):
        writer.close()


async def open_door(door, address):
    """Until it is closed every connection to the socket is one to the address."""
    async def come_in(reader, writer):
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*address)
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))
        for one in (writer, inner_writer):
            one.close()

    return await asyncio.start_server(come_in, sock=door)
