# SPDX-License-Identifier: Apache-2.0
"""The application of the judges under uvicorn."""
from seen import seen


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    text = seen(scope["method"], target, dict(scope["headers"]).get(b"host"), body)
    fields = [(b"x-seen", text.encode("latin-1")), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": b""})
