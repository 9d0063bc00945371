# SPDX-License-Identifier: Apache-2.0
"""The origin behind the gateway for probe_*.py: a small, correct web server on threads that keeps every whole request it gets.

`/` has a page with an entity tag and a date, POST gives the body back, `/echo` the header lines, `/cookie` the cookies it parsed.
It reads strictly: what it cannot read the gateway should not have sent, and is a fault. It would switch to WebSocket for anyone,
so that an Upgrade which should have been taken out shows.
"""
import threading
from email.utils import parsedate_to_datetime
from datetime import datetime, timezone

from recorder import Connection, Ended, listening

TAG = '"page-1"'
MODIFIED = "Mon, 02 Jun 2025 10:00:00 GMT"
METHODS = "GET, HEAD, POST, OPTIONS"
KNOWN = ("PUT", "DELETE", "PATCH", "TRACE", "CONNECT")


def date_in(text):
    try:
        return parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None


def not_modified(request):
    """RFC 9110 13.2.2: If-None-Match first, by the weak comparison; only without it If-Modified-Since, unless it is no date."""
    tags = request.get("If-None-Match")
    if tags is not None:
        return tags == "*" or TAG in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    since = date_in(request.get("If-Modified-Since"))
    return bool(since) and date_in(MODIFIED) <= since <= datetime.now(timezone.utc)


def cookies(request):
    pairs = [pair.strip().partition("=") for value in request.all("Cookie") for pair in value.split(";")]
    return "".join(f"{name}={value}\n" for name, equals, value in pairs if equals and name)


def page(request):
    """(status, body, fields) for a GET or a HEAD."""
    if request.target == "/echo":
        return 200, "".join(f"{name}: {value}\n" for name, value in request.fields), []
    if request.target == "/cookie":
        return 200, cookies(request), []
    if not any(kind in (request.get("Accept") or "*/*") for kind in ("*/*", "text/")):
        return 406, "only text\n", []
    validators = [f"ETag: {TAG}", f"Last-Modified: {MODIFIED}"]
    return (304, "", validators) if not_modified(request) else (200, request.target, validators)


def reply(request):
    if (request.get("Upgrade") or "").lower() == "websocket":
        known = request.get("Sec-WebSocket-Version") == "13"
        return (101, "", ["Connection: Upgrade", "Upgrade: websocket"]) if known else (426, "", ["Sec-WebSocket-Version: 13"])
    if len(request.all("Content-Type")) > 1:
        return 400, "two content types\n", []
    if request.method in ("GET", "HEAD"):
        return page(request)
    if request.method == "OPTIONS":
        return 204, "", [f"Allow: {METHODS}"]
    if request.method == "POST":
        return page(request) if request.target == "/echo" else (200, request.body.decode("latin-1"), [])
    return (405, "", [f"Allow: {METHODS}"]) if request.method in KNOWN else (501, "", [])


def written(request, status, body, fields):
    """The bytes of a response, without Date: the gateway is to add it."""
    lines = [f"HTTP/1.1 {status} Status", *fields]
    if status not in (101, 204, 304):
        lines += ["Content-Type: text/plain", f"Content-Length: {len(body)}"]
    head = "".join(line + "\r\n" for line in lines) + "\r\n"
    return (head if request.method == "HEAD" else head + body).encode("latin-1")


class Origin:
    def __init__(self):
        self.listener = listening(("127.0.0.1", 0))
        self.listener.settimeout(None)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.arrived, self.faults = [], []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                accepted, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(Connection(accepted),), daemon=True).start()

    def serve(self, connection):
        connection.socket.settimeout(None)
        try:
            while True:
                request = connection.read_request()
                with self.lock:
                    self.arrived.append(request)
                connection.send(written(request, *reply(request)))
        except (Ended, OSError):
            pass  # the end, or a request that the gateway gave up
        except AssertionError as fault:
            with self.lock:
                self.faults.append(str(fault))
        connection.close()

    def take(self):
        """(requests, faults) since the last time."""
        with self.lock:
            taken = self.arrived, self.faults
            self.arrived, self.faults = [], []
        return taken

    def close(self):
        self.listener.close()
