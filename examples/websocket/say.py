#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""say.py URL TEXT...: opens a WebSocket on this machine, sends each text and prints what comes back (Debian's python3-websockets)."""
import asyncio
import sys
import urllib.parse

import websockets


async def say(url, texts):
    # Names under localhost are this machine's, whatever its resolver knows of them.
    async with websockets.connect(url, host="127.0.0.1", port=urllib.parse.urlsplit(url).port, compression=None) as socket:
        for text in texts:
            await socket.send(text)
            print(await socket.recv())


asyncio.run(say(sys.argv[1], sys.argv[2:]))
