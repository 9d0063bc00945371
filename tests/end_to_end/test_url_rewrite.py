# SPDX-License-Identifier: Apache-2.0
"""GateRoute's rewrite: what the upstream is asked for, what is refused, and what everybody else still sees."""
import json

import pytest
from folder import Folder, described, served
from gateway import Gateway, once_done
from raw_client import Client, request
from recorder import Recorder

HOST = "shop.test"


def ruled(path, rewrite=None, **more):
    return {"path": path, "backends": [{"service": "web", "port": 80}]} | ({"rewrite": rewrite} if rewrite else {}) | more


def prefix(value, by):
    return ruled({"type": "Prefix", "value": value}, {"path": {"type": "ReplacePrefixMatch", "value": by}})


def regex(value, pattern, by):
    return ruled({"type": "Prefix", "value": value}, {"path": {"type": "ReplaceRegexMatch", "regex": pattern, "value": by}})


def route(*rules, name="shop", hosts=(HOST,), **metadata):
    return described("sallyport.dev/v1alpha1", "GateRoute", name, **metadata) | {"spec": {"hosts": list(hosts), "rules": list(rules)}}


RULES = [
    prefix("/foo", "/xyz"),
    prefix("/slash/", "/xyz/"),
    prefix("/off", ""),
    prefix("/strip", "/"),
    ruled({"type": "Prefix", "value": "/Any", "ignoreCase": True}, {"path": {"type": "ReplacePrefixMatch", "value": "/xyz"}}),
    ruled({"type": "BytePrefix", "value": "/v1."}, {"path": {"type": "ReplacePrefixMatch", "value": "/v2."}}),
    ruled({"type": "BytePrefix", "value": "/climb"}, {"path": {"type": "ReplacePrefixMatch", "value": "/a/b/"}}),
    ruled({"type": "Prefix", "value": "/whole"}, {"path": {"type": "ReplaceFullPath", "value": "/landing"}}),
    regex("/user", "^/user/([0-9]+)/(.*)$", r"/\2/of/\1"),
    regex("/words", "_", "-"),
    regex("/cut", "25", ""),
    regex("/grow", "^/grow/(.*)$", "/" + r"\1" * 9),
    ruled({"type": "Prefix", "value": "/host"}, {"hostname": "shop.internal"}),
    ruled({"type": "Prefix", "value": "/both"}, {"hostname": "shop.internal", "path": {"type": "ReplacePrefixMatch", "value": "/in"}},
          requestHeaders={"set": [{"name": "X-Stage", "value": "2"}]}),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with Recorder() as origin:
        folder = Folder(tmp_path_factory.mktemp("rewrite"))
        folder.write("all.yaml", *served("web", origin.port), route(*RULES),
                     route(prefix("/", "/in"), name="kept", hosts=["kept.test"], annotations={"sallyport.dev/encoded-slash": "keep"}))
        with Gateway(folder) as gateway:
            gateway.origin, gateway.folder = origin, folder
            yield gateway


def arrives(world, target, host=HOST):
    with Client(world.address) as client:
        client.send(request("GET", host, target))
        arrived = world.origin.serve()
        assert client.read_response().status == 200
        return arrived


def refuses(world, target, status=400, host=HOST):
    with Client(world.address) as client:
        response = client.get(host, target)
        assert response.status == status and b"(H1-20)" in response.body, response.raw
        assert response.closes
    assert not world.origin.has_connection()


@pytest.mark.parametrize(("target", "expected"), [
    ("/foo/bar", "/xyz/bar"), ("/foo", "/xyz"), ("/foo/", "/xyz/"), ("/foo/bar?a=b&c", "/xyz/bar?a=b&c"), ("/foo?", "/xyz?"),
    ("/slash/bar", "/xyz/bar"), ("/slash", "/xyz"), ("/slash/", "/xyz/"),
    ("/off/bar", "/bar"), ("/off/", "/"), ("/off", "/"), ("/strip/bar", "/bar"), ("/strip/", "/"), ("/strip", "/"),
    ("/aNY/Bar", "/xyz/Bar"), ("/v1.7/a", "/v2.7/a"), ("/whole/thing?a", "/landing?a"),
    ("/user/7/cart", "/cart/of/7"), ("/user/7/a%20b/c", "/a%20b/c/of/7"), ("/user/x", "/user/x"), ("/words/a_b_c?d_e", "/words/a-b-c?d_e"),
    ("//foo/../foo/%62ar", "/xyz/bar"), ("/foo/%3b%C3%a9", "/xyz/%3B%C3%A9"), ("/foo/%252e%252e/x", "/xyz/%252e%252e/x"),
])
def test_the_upstream_is_asked_for_the_rewritten_path(world, target, expected):
    assert arrives(world, target).target == expected


@pytest.mark.parametrize("target", ["/climb../admin", "/climb./admin", "/climb..", "/climb/admin", "/cut/%252e%252e/%252e%252e/admin", "/cut/%2541",
                                    "/cut/%252f", "/cut/%2500", "/cut/%255c", "/cut/%25", "/words/" + "_" * 65])
def test_what_is_not_canonical_afterwards_is_never_sent(world, target):
    refuses(world, target)


def test_what_becomes_too_long_is_refused(world):
    assert len(arrives(world, "/grow/" + "a" * 900).target) == 8101
    refuses(world, "/grow/" + "a" * 1000, 414)


def test_an_encoded_slash_is_the_rules_to_keep(world):
    assert arrives(world, "/a%2fb", "kept.test").target == "/in/a%2Fb"
    refuses(world, "/foo/a%2fb")


def test_the_host_name_goes_up_and_the_clients_is_told_beside_it(world):
    arrived = arrives(world, "/host/a")
    assert (arrived.target, arrived.get("Host"), arrived.get("X-Forwarded-Host")) == ("/host/a", "shop.internal", HOST)
    assert arrives(world, "/foo", HOST).get("Host") == HOST


def test_header_changes_go_with_it(world):
    arrived = arrives(world, "/both/a")
    assert (arrived.target, arrived.get("Host"), arrived.get("X-Stage")) == ("/in/a", "shop.internal", "2")


def test_a_rewritten_websocket_reaches_the_upstream(world):
    fields = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    with Client(world.address) as client:
        client.send(request("GET", HOST, "/both/socket", *fields))
        connection = world.origin.accept()
        assert connection.read_request_head().target == "/in/socket"
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
        assert client.read_response_head().status == 101
        connection.close()


def test_explain_and_config_show_it(world):
    code, said, _ = once_done("explain", world.folder.path, "GET", f"http://{HOST}/both/a")
    assert code == 0 and "url-rewrite" in said and "rewrite   to /in/a of host shop.internal\n" in said
    code, said, _ = once_done("explain", world.folder.path, "GET", f"http://{HOST}/climb../a")
    assert code == 1 and "answer    400 bad_path (H1-20): " in said and "rewrite   " not in said
    code, said, _ = once_done("explain", "--output", "json", world.folder.path, "GET", f"http://{HOST}/user/7/cart")
    assert json.loads(said)["rule"]["rewritten"] == {"path": "/cart/of/7"}
    with Client(world.admin) as client:
        rules = json.loads(client.get("localhost", "/config").body)["rules"]
    chains = [one for rule in rules for one in rule.get("chain", []) if one["filter"] == "url-rewrite"]
    assert {"filter": "url-rewrite", "hostname": "shop.internal", "replace_prefix": "/in"} in chains
    assert {"filter": "url-rewrite", "replace_path": "/landing"} in chains
    assert {"filter": "url-rewrite", "replace_regex": "_", "by": "-"} in chains


# A rule that is wrong is left out with a finding, and its requests go where they went without it.
def test_a_rewriting_that_is_wrong_takes_its_rule_along(tmp_path):
    folder = Folder(tmp_path / "objects")
    bad = regex("/bad", "(a)", r"/\2")
    with Recorder() as origin:
        folder.write("all.yaml", *served("web", origin.port), route(bad, prefix("/good", "/xyz")))
        code, said, _ = once_done("check", "--output", "json", folder.path)
        found = [one for one in json.loads(said)["objects"] if one["kind"] == "GateRoute"][0]["findings"]
        assert code == 1
        assert [(one["reason"], one["field"]) for one in found] == [("InvalidRewrite", "spec.rules[0].rewrite.path.value")]
        with Gateway(folder) as gateway:
            gateway.origin = origin
            assert arrives(gateway, "/good/a").target == "/xyz/a"
            with Client(gateway.address) as client:
                assert client.get(HOST, "/bad/a").status == 404


def test_the_access_log_has_the_path_that_came(tmp_path):
    folder, log = Folder(tmp_path / "objects"), tmp_path / "access.log"
    with Recorder() as origin:
        folder.write("all.yaml", *served("web", origin.port), route(prefix("/foo", "/xyz")))
        with Gateway(folder, access_log=str(log)) as gateway:
            gateway.origin = origin
            assert arrives(gateway, "/foo/bar?a").target == "/xyz/bar?a"
        line = json.loads(log.read_text().splitlines()[0])
    assert (line["path"], line["query"], line["host"]) == ("/foo/bar", "a", HOST)
