#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A gRPC service and its client (Debian's python3-grpcio). A message is a text as it stands, so nothing has to be generated.

    greeter.py serve                      on 127.0.0.1:9121
    greeter.py hello ADDRESS NAME         one answer
    greeter.py count ADDRESS NUMBER       an answer a number
    greeter.py asleep ADDRESS             a service without servers
"""
import sys
from concurrent import futures

import grpc


def hello(name, _):
    return b"Hello, " + name


def count(number, _):
    for at in range(int(number)):
        yield b"%d" % (at + 1)


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(8))
    handlers = {"Hello": grpc.unary_unary_rpc_method_handler(hello), "Count": grpc.unary_stream_rpc_method_handler(count)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("demo.Greeter", handlers),))
    server.add_insecure_port("127.0.0.1:9121")
    server.start()
    print("serving", flush=True)
    server.wait_for_termination()


def call(what, address, argument=""):
    channel = grpc.insecure_channel(address, [("grpc.default_authority", "grpc.localhost")])
    if what == "count":
        for answer in channel.unary_stream("/demo.Greeter/Count")(argument.encode()):
            print(answer.decode())
        return
    method = "/demo.Greeter/Hello" if what == "hello" else "/demo.Asleep/Hello"
    try:
        print(channel.unary_unary(method)(argument.encode()).decode())
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}")


if sys.argv[1] == "serve":
    serve()
else:
    call(*sys.argv[1:])
