# SPDX-License-Identifier: Apache-2.0
"""A judge: Twisted's HTTP channel. Arguments: address, port."""
import sys

from seen import seen
from twisted.internet import reactor
from twisted.web import http


class Answer(http.Request):
    def process(self):
        self.content.seek(0)
        text = seen(self.method, self.uri, self.getHeader("host"), self.content.read())
        self.setHeader("X-Seen", text)
        self.setHeader("Content-Length", "0")
        self.finish()


class Channel(http.HTTPChannel):
    requestFactory = Answer




reactor.listenTCP(int(sys.argv[2]), http.HTTPFactory.forProtocol(Channel), interface=sys.argv[1])
reactor.run()
