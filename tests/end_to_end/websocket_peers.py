# SPDX-License-Identifier: Apache-2.0
"""Echo peers of WebSocket, each a program of its own: python3-websockets, and npm's ws. Messages of any size, no compression."""
import os
import sys

from peer_program import PeerProgram

WEBSOCKETS = """
import asyncio, websockets

async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except websockets.ConnectionClosed:
        pass

async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, compression=None, max_size=None, ping_interval=None, subprotocols=["chat"]) as server:
        print("listening on http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()

asyncio.run(main())
"""
WS = """
const { WebSocketServer } = require("ws");
const protocols = { handleProtocols: (offered) => offered.has("chat") ? "chat" : false };
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false, maxPayload: 0, ...protocols });
server.on("listening", () => console.log("listening on http://127.0.0.1:" + server.address().port));
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
"""
PROGRAMS = {"websockets": [sys.executable, "-c", WEBSOCKETS], "ws": ["node", "-e", WS]}
PLACES = os.environ | {"NODE_PATH": "/usr/share/nodejs:/usr/lib/nodejs"}  # where Debian keeps them, whichever node is first


class Peer(PeerProgram):
    def __init__(self, name):
        super().__init__(*PROGRAMS[name], environment=PLACES)
