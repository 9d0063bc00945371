# SPDX-License-Identifier: Apache-2.0
"""Forged HTTP/2 messages before an HTTP/1.1 upstream: none reaches it as something that it is not, and what comes after each of
them, on its connection and on another, gets its own answer (S9, H2-7, H2-8).

All are sent before anything is judged: when the gateway has ended, every byte that the upstream ever got is known.
"""
import re

import h2_frames as h2
import pytest
from folder import Folder, route, served
from forged import BEGUN, CUT, FORGED, HOST, MARK, NOTHING
from gateway import Gateway
from h2_wire import H2Client
from noting_origins import BODY, H1Origin
from raw_client import Ended


class Sent:
    """What its client saw of each forged message."""

    def __init__(self, where):
        self.answers, self.canaries = {}, {}
        with H1Origin() as self.origin:
            folder = Folder(where)
            folder.write("web.yaml", *served("web", self.origin.port), route(HOST, "web"))
            with Gateway(folder, "--request-trailers", "pass") as gateway:
                for number, forged in enumerate(FORGED):
                    with H2Client(gateway.address) as client, H2Client(gateway.address) as fresh:
                        self.answers[number] = self.send(client, forged, number)
                        self.canaries[number] = [self.canary(client, number, "same"), self.canary(fresh, number, "fresh")]

    @staticmethod
    def send(client, forged, number):
        """The status, a reset, the end of the connection, or what is wrong with all of these."""
        stream, client.next_stream = client.next_stream, client.next_stream + 2
        client.send(forged.frames(stream, number))
        try:
            answer = client.answer(stream)
        except Ended:
            return client.goaway
        except AssertionError as silence:
            return str(silence)
        return ("reset", answer.reset) if answer.reset not in (None, h2.NO_ERROR) else answer.status

    @staticmethod
    def canary(client, number, which):
        """Its answer; None where the connection had ended with a reason."""
        try:
            answer = client.get(HOST, f"/canary/{which}/{number}")
        except (Ended, OSError):
            return None if which == "same" and client.goaway else "gone"
        return (answer.status, answer.body)

    def arrivals(self, number):
        return [one for one in self.origin.arrivals if one.get("x-mark") == MARK.format(number) or MARK.format(number) in one.target]

    def raw(self):
        return b"".join(bytes(one) for one in self.origin.raw)


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    return Sent(tmp_path_factory.mktemp("forged"))


def test_there_are_enough_of_them():
    assert len(FORGED) >= 200 and all(any(one.reaches == kind for one in FORGED) for kind in (NOTHING, BEGUN, CUT))


def test_the_upstream_read_nothing_that_was_smuggled(sent):
    assert not sent.origin.faults
    asked = [one.target for one in sent.origin.arrivals if not one.target.startswith("/canary/") and "forged-" not in one.target]
    assert asked == []


@pytest.mark.parametrize("number", range(len(FORGED)), ids=lambda number: re.sub(r"[^\x20-\x7e]", "_", FORGED[number].name))
def test_a_forged_message(sent, number):
    forged, mark = FORGED[number], MARK.format(number)
    arrivals = sent.arrivals(number)
    if forged.reaches == NOTHING:
        assert arrivals == [] and mark.encode() not in sent.raw()
    elif forged.reaches == BEGUN:
        assert not any(one.whole for one in arrivals)
    else:
        said = int(dict(forged.fields)["content-length"])
        assert all(len(one.body) <= said for one in arrivals)
    answer = sent.answers[number]
    assert isinstance(answer, (int, tuple)) and (forged.reaches == CUT or answer != 200), answer
    assert all(canary in (None, (200, BODY)) for canary in sent.canaries[number]), (answer, sent.canaries[number])
