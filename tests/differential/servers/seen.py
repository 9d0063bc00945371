# SPDX-License-Identifier: Apache-2.0
"""What a judge written in Python says of a request: the value of the field X-Seen, four words."""
import hashlib


def seen(method, target, host, body):
    def text(value):
        return value.decode("latin-1") if isinstance(value, bytes) else value

    return f"{text(method)} {text(target)} {text(host) or '-'} {hashlib.sha1(body).hexdigest()}"
