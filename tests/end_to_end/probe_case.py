# SPDX-License-Identifier: Apache-2.0
"""How the cases of probe_*.py are written, and the verdict on what a server made of one.

A case allows answers in two classes, "400 closed | 2xx": before the bar what passes, behind it what is warned of. Words are
  400, 2xx, 4xx   a final status, or a class of them
  2xx+closed      the same, and then the connection ends
  not101, not1xx  any other final status
  other           any final status
  closed          the connection ends without an answer
  waits           the connection stays without an answer: the request is not complete
"""
from dataclasses import dataclass, field

HOST = b"probe.test"
WAITS = "waits"
MUST, SHOULD, OUGHT, MAY, NONE = "MUST", "SHOULD", "ought to", "MAY", "no level"

REJECT = "400 closed"
REJECT_OR_PASS = "400 closed | 2xx"
UNFINISHED = "400 closed waits"


@dataclass
class Answer:
    """To one step; without a message there was none."""

    message: object = None
    closed: bool = False
    interims: list = field(default_factory=list)

    @property
    def status(self):
        return self.message.status if self.message else None


@dataclass
class Case:
    id: str
    rfc: str
    level: str
    steps: list  # of bytes, or of functions from the answers so far to bytes
    allows: object  # the text above for a single step; for several, a function from the answers to a verdict
    ours: list  # the status of each step, or WAITS, or None for a step that finds the connection closed
    rule: str = ""  # that the gateway's refusal names
    because: str = ""  # why ours is one of those that are warned of
    checks: tuple = ()  # functions of the last answer
    arrives: int = 0  # how many requests the origin gets whole
    scored: bool = True
    may_be_lost: bool = False  # so much is sent behind the fault that a reset may overtake the answer


def case(name, rfc, level, data, allows, ours, rule="", **more):
    """One step. The origin gets what no rule refuses."""
    more.setdefault("arrives", 0 if rule or ours == WAITS else 1)
    return Case(name, rfc, level, [data], allows, [ours], rule, **more)


def sequence(name, rfc, level, steps, allows, ours, rule="", **more):
    more.setdefault("arrives", 0 if rule else len(steps))
    return Case(name, rfc, level, steps, allows, ours, rule, **more)


def fits(word, answer):
    if word in ("closed", WAITS):
        return answer.message is None and answer.closed == (word == "closed")
    if answer.message is None:
        return False
    if word.endswith("+closed"):
        return answer.closed and fits(word.removesuffix("+closed"), answer)
    if word == "other":
        return True
    if word.startswith("not"):
        return not fits(word.removeprefix("not"), answer)
    status = str(answer.status)
    return status[0] == word[0] if word.endswith("xx") else status == word


def verdict(one, answers):
    if callable(one.allows):
        return one.allows(answers)
    passes, _, warns = one.allows.partition("|")
    if any(fits(word, answers[0]) for word in passes.split()):
        return "pass"
    return "warn" if any(fits(word, answers[0]) for word in warns.split()) else "fail"


def message(method, target, *lines, body=b"", version=b"HTTP/1.1", host=b"Host: " + HOST):
    return b"\r\n".join((method + b" " + target + b" " + version, host, *lines)) + b"\r\n\r\n" + body


def get(*lines, target=b"/", method=b"GET", **more):
    return message(method, target, *lines, **more)


def post(*lines, target=b"/", **more):
    return message(b"POST", target, *lines, **more)


def chunked(body, *lines):
    return post(b"Transfer-Encoding: chunked", *lines, body=body)


def echoes(body):
    def check(answer):
        assert answer.message.body == body, answer.message.raw

    return check


def says(*parts):
    def check(answer):
        assert all(part in answer.message.body for part in parts), answer.message.raw

    return check


def never_says(part):
    def check(answer):
        assert part.lower() not in answer.message.body.lower(), answer.message.raw

    return check


def has(name):
    def check(answer):
        assert answer.message.get(name), answer.message.raw

    return check


def lacks(name):
    def check(answer):
        assert not answer.message.all(name), answer.message.raw

    return check


def no_interim(answer):
    assert not answer.interims


def whole(answer):
    assert answer.status != 206
