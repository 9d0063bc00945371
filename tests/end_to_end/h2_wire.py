# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 connection frame by frame, as a client and as an origin that a test plays by hand.

It shares nothing with the program under test: frames by struct, HPACK by python3-hpack. What a correct peer does by itself
(acknowledging SETTINGS and PING, opening windows for what it has read) is done here too, as long as `polite` stays True.
"""
import struct

import h2_frames as h2
import hpack
from raw_client import Ended, Stream, connect
from recorder import Recorder

FIRST_WINDOW = 65535


class Exchange:
    """What the other side sent on one stream."""

    def __init__(self, stream):
        self.stream = stream
        self.interim, self.head, self.trailers = [], None, []
        self.body, self.pieces = b"", 0
        self.ended, self.reset = False, None

    @property
    def over(self):
        return self.ended or self.reset is not None

    @property
    def status(self):
        """None when the stream was reset before an answer."""
        return int(dict(self.head)[":status"]) if self.head is not None else None

    @property
    def fields(self):
        return [(name, value) for name, value in self.head or () if not name.startswith(":")]

    def pseudo(self, name):
        values = [value for key, value in self.head if key == ":" + name]
        assert len(values) < 2, f":{name} comes {len(values)} times: {self.head}"
        return values[0] if values else None

    def all(self, name):
        return [value for key, value in self.head if key == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) < 2, f"{name} comes {len(values)} times: {self.head}"
        return values[0] if values else None

    def take_head(self, fields, is_last):
        status = dict(fields).get(":status")
        if self.head is not None:
            self.trailers = fields
        elif status is not None and status.startswith("1") and not is_last:
            self.interim.append(fields)
        else:
            self.head = fields

    def __repr__(self):
        return f"stream {self.stream}: head {self.head} body {self.body[:200]!r} trailers {self.trailers} ended {self.ended} reset {self.reset}"


class Wire(Stream):
    """A connected socket that speaks frames."""

    def __init__(self, connected):
        super().__init__(connected)
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder(max_header_list_size=1 << 20)
        self.streams, self.settings, self.goaway = {}, {}, None
        self.polite, self.acknowledged, self.pongs = True, 0, []
        self.window, self.windows = FIRST_WINDOW, {}  # what may be sent
        self.unopened = {}  # bytes read, by stream, of which the other side was not told

    def send_frame(self, kind, flags=0, stream=0, payload=b""):
        self.send(h2.frame(kind, flags, stream, payload))

    def take_frame(self):
        head = self.take(9)
        length = int.from_bytes(head[:3], "big")
        assert length <= self.largest_frame(), f"a frame of {length} bytes"
        return h2.Frame(head[3], head[4], int.from_bytes(head[5:9], "big") & 0x7fffffff, self.take(length))

    def largest_frame(self):
        return 16384

    def pump(self):
        """Takes one frame and does what it asks for."""
        frame = self.take_frame()
        self.handle(frame)
        return frame

    def handle(self, frame):
        known = {h2.HEADERS: self.on_headers, h2.DATA: self.on_data, h2.SETTINGS: self.on_settings, h2.PING: self.on_ping,
                 h2.RST_STREAM: self.on_reset, h2.GOAWAY: self.on_goaway, h2.WINDOW_UPDATE: self.on_window_update}
        if frame.kind in known:
            known[frame.kind](frame)

    def until(self, condition):
        while not condition():
            self.pump()

    def exchange(self, stream):
        return self.streams.setdefault(stream, Exchange(stream))

    def on_headers(self, frame):
        block, last = without_padding(frame), frame
        if frame.has(h2.WITH_PRIORITY):
            block = block[5:]
        while not last.has(h2.END_HEADERS):
            last = self.take_frame()
            assert (last.kind, last.stream) == (h2.CONTINUATION, frame.stream), f"inside a header block: {last}"
            block += last.payload
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self.decoder.decode(block, raw=True)]
        assert all(name == name.lower() for name, _ in fields), f"upper case: {fields}"
        exchange = self.exchange(frame.stream)
        exchange.take_head(fields, frame.has(h2.END_STREAM))
        exchange.ended = exchange.ended or frame.has(h2.END_STREAM)

    def on_data(self, frame):
        exchange = self.exchange(frame.stream)
        exchange.body += without_padding(frame)
        exchange.pieces += 1
        exchange.ended = exchange.ended or frame.has(h2.END_STREAM)
        if self.polite and frame.payload:
            self.open_window(0, len(frame.payload))
            if not exchange.ended:
                self.open_window(frame.stream, len(frame.payload))

    def open_window(self, stream, size):
        """When half of it was read, as clients do: one update for each frame would be a drip."""
        self.unopened[stream] = self.unopened.get(stream, 0) + size
        if self.unopened[stream] >= FIRST_WINDOW // 2:
            self.send(h2.window_update(stream, self.unopened.pop(stream)))

    def on_settings(self, frame):
        if frame.has(h2.ACK):
            self.acknowledged += 1
            return
        before = self.settings.get(h2.INITIAL_WINDOW_SIZE, FIRST_WINDOW)
        self.settings |= dict(struct.iter_unpack(">HI", frame.payload))
        for stream in self.windows:
            self.windows[stream] += self.settings.get(h2.INITIAL_WINDOW_SIZE, FIRST_WINDOW) - before
        if self.polite:
            self.send_frame(h2.SETTINGS, h2.ACK)

    def on_ping(self, frame):
        if frame.has(h2.ACK):
            self.pongs.append(frame.payload)
        elif self.polite:
            self.send_frame(h2.PING, h2.ACK, 0, frame.payload)

    def on_reset(self, frame):
        exchange = self.exchange(frame.stream)
        if exchange.reset is None:
            exchange.reset = int.from_bytes(frame.payload, "big")

    def on_goaway(self, frame):
        last, code = struct.unpack(">II", frame.payload[:8])
        self.goaway = (last & 0x7fffffff, code)

    def on_window_update(self, frame):
        increment = int.from_bytes(frame.payload, "big")
        if frame.stream:
            self.windows[frame.stream] = self.window_of(frame.stream) + increment
        else:
            self.window += increment

    def window_of(self, stream):
        return self.windows.get(stream, self.settings.get(h2.INITIAL_WINDOW_SIZE, FIRST_WINDOW))

    def send_head(self, stream, fields, end=True):
        self.send(h2.headers(stream, self.encoder.encode(fields), h2.END_HEADERS | (h2.END_STREAM if end else 0)))

    def send_body(self, stream, data, end=True):
        """In frames that the other side's windows allow; gives up quietly when it resets the stream."""
        while data and self.exchange(stream).reset is None:
            size = min(len(data), h2.FRAME_BYTES, self.window, self.window_of(stream))
            if size <= 0:
                self.pump()
                continue
            piece, data = data[:size], data[size:]
            self.window, self.windows[stream] = self.window - size, self.window_of(stream) - size
            self.send_frame(h2.DATA, h2.END_STREAM if end and not data else 0, stream, piece)

    def send_message(self, stream, fields, body=b"", trailers=None):
        self.send_head(stream, fields, end=not body and trailers is None)
        if body:
            self.send_body(stream, body, end=trailers is None)
        if trailers is not None:
            self.send_head(stream, trailers)

    def wait_for_end(self):
        """Reads until the other side has closed the connection; gives the last GOAWAY."""
        try:
            while True:
                self.pump()
        except Ended:
            return self.goaway


