# SPDX-License-Identifier: Apache-2.0
"""The application of the WSGI judges. The target comes as it was written: RAW_URI or REQUEST_URI."""
from seen import seen


def application(environment, start_response):
    target = environment.get("RAW_URI") or environment["REQUEST_URI"]
    text = seen(environment["REQUEST_METHOD"], target, environment.get("HTTP_HOST"), environment["wsgi.input"].read())
    start_response("200 OK", [("X-Seen", text), ("Content-Length", "0")])
    return []
