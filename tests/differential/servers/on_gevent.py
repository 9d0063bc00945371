# SPDX-License-Identifier: Apache-2.0
"""A judge: gevent's pywsgi. Arguments: address, port."""
import sys

from gevent.pywsgi import WSGIHandler, WSGIServer
from wsgi import application


class Handler(WSGIHandler):
    def get_environ(self):
        return super().get_environ() | {"REQUEST_URI": self.path}


WSGIServer((sys.argv[1], int(sys.argv[2])), application, log=None, error_log=None, handler_class=Handler).serve_forever()