def without_padding(frame):
    if not frame.has(h2.PADDED):
        return frame.payload
    return frame.payload[1:len(frame.payload) - frame.payload[0]]


class H2Client(Wire):
    """Speaks first, as a client has to; `tls` wraps the connected socket."""

    def __init__(self, address, receive_buffer=None, source=None, tls=None, settings=()):
        connected = connect(address, receive_buffer, source)
        super().__init__(tls(connected) if tls else connected)
        self.send(h2.PREFACE + h2.settings(*settings))
        self.next_stream = 1

    def open(self, fields, body=b"", trailers=None):
        """Sends a request; gives its stream."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.send_message(stream, fields, body, trailers)
        return stream

    def answer(self, stream):
        """Waits until it is complete or reset."""
        exchange = self.exchange(stream)
        self.until(lambda: exchange.over)
        return exchange

    def ask(self, fields, body=b"", trailers=None):
        return self.answer(self.open(fields, body, trailers))

    def get(self, host, path="/", *fields):
        return self.ask(h2.request_fields("GET", host, path, *fields))


class H2Connection(Wire):
    """Of an origin: a connection that the gateway opened."""

    def __init__(self, accepted, settings=((h2.MAX_CONCURRENT_STREAMS, 100),)):
        super().__init__(accepted)
        preface = self.take(len(h2.PREFACE))
        assert preface == h2.PREFACE, f"no preface: {preface!r}"
        self.send(h2.settings(*settings))
        self.read_streams = set()

    def read_request(self):
        """The next request that is complete, or reset by the gateway."""
        def is_there():
            return [stream for stream, one in sorted(self.streams.items()) if one.over and stream not in self.read_streams]

        self.until(is_there)
        stream = is_there()[0]
        self.read_streams.add(stream)
        return self.streams[stream]

    def respond(self, stream, status=200, body=b"", *fields, trailers=None):
        """`fields` are (name, value) pairs."""
        self.send_message(stream, [(":status", str(status)), *fields], body, trailers)


class H2Recorder(Recorder):
    """Accepts connections of HTTP/2 with prior knowledge, or by TLS."""

    def __init__(self, address=("127.0.0.1", 0), backlog=128, tls=None):
        super().__init__(address, backlog)
        self.tls = tls

    def wrapped(self, accepted):
        return H2Connection(self.tls(accepted) if self.tls else accepted)
