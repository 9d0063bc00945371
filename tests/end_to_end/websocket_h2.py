# SPDX-License-Identifier: Apache-2.0
"""A WebSocket over one stream of HTTP/2 (RFC 8441), as websocket_client.py plays cases: one thread reads, another may send."""
import threading

import h2_frames as h2
from h2_wire import H2Client
from raw_client import Ended

ENABLE_CONNECT_PROTOCOL = 8


class TwoThreads(H2Client):
    def __init__(self, address, **more):
        self.one_at_a_time = threading.Lock()
        super().__init__(address, **more)

    def send(self, data):
        with self.one_at_a_time:
            super().send(data)


class Http2:
    def __init__(self, address, host, path="/", *fields, tls=None, scheme="http"):
        self.wire, self.changed, self.over = TwoThreads(address, tls=tls), threading.Condition(), False
        self.wire.until(lambda: self.wire.settings)
        assert self.wire.settings.get(ENABLE_CONNECT_PROTOCOL) == 1, self.wire.settings
        self.stream, self.wire.next_stream = self.wire.next_stream, self.wire.next_stream + 2
        asked = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", scheme), (":path", path), (":authority", host),
                 ("sec-websocket-version", "13")]
        more = [(name.lower(), value) for name, _, value in (field.partition(": ") for field in fields)]
        self.wire.send_head(self.stream, asked + more, end=False)
        self.response = self.wire.exchange(self.stream)
        self.wire.until(lambda: self.response.head is not None or self.response.over)
        assert self.response.status == 200, self.response

    def send(self, data):
        """As the windows allow; more() opens them meanwhile."""
        wire = self.wire
        while data:
            with self.changed:
                self.changed.wait_for(lambda: self.over or min(wire.window, wire.window_of(self.stream)) > 0)
                if self.over:
                    raise OSError("the stream is over")
                size = min(len(data), h2.FRAME_BYTES, wire.window, wire.window_of(self.stream))
                wire.window, wire.windows[self.stream] = wire.window - size, wire.window_of(self.stream) - size
            wire.send_frame(h2.DATA, 0, self.stream, data[:size])
            data = data[size:]

    def shutdown_write(self):
        self.wire.send_frame(h2.DATA, h2.END_STREAM, self.stream)

    def more(self):
        """Bytes as they come; empty at the end, whatever it is like."""
        try:
            while not self.response.body and not self.response.over:
                frame = self.wire.take_frame()
                with self.changed:
                    self.wire.handle(frame)
                    self.changed.notify_all()
        except Ended:
            pass
        body, self.response.body = self.response.body, b""
        if not body:
            with self.changed:
                self.over = True
                self.changed.notify_all()
        return body

    def close(self):
        with self.changed:
            self.over = True
            self.changed.notify_all()
        self.wire.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
