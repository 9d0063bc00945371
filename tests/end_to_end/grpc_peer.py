# SPDX-License-Identifier: Apache-2.0
"""A server and a client of gRPC's Python library, programs of their own that say what tests/grpc/grpc_peer.cpp says.

    grpc_peer.py serve [CONNECTION_AGE_MS [CERTIFICATE KEY]]     says where it listens, and when a call is cancelled
    grpc_peer.py call ADDRESS AUTHORITY [CA]                     makes a call of each kind, and says what came of it

With the names of files it is TLS; an age of 0 is none.
"""
import pathlib
import sys
import threading
from concurrent import futures

import grpc

SERVICE = "sallyport.test.Echo"
LARGE = 4 << 20
OPTIONS = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1), ("grpc.enable_retries", 0)]
METADATA = (("x-test", "seen"), ("x-test-bin", b"\0\xff"))


def varint(number):
    return bytes([number & 127 | 128]) + varint(number >> 7) if number > 127 else bytes([number])


def encode(data=b"", count=0):
    """tests/grpc/echo.proto's Text."""
    return (b"\n" + varint(len(data)) + data if data else b"") + (b"\x10" + varint(count) if count else b"")


def read_varint(text, at):
    number, shift = 0, 0
    while True:
        number |= (text[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if text[at - 1] < 128:
            return number, at


def decode(text):
    data, count, at = b"", 0, 0
    while at < len(text):
        tag, number, at = text[at], *read_varint(text, at + 1)
        if tag == 0x0a:
            data, at = text[at:at + number], at + number
        else:
            count = number
    return data, count


def say(*words):
    print(*words, flush=True)


def once(request, context):
    given = [(name, value) for name, value in context.invocation_metadata() if name.startswith("x-test")]
    context.send_initial_metadata(given)
    context.set_trailing_metadata(given)
    return request


def many(request, _):
    data, count = decode(request)
    for _ in range(count):
        yield encode(data)


def gather(requests, _):
    return encode(b"".join(decode(request)[0] for request in requests))


def chat(requests, _):
    yield from requests


def fail(request, context):
    data, number = decode(request)
    code = next(code for code in grpc.StatusCode if code.value[0] == number)
    context.abort(code, data.decode())


def wait(request, context):
    gone = threading.Event()

    def cancelled():
        say("cancelled")
        gone.set()

    if not context.add_callback(cancelled):
        return
    yield request
    gone.wait()


def read(*files):
    return [pathlib.Path(file).read_bytes() for file in files]


def serve(connection_age, *pair):
    options = OPTIONS + ([("grpc.max_connection_age_ms", connection_age)] if connection_age else [])
    server = grpc.server(futures.ThreadPoolExecutor(32), options=options)
    handlers = {"Once": grpc.unary_unary_rpc_method_handler(once), "Many": grpc.unary_stream_rpc_method_handler(many),
                "Gather": grpc.stream_unary_rpc_method_handler(gather), "Chat": grpc.stream_stream_rpc_method_handler(chat),
                "Fail": grpc.unary_unary_rpc_method_handler(fail), "Wait": grpc.unary_stream_rpc_method_handler(wait)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    if pair:
        certificate, key = read(*pair)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, certificate)]))
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    say(f"listening on http://127.0.0.1:{port}")
    server.wait_for_termination()


class Client:
    def __init__(self, address, authority, credentials=None):
        options = [*OPTIONS, ("grpc.default_authority", authority), ("grpc.ssl_target_name_override", authority)]
        self.channel = (grpc.insecure_channel(address, options) if credentials is None
                        else grpc.secure_channel(address, credentials, options))

    def unary(self, name):
        return self.channel.unary_unary(f"/{SERVICE}/{name}")

    def tell(self, what, call, data=b"", message=True):
        text = (call.details() or "") if message else ""
        say(f"{what}: {call.code().value[0]} {text}{data.decode()}")

    def once(self):
        try:
            answer, call = self.unary("Once").with_call(encode(b"hello"), metadata=METADATA)
        except grpc.RpcError as error:
            self.tell("once", error)
            return False
        self.tell("once", call, decode(answer)[0])
        for block in (call.initial_metadata(), call.trailing_metadata()):
            say("metadata: both" if set(METADATA) <= set(block) else "metadata: lost")
        return True

    def many(self):
        call = self.channel.unary_stream(f"/{SERVICE}/Many")(encode(b"again", 100))
        self.tell("many", call, b"%d" % sum(decode(answer)[0] == b"again" for answer in call))

    def gather(self):
        answer, call = self.channel.stream_unary(f"/{SERVICE}/Gather").with_call(encode(b"x") for _ in range(100))
        self.tell("gather", call, b"%d" % len(decode(answer)[0]))

    def chat(self):
        answered, count = threading.Semaphore(1), 0

        def questions():
            for number in range(20):
                answered.acquire()
                yield encode(b"%d" % number)

        call = self.channel.stream_stream(f"/{SERVICE}/Chat")(questions())
        for answer in call:
            count += decode(answer)[0] == b"%d" % count
            answered.release()
        self.tell("chat", call, b"%d" % count)

    def send_much(self):
        answer, call = self.unary("Once").with_call(encode(b"l" * LARGE))
        self.tell("large", call, b"same" if decode(answer)[0] == b"l" * LARGE else b"another")

    def fail(self):
        try:
            self.unary("Fail")(encode("not now, ä 100%".encode(), 9))
        except grpc.RpcError as error:
            self.tell("fail", error)

    def wait(self, what, timeout=None):
        call, first = self.channel.unary_stream(f"/{SERVICE}/Wait")(encode(b"first"), timeout=timeout), b""
        try:
            for answer in call:
                first = decode(answer)[0]
                if timeout is None:
                    call.cancel()
        except grpc.RpcError:
            pass
        self.tell(what, call, first, message=False)


def main(arguments):
    if arguments[0] == "serve":
        serve(int(arguments[1]) if len(arguments) > 1 else 0, *arguments[2:])
        return
    address, authority, *authorities = arguments[1:]
    client = Client(address, authority, grpc.ssl_channel_credentials(*read(*authorities)) if authorities else None)
    if not client.once():
        return  # nobody is there
    client.many()
    client.gather()
    client.chat()
    client.send_much()
    client.fail()
    client.wait("deadline", 0.3)
    client.wait("cancel")


if __name__ == "__main__":
    main(sys.argv[1:])
