# SPDX-License-Identifier: Apache-2.0
"""A judge: Tornado's HTTP/1 server. Arguments: address, port."""
import sys

from seen import seen
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, ResponseStartLine
from tornado.ioloop import IOLoop


def answer(request):
    text = seen(request.method, request.uri, request.headers.get("Host"), request.body)
    fields = HTTPHeaders({"X-Seen": text, "Content-Length": "0"})
    request.connection.write_headers(ResponseStartLine("HTTP/1.1", 200, "OK"), fields)
    request.connection.finish()


HTTPServer(answer).listen(int(sys.argv[2]), sys.argv[1])
IOLoop.current().start()
