# SPDX-License-Identifier: Apache-2.0
"""Echo peers of WebSocket, each a program of its own: python3-websockets, and npm's ws. Messages of any size, no compression; with a
certificate by TLS.
"""
import os
import sys

from peer_program import PeerProgram

WEBSOCKETS = """
import asyncio, os, ssl, websockets

async def echo(connection):
    try:
        async for message in connection:
            await connection.send(message)
    except websockets.ConnectionClosed:
        pass

async def main():
    context = None
    if "CERTIFICATE" in os.environ:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["CERTIFICATE"], os.environ["KEY"])
    options = dict(compression=None, max_size=None, ping_interval=None, subprotocols=["chat"], ssl=context)
    async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
        print("listening on http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()

asyncio.run(main())
"""
WS = """
const { readFileSync } = require("fs");
const { WebSocketServer } = require("ws");
const { CERTIFICATE, KEY } = process.env;
const server = CERTIFICATE === undefined ? require("http").createServer()
                                         : require("https").createServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) });
const protocols = { handleProtocols: (offered) => offered.has("chat") ? "chat" : false };
const sockets = new WebSocketServer({ server, perMessageDeflate: false, maxPayload: 0, ...protocols });
sockets.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.listen(0, "127.0.0.1", () => console.log("listening on http://127.0.0.1:" + server.address().port));
"""
PROGRAMS = {"websockets": [sys.executable, "-c", WEBSOCKETS], "ws": ["node", "-e", WS]}
PLACES = os.environ | {"NODE_PATH": "/usr/share/nodejs:/usr/lib/nodejs"}  # where Debian keeps them, whichever node is first


class Peer(PeerProgram):
    def __init__(self, name, pair=None):
        with_tls = {} if pair is None else {"CERTIFICATE": str(pair.certificate_file), "KEY": str(pair.key_file)}
        super().__init__(*PROGRAMS[name], environment=PLACES | with_tls)
