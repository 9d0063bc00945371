# SPDX-License-Identifier: Apache-2.0
"""A judge: aiohttp with its parser in Python (AIOHTTP_NO_EXTENSIONS=1; the other one is Node's). Arguments: address, port."""
import asyncio
import sys

from aiohttp import web
from seen import seen


async def answer(request):
    text = seen(request.method, request.raw_path, request.headers.get("Host"), await request.read())
    return web.Response(headers={"X-Seen": text, "Content-Length": "0"})


async def serve():
    runner = web.ServerRunner(web.Server(answer, access_log=None, keepalive_timeout=600))
    await runner.setup()
    await web.TCPSite(runner, sys.argv[1], int(sys.argv[2])).start()
    await asyncio.Event().wait()


asyncio.run(serve())
