# SPDX-License-Identifier: Apache-2.0
"""What `sallyport explain`, /explain and X-Sallyport-Explain say of a request is what the gateway does with it: status, rule, backend.

Said and done are brought into one form each (`Fate`), so that a difference shows as one.
"""
import collections
import json
import re
import urllib.parse
from typing import NamedTuple

import pytest
from folder import documents, served
from gateway import Gateway, once_done
from origins import Origins
from raw_client import Client, once, request
from scale_layouts import LAYOUTS, SERVICES, TRUSTED, requests

REQUESTS = 300
BY_COMMAND = 30  # of each layout; a process each
MEMBER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|(\d+))')
OPTIONS = ("--trusted-proxies", TRUSTED)


class Fate(NamedTuple):
    status: int
    error: str | None  # the gateway's word for why it answered itself
    error_rule: str | None  # the rule of HTTP that refused it
    rule: tuple | None  # kind, namespace, name, field
    backend: str | None
    answered: str | None  # the Service that did

    def __str__(self):
        return ", ".join(f"{name} {value}" for name, value in self._asdict().items() if value is not None)


def service_of(backend):
    return re.search(r"default/(\w+)", backend).group(1)


def explained(page):
    """All fates that an explanation leaves open: one for each destination with a weight."""
    if "rule" not in page:
        answer = page["answer"]
        return [Fate(answer["status"], answer["error"], answer.get("error_rule"), None, None, None)]
    origin = page["rule"]["origin"]
    rule = (origin["kind"], origin["namespace"], origin["name"], origin["field"])
    fates = []
    for one in page["destinations"]:
        if "backend" not in one:
            fates.append(Fate(one["status"], one["error"], None, rule, None, None))
        elif not one.get("endpoints"):
            fates.append(Fate(503, "no_endpoints", None, rule, one["backend"], None))
        else:
            fates.append(Fate(200, None, None, rule, one["backend"], service_of(one["backend"])))
    answer = page.get("answer")
    if answer and {(answer["status"], answer["error"])} != {(fate.status, fate.error) for fate in fates}:
        # Not for want of somewhere to go: the rule refuses it before that is looked for.
        return [Fate(answer["status"], answer["error"], answer.get("error_rule"), rule, None, None)]
    return fates


def done(asked, response, entry):
    rule = entry.get("rule")
    assert entry["status"] == response.status, (entry, response.raw)
    answered = json.loads(response.body)["service"] if response.status == 200 and asked.method != "HEAD" else None
    if answered is None and response.status == 200:
        answered = service_of(entry["backend"])  # an answer to HEAD has no body that could say
    return Fate(response.status, entry.get("error"), entry.get("error_rule"),
                rule and (rule["kind"], rule["namespace"], rule["name"], rule["field"]), entry.get("backend"), answered)


def lines_of(asked):
    """The header lines for an explanation; a Host among them stands for the URL's, so both are given."""
    has_host = any(line.lower().startswith("host:") for line in asked.headers)
    return [f"Host: {asked.host}", *asked.headers] if has_host else list(asked.headers)


def by_page(gateway, asked):
    query = [("url", asked.url), ("method", asked.method), ("from", asked.source), *(("header", line) for line in lines_of(asked))]
    host = f"{gateway.admin[0]}:{gateway.admin[1]}"
    response = once(gateway.admin, request("GET", host, "/explain?" + urllib.parse.urlencode(query)))
    assert response.status == 200, (str(asked), response.raw)
    return json.loads(response.body)


def by_command(folder, asked):
    headers = [part for line in lines_of(asked) for part in ("-H", line)]
    code, out, errors = once_done("explain", folder.path, asked.method, asked.url, *headers, "--from", asked.source, "--output", "json",
                                  *OPTIONS)
    assert code in (0, 1), (str(asked), errors)
    page = json.loads(out)
    assert (code == 0) == page["served"], (str(asked), out)
    return page


def by_header(response):
    """The members of X-Sallyport-Explain, where the request came as far as the choice of a rule."""
    field = response.get("X-Sallyport-Explain")
    if field is None:
        return None
    assert re.fullmatch(r"[ -~]*", field), field
    return {name: urllib.parse.unquote(re.sub(r"\\(.)", r"\1", text)) if number == "" else int(number)
            for name, text, number in MEMBER.findall(field)}


def ask(gateway, asked, number):
    with Client(gateway.address, source=asked.source) as client:
        response = client.ask(asked.raw, asked.method)
    line = gateway.output.wait_until(lambda lines: len(lines) > number)[number]
    return response, json.loads(line)


def compare_header(asked, response, fate, page, entry):
    said = by_header(response)
    if said is None:
        assert fate.error_rule is not None and fate.rule is None, f"{asked}: no X-Sallyport-Explain, and {fate}"
        return
    assert said.get("backend") == fate.backend, f"{asked}: X-Sallyport-Explain says {said}, done was {fate}"
    assert said.get("endpoint") == entry.get("endpoint"), f"{asked}: X-Sallyport-Explain says {said}, done was {entry}"
    assert said.get("answer") == fate.error, f"{asked}: X-Sallyport-Explain says {said}, done was {fate}"
    assert ("rule" in said) == ("rule" in page), f"{asked}: X-Sallyport-Explain says {said}, /explain {page}"
    if fate.rule:
        origin = page["rule"]["origin"]
        label = f"{origin['kind']} {origin['namespace']}/{origin['name']} {page['rule']['host']} {page['rule']['path']}"
        assert said["rule"] == label, f"{asked}: X-Sallyport-Explain says {said}, /explain {page}"
        place = f"{origin['file']}:{origin['line']}:{origin['field']}"
        assert said["at"] == place, f"{asked}: X-Sallyport-Explain says {said}, /explain {origin}"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_explained_is_what_is_done(layout, folder, capsys):
    objects, asks = requests(layout, REQUESTS)
    outcomes, rules = collections.Counter(), set()
    with Origins(*SERVICES) as origins:
        folder.write("services.yaml", *(item for name, port in origins.ports.items() for item in served(name, port)))
        folder.write_text("routes.yaml", documents(objects))
        with Gateway(folder, "--explain-from", "127.0.0.0/8", "--explain-from", "203.0.113.0/24", *OPTIONS, access_log="-") as gateway:
            for number, asked in enumerate(asks):
                page = by_page(gateway, asked)
                fates = explained(page)
                response, entry = ask(gateway, asked, number)
                fate = done(asked, response, entry)
                said = " or ".join(map(str, fates))
                assert fate in fates, f"{asked}\n  explained: {said}\n  done:      {fate}\n  page: {page}\n  log: {entry}"
                compare_header(asked, response, fate, page, entry)
                if number % (REQUESTS // BY_COMMAND) == 0:
                    printed = by_command(folder, asked)
                    assert explained(printed) == fates, f"{asked}: the command says {printed}, /explain {page}"
                outcomes[fate.error or fate.status] += 1
                rules.add(page["rule"]["id"] if "rule" in page else None)
    with capsys.disabled():
        print(f"\n{layout}: {dict(outcomes.most_common())}, by {len(rules)} rules")
    assert outcomes[200] > REQUESTS / 4 and outcomes["bad_path"] > 5 and len(outcomes) > 5 and len(rules) > 15, (outcomes, rules)
