# SPDX-License-Identifier: Apache-2.0
"""One meaning for all versions: a request gets the same verdict, becomes the same upstream message and the same log line, whichever
version the client speaks and whichever the upstream does (S8).

Every request goes by each of the four ways before anything is judged: when the gateway has ended, all that came is known.
"""
import dataclasses
import itertools
import json
import re

import h2_frames as h2
import pytest
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from h2_wire import H2Client
from noting_origins import H1Origin, H2Origin
from raw_client import Client
from same_requests import REQUESTS

UPSTREAMS = {"http1": "h1.test", "http2": "h2.test"}
WAYS = list(itertools.product(("http1", "http2"), UPSTREAMS))
# Of the hop, or new for each request; the length is compared by itself.
OWN_FIELDS = ("x-request-id", "transfer-encoding", "connection", "content-length", "cookie")
OWN_MEMBERS = ("time", "request_id", "duration_us", "protocol", "client", "peer", "backend", "endpoint", "rule", "host")


@dataclasses.dataclass
class Went:
    """What became of one request on one way."""
    verdict: object
    message: object
    line: dict


def source(way):
    return f"127.0.2.{WAYS.index(way) + 1}"


def by_http1(address, asked, way):
    with Client(address, source=source(way)) as client:
        client.send(asked.to_http1(UPSTREAMS[way[1]]))
        response = client.read_response(asked.method)
        while response.status < 200:
            response = client.read_response(asked.method)
        return response.status


def by_http2(address, asked, way):
    """A malformed request is a stream error (RFC 9113 8.1.1), which HTTP/1.1 says by a 400."""
    with H2Client(address, source=source(way)) as client:
        answer = client.answer(asked.to_http2(client, UPSTREAMS[way[1]]))
        return 400 if answer.reset == h2.PROTOCOL_ERROR else answer.status if answer.ended else f"reset {answer.reset}"


def plain(text, way):
    return text.replace(UPSTREAMS[way[1]], "HOST").replace(source(way), "CLIENT")


def message(arrival, way):
    """What the upstream was asked, without what belongs to the hop; None when it was not asked to the end."""
    if arrival is None or not arrival.whole:
        return None
    fields = [(name, plain(value, way)) for name, value in arrival.fields if name not in OWN_FIELDS]
    cookies = "; ".join(value for name, value in arrival.fields if name == "cookie")
    return {"method": arrival.method, "target": arrival.target, "authority": plain(arrival.authority, way), "fields": fields,
            "cookies": cookies,
            "length": arrival.get("content-length"), "body": arrival.body, "trailers": arrival.trailers}


def line(logged, way):
    """Which rule refused a message, and what the answer has of it, is a matter of the version; why it was refused is not."""
    own = OWN_MEMBERS + (("error_rule", "status", "sent", "received") if "error_rule" in logged else ())
    return {name: json.loads(plain(json.dumps(value), way)) for name, value in logged.items() if name not in own}


@pytest.fixture(scope="module")
def went(tmp_path_factory):
    """{(number of the request, way): Went}"""
    where = tmp_path_factory.mktemp("same")
    log, verdicts = where / "access.log", {}
    with H1Origin() as one, H2Origin() as two:
        folder = Folder(where / "objects")
        rules = [rule("h1.test", path("/", "one")), rule("h2.test", path("/", "two"))]
        folder.write("web.yaml", *served("one", one.port), *served("two", two.port, protocol="kubernetes.io/h2c"), ingress("web", *rules))
        with Gateway(folder, "--request-trailers", "pass", access_log=log) as gateway:
            for way in WAYS:
                ask = by_http1 if way[0] == "http1" else by_http2
                for number, asked in enumerate(REQUESTS):
                    verdicts[number, way] = ask(gateway.address, asked, way)
    assert not one.faults and not two.faults, one.faults + two.faults
    arrivals = {}
    for upstream, origin in (("http1", one), ("http2", two)):
        for arrival in origin.arrivals:
            # Which client it was the gateway itself says.
            way = next(way for way in WAYS if arrival.get("x-forwarded-for") == source(way))
            assert way[1] == upstream and (arrival.get("x-case"), way) not in arrivals, arrival
            arrivals[arrival.get("x-case"), way] = arrival
    logged = {way: [] for way in WAYS}
    for text in log.read_text().splitlines():
        said = json.loads(text)
        logged[next(way for way in WAYS if source(way) == said["client"])].append(said)
    assert {way: len(lines) for way, lines in logged.items()} == {way: len(REQUESTS) for way in WAYS}
    return {(number, way): Went(verdict, message(arrivals.get((str(number), way)), way), line(logged[way][number], way))
            for (number, way), verdict in verdicts.items()}


def test_there_are_enough_requests_and_most_of_them_are_served(went):
    assert len(REQUESTS) >= 500
    assert sum(went[number, WAYS[0]].verdict == 200 for number in range(len(REQUESTS))) > 300
    assert sum(went[number, WAYS[0]].message is None for number in range(len(REQUESTS))) > 50


@pytest.mark.parametrize("number", range(len(REQUESTS)), ids=lambda number: re.sub(r"[^\x21-\x7e]", "_", REQUESTS[number].name))
def test_the_same_by_every_way(went, number):
    first = went[number, WAYS[0]]
    assert (first.verdict == 200) == (first.message is not None), first
    for way in WAYS[1:]:
        assert went[number, way] == first, f"{way[0]} client, {way[1]} upstream"
