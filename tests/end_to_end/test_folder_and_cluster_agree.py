# SPDX-License-Identifier: Apache-2.0
"""Whatever objects say, they say the same from a folder and from an API server: every golden input is checked both ways.

Places are left out (a cluster has no files), and so are what a folder alone can have: broken files, an object in two of them, addresses
of loopback (docs/decisions/0002-loopback-endpoints.md). Endpoints are not asked for: a cluster's own controller makes slices of them.
Of Secrets and ConfigMaps a cluster is asked for those that somebody refers to.
"""
import json
import re

import pytest
from fake_api import ROOT, FakeApi
from gateway import once_done

OF_FOLDERS = {"file-broken", "object-in-two-files", "addresses-refused", "endpoints-beside-slices", "endpoints-without-slices"}
CASES = sorted(path.parent for path in ROOT.glob("tests/golden/*/*/expected.txt") if path.parent.name not in OF_FOLDERS)
OPTIONS = {"watch_without_class": "--watch-without-class", "publish": "--publish-address", "default_certificate": "--default-certificate"}
FLAGS = {"https_redirect": "--https-redirect", "external_names": "--allow-external-names"}
BY_NAME = ("Secret", "ConfigMap")
PLACE = re.compile(r" ?\((?:[\w.-]+\.yaml:\d+|[\w.-]+/[\w.-]+)\)")


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with FakeApi(tmp_path_factory.mktemp("api")) as one:
        one.behave(stamps=False)
        yield one


def options_of(case):
    written = case / "options.txt"
    lines = [line.split() for line in written.read_text().splitlines()] if written.exists() else []
    without_class = [value for name, value in lines if name == "watch_without_class"] or ["on"]
    options = ["--watch-without-class", without_class[-1]]
    for name, value in lines:
        if name in FLAGS:
            options.append(FLAGS[name])
        elif name != "watch_without_class":
            options += [OPTIONS[name], value]
    return options


def without_places(value):
    if isinstance(value, dict):
        return {key: without_places(below) for key, below in value.items() if key not in ("file", "line")}
    if isinstance(value, list):
        return sorted((without_places(below) for below in value), key=json.dumps)
    return PLACE.sub("", value) if isinstance(value, str) else value


def is_unused(item):
    return item["kind"] in BY_NAME and any(finding["reason"] == "NotUsed" for finding in item["findings"])


def verdicts(case, *source):
    code, said, errors = once_done("check", "--output", "json", *options_of(case), *source)
    assert code in (0, 1), errors
    return without_places([item for item in json.loads(said)["objects"] if not is_unused(item)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def test_a_golden_input_gets_the_same_verdicts(api, case):
    api.clear()
    api.load(*sorted(case.glob("*.yaml")))
    assert verdicts(case, "--kubeconfig", api.kubeconfig()) == verdicts(case, case)
