# SPDX-License-Identifier: Apache-2.0
"""sallyport.dev/encoded-slash and sallyport.dev/merge-slashes: an Ingress decides for its own requests, and for nobody else's."""
import json

import pytest
from folder import Folder, ingress, path, rule, served
from gateway import Gateway, once_done
from raw_client import Client, request
from recorder import Recorder
from sites import own

RULES = {"plain": {}, "keep": {"sallyport.dev/encoded-slash": "keep"}, "unmerged": {"sallyport.dev/merge-slashes": "off"},
         "both": {"sallyport.dev/encoded-slash": "keep", "sallyport.dev/merge-slashes": "off"}}


def objects(port):
    made = [ingress(name, rule(f"{name}.test", path("/", "web")), annotations=annotations) for name, annotations in RULES.items()]
    return [*served("web", port), *made]


@pytest.fixture(scope="module")
def origin():
    with Recorder() as one:
        yield one


@pytest.fixture(scope="module")
def start(origin, tmp_path_factory):
    """start("--option", …): the gateway with these options, kept for the module."""
    started = {}

    def give(*options):
        if options not in started:
            folder = Folder(tmp_path_factory.mktemp("annotated"))
            folder.write("web.yaml", *objects(origin.port))
            started[options] = Gateway(folder, *options)
        return started[options]

    yield give
    for gateway in started.values():
        gateway.finish()


def arrives(gateway, origin, host, target):
    """The target that the origin gets, or None when the gateway refuses the path and names option and annotation."""
    with Client(gateway.address) as client:
        client.send(request("GET", host, target))
        if host in ("plain.test", "unmerged.test") and "%2f" in target.lower():
            response = client.read_response()
            assert response.status == 400 and b"(H1-20)" in response.body, response.raw
            assert b"--encoded-slash" in response.body and b"sallyport.dev/encoded-slash" in response.body
            assert not origin.has_connection()
            return None
        arrived = origin.serve()
        assert own(arrived) == request("GET", host, arrived.target)
        assert client.read_response().status == 200
        return arrived.target


@pytest.mark.parametrize(("host", "target", "expected"), [
    ("plain.test", "/a%2fb", None),
    ("plain.test", "/a//b", "/a/b"),
    ("keep.test", "/a%2fb", "/a%2Fb"),
    ("keep.test", "/a//b%2Fc", "/a/b%2Fc"),
    ("unmerged.test", "/a%2fb", None),
    ("unmerged.test", "/a//b", "/a//b"),
    ("unmerged.test", "//a/../b", "//b"),
    ("both.test", "/a//b%2fc", "/a//b%2Fc"),
])
def test_an_ingress_decides_for_its_own_requests(start, origin, host, target, expected):
    assert arrives(start(), origin, host, target) == expected


@pytest.mark.parametrize(("host", "target", "expected"), [("keep.test", "/a//b", "/a//b"), ("both.test", "/a//b%2f", "/a//b%2F")])
def test_an_option_holds_where_no_annotation_says_otherwise(start, origin, host, target, expected):
    assert arrives(start("--merge-slashes", "off"), origin, host, target) == expected


@pytest.mark.parametrize("target", ["/a%2f..%2fb", "/..%2fa", "/a%2f%2e%2e"])
def test_dots_beside_an_encoded_slash_are_refused_even_by_who_keeps_it(start, origin, target):
    with Client(start().address) as client:
        response = client.get("keep.test", target)
        assert response.status == 400 and b"(H1-20)" in response.body
    assert not origin.has_connection()


def test_rules_of_one_host_with_different_options_each_get_their_form(origin, tmp_path):
    folder = Folder(tmp_path)
    off = {"sallyport.dev/merge-slashes": "off"}
    folder.write("web.yaml", *served("web", origin.port), ingress("merged", rule("mixed.test", path("/a/b", "web"))),
                 ingress("unmerged", rule("mixed.test", path("/", "web")), annotations=off))
    with Gateway(folder) as gateway:
        assert arrives(gateway, origin, "mixed.test", "/a//b") == "/a/b"
        assert arrives(gateway, origin, "mixed.test", "/c//b") == "/c//b"


@pytest.mark.parametrize("annotation", ["sallyport.dev/encoded-slash", "sallyport.dev/merge-slashes"])
def test_a_value_that_means_nothing_is_rejected_and_named(folder, annotation):
    folder.write("web.yaml", *served("web", 8080), ingress("web", rule("web.test", path("/", "web")), annotations={annotation: "perhaps"}))
    code, said, _ = once_done("check", folder.path, "--output", "json")
    (found,) = [item for item in json.loads(said)["objects"] if item["kind"] == "Ingress"]
    assert code == 1 and annotation in found["findings"][0]["message"] and annotation in found["findings"][0]["field"]
