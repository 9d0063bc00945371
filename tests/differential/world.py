# SPDX-License-Identifier: Apache-2.0
"""The gateway before the recorder, payloads put through it, and its access log held against what arrived."""
import json
import re

import oracles
from folder import Folder, backend, ingress, path, served
from gateway import Gateway
from stage import CANARY, CANARY_TARGET, Stage
from validator import REQUEST_LINE, Fault, read_requests, take_response

REQUEST_ID = re.compile(rb"\r\nX-Request-Id: ([^\r]*)\r\n")
# They end what the validator thinks whole and the gateway does not, so that such a payload costs seconds and no more.
LIMITS = ("head-time=15000", "body-grace=15000", "upstream-head-time=15000", "upstream-body-time=15000")


def methods_of(reading):
    """Of the requests in it, and of what stands behind them: None where that is no request."""
    methods = [request.method for request in reading.requests]
    if reading.end != "clean":
        whole_line = REQUEST_LINE.match(reading.rest)
        methods.append(None if reading.end == "fault" or not whole_line else whole_line[1])
    return methods


def needs_an_end(reading):
    """Whether the gateway, by all that can be read there, waits for more and answers only once the client ends its half."""
    answered = reading.end == "fault" or any(request.last for request in reading.requests)
    canary_is_last = reading.end == "clean" and reading.requests[-1].raw == CANARY
    return not (answered or canary_is_last)


def request_id(data):
    return REQUEST_ID.search(data)[1].decode()


def final_response(data, method, ended):
    """The one behind all interim ones, as the validator reads it; None where there is none."""
    while True:
        try:
            taken = take_response(data, method, ended, lenient=True)
        except Fault:
            return None
        if taken is None or taken[0].status == 101:
            return None
        if taken[0].status >= 200:
            return taken[0]
        data = data[taken[1]:]


class World:
    def __init__(self, where):
        self.stage = Stage()
        folder = Folder(where / "objects")
        folder.write("all.yaml", *served("recorder", self.stage.port), ingress("all", default="recorder"))
        self.log = where / "access.log"
        options = [option for limit in LIMITS for option in ("--limit", limit)]
        try:
            self.gateway = Gateway(folder, *options, access_log=self.log)
        except BaseException:
            self.stage.close()
            raise
        self.stage.gateway = self.gateway.address
        self.whole, self.cut = [], []  # the request ids of all that arrived

    def play(self, payload, cuts=(), canary=True):
        """The payload with the canary behind it, and the discrepancies that show at once."""
        data = payload + CANARY if canary else payload
        reading = read_requests(data, lenient=True)
        finish = not canary or needs_an_end(reading)
        seen = self.stage.play(data, methods_of(reading), cuts=cuts, finish=finish, canary=canary)
        self.note(seen)
        return seen, oracles.of_sockets(seen, reading)

    def play_answer(self, answer, closes, method=b"GET"):
        """`answer` comes back for a request, and the origin's connection ends behind it or stays. The discrepancies."""

        def reply(request):
            return None if request.target == CANARY_TARGET else (answer, closes)

        self.stage.answer_with(reply)
        data = method + b" /answer HTTP/1.1\r\nHost: answer.test\r\n\r\n" + CANARY
        seen = self.stage.play(data, [method, b"GET"])
        self.stage.answer_with(None)
        self.note(seen)
        return [*oracles.emission_is_valid(seen), *oracles.answer_is_as_read(seen, final_response(answer, method, closes)),
                *oracles.fresh_canary_is_answered(seen)]

    def note(self, seen):
        for observation in (seen, seen.fresh):
            self.whole += [request_id(request.raw) for _, request in observation.arrived]
            self.cut += [request_id(part.rest) for part in observation.parts if b"\r\n\r\n" in part.rest and not part.fault]

    def finish(self):
        """Ends the gateway, which writes its log to the end, and gives what oracle (b) says."""
        self.gateway.finish()
        lines = [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]
        self.stage.close()
        return oracles.log_agrees(self.whole, self.cut, lines)

    def kill(self):
        self.gateway.kill()
        self.stage.close()
