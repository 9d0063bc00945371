# SPDX-License-Identifier: Apache-2.0
"""What a judge may refuse though it is right: a server need not know every method, nor take a request of any size.

A refusal is an answer of its own and then the end; it is never leave to see another request than was sent. Some judges do worse
with a few right requests, all by themselves, and are not given those.
"""
import re

COMMON_METHODS = {b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS"}

REASONS = {
    "a rare method": lambda request: request.method not in COMMON_METHODS,
    "a method in lower case": lambda request: not re.fullmatch(rb"[A-Z_-]+", request.method),
    "a method that is no word": lambda request: not re.fullmatch(rb"[A-Za-z]+(?:-[A-Za-z]+)*", request.method),
    "the preface of HTTP/2": lambda request: request.method == b"PRI",
    "a long method": lambda request: len(request.method) > 20,
    "no host": lambda request: not request.host,
    "a strange host": lambda request: not re.fullmatch(rb"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?", request.host),
    "no length": lambda request: request.method in (b"POST", b"PUT", b"PATCH") and not request.body
    and not request.all(b"content-length") and not request.all(b"transfer-encoding"),
    "an upgrade": lambda request: bool(request.all(b"upgrade")),
    "many fields": lambda request: len(request.fields) > 100,
    "a field twice": lambda request: any(len(request.all(name)) > 1 for name in (b"authorization", b"user-agent")),
    "a large head": lambda request: sum(len(name) + len(value) for name, value in request.fields) > 8000,
    "a long target": lambda request: len(request.target) > 2000,
    "an odd query": lambda request: not re.fullmatch(rb"[^?]*(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?", request.target),
    "HEAD with a body": lambda request: request.method == b"HEAD" and bool(request.body),
}

MAY_REFUSE = {
    "nginx": {"a method in lower case", "no host", "a field twice"},
    "haproxy": {"the preface of HTTP/2", "an upgrade"},
    "apache": {"no host"},
    "lighttpd": {"a rare method", "no host", "no length", "a strange host"},
    "h2o": {"many fields"},
    "node": {"a rare method", "a large head"},
    "uvicorn-h11": {"an upgrade"},
    "uvicorn-httptools": {"a rare method", "an upgrade"},
    "gunicorn": {"a method that is no word"},
    "gevent": {"many fields", "a rare method", "HEAD with a body"},
    "waitress": {"a method in lower case"},
    "cheroot": {"a method in lower case"},
    "webrick": {"no length", "a long target", "an odd query"},
    "aiohttp": {"a field twice", "a large head"},
    "twisted": {"a large head"},
}

# Puma falls silent at what it refuses, if another request came before; gevent at an upgrade that nobody takes.
NOT_GIVEN = {
    "gevent": {"an upgrade"},
    "puma": {"a method in lower case", "a long method", "an odd query"},
}


def is_alone(judge, request):
    """A switch of protocols may be the end of a connection's HTTP; the gateway gives it one of its own, too. H2O ends a connection
    behind any Connection field but keep-alive.
    """
    return bool(request.all(b"upgrade")) or (judge == "h2o" and bool(request.all(b"connection")))


def has_reason(table, judge, request):
    return any(REASONS[reason](request) for reason in table.get(judge, ()))


def may_refuse(judge, request):
    return has_reason(MAY_REFUSE, judge, request)


def is_given(judge, request):
    return not has_reason(NOT_GIVEN, judge, request)
