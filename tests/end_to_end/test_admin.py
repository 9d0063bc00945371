# SPDX-License-Identifier: Apache-2.0
"""The admin port: /config, /limits, /status and /explain of a running gateway, who may ask for them, and the status file."""
import json
import os
import socket
import stat
import time
import urllib.parse

import pytest
from folder import ingress, path, route, rule, served
from gateway import Gateway, Program, once_done
from raw_client import DEADLINE, Client, once, request
from recorder import listening


class UnixClient(Client):
    def __init__(self, where):
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(DEADLINE)
        connected.connect(str(where))
        self.socket, self.unread, self.was_reset = connected, b"", False


def page(gateway, name, /, *fields, **query):
    """The JSON of a page."""
    target = f"/{name}" + ("?" + urllib.parse.urlencode(query, doseq=True) if query else "")
    response = once(gateway.admin, request("GET", f"localhost:{gateway.admin[1]}", target, *fields))
    assert response.status == 200, response.raw + response.body
    assert response.get("Content-Type") == "application/json"
    return json.loads(response.body)


def until(ask, holds):
    """Asks until the answer is so."""
    deadline = time.monotonic() + DEADLINE
    while not holds(answer := ask()):
        assert time.monotonic() < deadline, answer
    return answer


@pytest.fixture
def gateway(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder) as one:
        yield one


def test_config_is_all_that_is_served(folder):
    folder.write("web.yaml", *served("web", 8080, 8081), ingress("web", rule("web.test", path("/a", "web"), path("/b", "none"))))
    with Gateway(folder, "--trusted-proxies", "10.0.0.0/8") as gateway:
        config = page(gateway, "config")
    (listener,) = config["listeners"]
    assert config["version"] >= 1
    assert listener["port"] == 80 and listener["chain"][0] == {"filter": "forwarded-headers", "trusted": ["10.0.0.0/8"]}
    by_path = {one["path"]: one for one in config["rules"]}
    assert by_path["prefix /a"]["host"] == "web.test"
    origin = by_path["prefix /a"]["origin"]
    assert (origin["kind"], origin["name"], origin["file"], origin["field"]) == ("Ingress", "web", "web.yaml", "spec.rules[0].http.paths[0]")
    assert by_path["prefix /b"]["destinations"][0]["status"] == 503
    (one,) = config["backends"]
    assert {endpoint["address"] for endpoint in one["endpoints"]} == {"127.0.0.1:8080", "127.0.0.1:8081"}
    assert by_path["prefix /a"]["destinations"] == [{"backend": one["id"], "weight": 1}]


def test_limits_are_those_in_force(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder, "--limit", "head-bytes=16384", "--limit", "connections=80") as gateway:
        limits = {one.pop("name"): one for one in page(gateway, "limits")["limits"]}
        assert once(gateway.address, request("GET", "web.test", "/", "X-Much: " + "a" * 17000)).status == 431
    assert limits["head-bytes"] == {"value": 16384, "unit": "bytes", "default": 32768}
    assert limits["head-time"] == {"value": 10000, "unit": "milliseconds", "default": 10000}
    assert (limits["connections"]["value"], limits["source-connections"]["value"], limits["upstream-connections"]["value"]) == (80, 70, 80)
    assert limits["upstream-connections"]["default"] == "as many as `connections`"
    assert limits["process-bytes"]["value"] >= 64 * 2**20


def test_config_follows_an_edit(folder, gateway):
    folder.write("more.yaml", ingress("more", rule("more.test", path("/", "web"))))
    until(lambda: page(gateway, "config"), lambda config: any(one["host"] == "more.test" for one in config["rules"]))


def test_a_large_config_comes_whole(folder):
    folder.write("web.yaml", *served("web", 8080),
                 *(ingress(f"web-{number}", rule(f"h{number}.test", *(path(f"/p{at}", "web") for at in range(10)))) for number in range(200)))
    with Gateway(folder) as gateway:
        assert len(page(gateway, "config")["rules"]) == 2000
        status = page(gateway, "status")
        assert len(status["objects"]) == 202 and status["totals"]["accepted"] == 202


def test_status_has_the_shape_of_check(folder):
    folder.write("web.yaml", *served("web", 8080), ingress("web", rule("web.test", path("/", "web"), path("no-slash", "web"))))
    folder.write_text("broken.yaml", "a: [\n")
    _, said, _ = once_done("check", folder.path, "--output", "json")
    checked = json.loads(said)
    with Gateway(folder) as gateway:
        status = page(gateway, "status")
    assert status.pop("version") >= 1 and status.pop("listeners") == []
    assert status == checked
    assert status["totals"] == {"accepted": 2, "ignored": 0, "rejected": 1, "warnings": 0, "problems": 1, "outside_index": 0}


@pytest.mark.parametrize(("query", "listed"), [
    ({"kind": "Ingress"}, [("Ingress", "web")]),
    ({"name": "web"}, [("Ingress", "web"), ("Service", "web")]),
    ({"namespace": "default", "kind": "Service", "name": "web"}, [("Service", "web")]),
    ({"namespace": "other"}, []),
    ({"namespace": "", "kind": "Ingress"}, [("Ingress", "web")]),
], ids=lambda value: "-".join(value.values()) if isinstance(value, dict) else None)
def test_status_of_some_objects(gateway, query, listed):
    status = page(gateway, "status", **query)
    assert sorted((one["kind"], one["name"]) for one in status["objects"]) == listed
    assert status["totals"]["accepted"] == 3


def test_status_names_an_address_that_could_not_be_bound(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = Program("run", "--config", folder.path, "--address", "127.0.0.1", "--address", "127.0.0.2", "--port-map", f"80={port}",
                          "--health", "off", "--admin", f"unix:{folder.path}.sock", "--workers", "1")
        with program:
            program.errors.wait_for(r"\bready\b")
            with UnixClient(f"{folder.path}.sock") as client:
                status = json.loads(client.get("x", "/status").body)
            (one,) = status["listeners"]
            assert (one["listener"], one["address"]) == ("http", f"127.0.0.1:{port}") and "another process" in one["problem"]


def test_explain_says_what_is_served_now(folder, gateway):
    explained = page(gateway, "explain", url="http://web.test/a?b=c", method="POST", header=["X-A: b", "Accept: */*"])
    assert explained["served"] is True
    assert explained["request"] == {"method": "POST", "host": "web.test", "path": "/a", "query": "b=c", "client": "127.0.0.1"}
    assert explained["rule"]["origin"]["name"] == "web" and explained["rule"]["origin"]["file"] == "web.yaml"
    assert explained["destinations"][0]["endpoints"] == [{"address": "127.0.0.1:8080", "state": "active"}]
    assert page(gateway, "explain", url="http://nobody.test/")["answer"] == {"status": 404, "error": "no_host"}
    folder.write("more.yaml", ingress("more", rule("nobody.test", path("/", "web"))))
    until(lambda: page(gateway, "explain", url="http://nobody.test/"), lambda said: said["served"])


def test_explain_hears_trusted_proxies(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder, "--trusted-proxies", "10.0.0.0/8") as gateway:
        query = {"url": "http://web.test/", "header": "X-Forwarded-For: 192.0.2.7"}
        assert page(gateway, "explain", **query, **{"from": "10.0.0.1"})["request"]["client"] == "192.0.2.7"
        assert page(gateway, "explain", **query, **{"from": "192.0.2.1"})["request"]["client"] == "192.0.2.1"


@pytest.mark.parametrize(("target", "fields"), [("&output=text", ()), ("", ("Accept: text/plain",))], ids=["by-parameter", "by-field"])
def test_explain_as_text(folder, gateway, target, fields):
    response = once(gateway.admin, request("GET", "localhost", "/explain?url=http://web.test/" + target, *fields))
    _, said, _ = once_done("explain", folder.path, "GET", "http://web.test/")
    assert response.get("Content-Type") == "text/plain; charset=utf-8"
    assert response.body.decode() == said and "rule      Ingress default/web (web.yaml:" in said


@pytest.mark.parametrize("query", ["", "?url=", "?url=ftp://web.test/", "?url=web.test", "?url=http://web.test/&from=here",
                                   "?url=http://web.test/&output=xml", "?url=http://web.test:99999/", "?url=http://web.test/&header=A:%0d%0a%0d%0ab",
                                   "?url=http://a:hush@web.test/", "?url=*", "?url=http://web.test/&method=CONNECT"])
def test_explain_names_what_is_wrong_with_the_query(gateway, query):
    response = once(gateway.admin, request("GET", "localhost", "/explain" + query))
    assert response.status == 400 and response.body and b"hush" not in response.body


@pytest.mark.parametrize(("target", "named"), [
    ("/config?kind=Ingress", b"kind"),
    ("/limits?name=head-bytes", b"name"),
    ("/status?names=web", b"names"),
    ("/status?name=web&name=shop", b"name"),
    ("/explain?url=http://web.test/&headers=A:b", b"headers"),
    ("/explain?url=http://web.test/&url=http://web.test/b", b"url"),
])
def test_a_parameter_that_is_unknown_or_given_twice_is_named(gateway, target, named):
    response = once(gateway.admin, request("GET", "localhost", target))
    assert response.status == 400 and b"parameter " + named + b" " in response.body.replace(b";", b" ")


def test_only_reading_and_no_other_page(gateway):
    with Client(gateway.admin) as client:
        assert client.get("localhost", "/").status == 404
        assert client.get("localhost", "/metrics").status == 404
        head = client.ask(request("HEAD", "localhost", "/config"), "HEAD")
        assert head.status == 200 and client.get("localhost", "/explain").status == 400
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert once(gateway.admin, request(method, "localhost", "/config", body=b"x")).status == 405


@pytest.mark.parametrize(("host", "fields", "status"), [
    ("localhost", (), 200),
    ("127.0.0.1:1", (), 200),
    ("[::1]", (), 200),
    ("rebound.test", (), 403),
    ("rebound.test", ("Origin: http://rebound.test",), 403),
    ("localhost", ("Origin: http://localhost",), 200),
    ("localhost", ("Origin: http://evil.test",), 403),
    ("localhost", ("Origin: null",), 403),
    ("localhost", ("Sec-Fetch-Site: none",), 200),
    ("localhost", ("Sec-Fetch-Site: cross-site",), 403),
])
def test_no_page_of_the_web_gets_in(gateway, host, fields, status):
    for name in ("/config", "/limits", "/status", "/explain?url=http://web.test/"):
        response = once(gateway.admin, request("GET", host, name, *fields))
        assert response.status == status, name
        assert response.get("Access-Control-Allow-Origin") is None
        assert response.get("Cross-Origin-Resource-Policy") == "same-origin"


def test_the_admin_pages_are_on_no_other_port(gateway):
    for address in (gateway.health, gateway.address):
        for name in ("/config", "/limits", "/status", "/explain"):
            assert once(address, request("GET", "localhost", name)).status == 404


def test_no_value_of_a_secret_is_shown(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    folder.write("secret.yaml", {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"},
                                 "stringData": {"key": "hush-hush"}, "data": {"broken": "hush*hush"}})
    with Gateway(folder) as gateway:
        for name in ("/config", "/status"):
            assert b"hush" not in once(gateway.admin, request("GET", "localhost", name)).body


def test_values_of_secret_fields_are_shown_as_fingerprints(folder):
    folder.write("web.yaml", *served("web", 8080), {
        "apiVersion": "sallyport.dev/v1alpha1", "kind": "GateRoute", "metadata": {"name": "keyed", "namespace": "default"},
        "spec": {"hosts": ["web.test"], "rules": [{
            "path": {"type": "Prefix", "value": "/"}, "when": [{"header": {"name": "X-Api-Key", "exact": "hush-hush"}}],
            "backends": [{"service": "web", "port": 80}]}]}})
    with Gateway(folder) as gateway:
        for target in ("/config", "/status", "/explain?url=http://web.test/", "/explain?url=http://web.test/&header=X-Api-Key:hush-hush",
                       "/explain?output=text&url=http://web.test/"):
            body = once(gateway.admin, request("GET", "localhost", target)).body
            assert b"hush-hush" not in body, target
            assert target == "/status" or b"sha256:" in body, (target, body)


def test_an_idle_connection_does_not_stay(gateway):
    with Client(gateway.health) as client:
        assert client.get("localhost", "/livez").status == 200
        client.expect_end()


def test_no_text_of_an_object_forges_a_line_of_the_log(folder, gateway):
    folder.write("forged.yaml", {
        "apiVersion": "sallyport.dev/v1alpha1", "kind": "GateRoute", "metadata": {"name": "forged", "namespace": "default"},
        "spec": {"hosts": ["web.test"], "rules": [{
            "path": {"type": "Regex", "value": "(\n2026-01-01T00:00:00.000Z info accepted Ingress bank/login\x1b[2J\x85"},
            "backends": [{"service": "web", "port": 80}]}]}})
    line = gateway.errors.wait_for(r"GateRoute default/forged")
    folder.write("more.yaml", ingress("more", rule("more.test", path("/", "web"))))
    gateway.errors.wait_for(r"accepted Ingress default/more\b")
    assert "bank/login" in line and line.isprintable()
    assert [said for said in gateway.errors.lines if "bank/login" in said] == [line]


def test_more_connections_than_the_cap_are_closed(gateway):
    clients = [Client(gateway.admin) for _ in range(64)]
    for client in clients:
        assert client.get("localhost", "/status").status == 200
    with Client(gateway.admin) as one_more:
        one_more.expect_end()
    for client in clients:
        client.close()
    assert once(gateway.health, request("GET", "localhost", "/livez")).status == 200


def test_a_unix_socket_is_for_its_owner_and_goes_at_the_end(folder, tmp_path):
    where = tmp_path / "admin.sock"
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder, "--admin", f"unix:{where}") as gateway:
        assert any(f"on unix:{where}" in line for line in gateway.errors.lines)
        assert stat.S_IMODE(where.stat().st_mode) == 0o600
        with UnixClient(where) as client:
            assert client.get("whatever.test", "/status").status == 200
            assert json.loads(client.get("whatever.test", "/config").body)["rules"]
        code, _, said = once_done("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", "off",
                                  "--admin", f"unix:{where}")
        assert code == 1 and "another process listens on it" in said
    assert not where.exists()


def test_a_unix_socket_that_a_killed_process_left_is_replaced(folder, tmp_path):
    where = tmp_path / "admin.sock"
    killed = Program("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", "off", "--admin",
                     f"unix:{where}")
    killed.errors.wait_for(r"\bready\b")
    killed.kill()
    assert where.exists()
    with Gateway(folder, "--admin", f"unix:{where}"), UnixClient(where) as client:
        assert client.get("x", "/status").status == 200


def test_a_client_that_reads_slowly_holds_nobody_up(folder):
    folder.write("web.yaml", *served("web", 8080),
                 *(ingress(f"web-{number}", rule(f"h{number}.test", *(path(f"/p{at}", "web") for at in range(10)))) for number in range(300)))
    with Gateway(folder) as gateway, Client(gateway.admin, receive_buffer=4096) as slow:
        slow.send(request("GET", "localhost", "/config"))
        slow.read_response_head()
        folder.write("more.yaml", route("more.test", "web", name="more"))
        until(lambda: page(gateway, "explain", url="http://more.test/"), lambda said: said["served"])
        assert once(gateway.health, request("GET", "localhost", "/livez")).status == 200


# --status-file

def read(where):
    return json.loads(where.read_text()) if where.exists() else {"objects": []}


def verdict(status, name):
    return {one["name"]: one["verdict"] for one in status["objects"] if one["kind"] == "Ingress"}.get(name)


def test_the_status_file_follows_every_change(folder, tmp_path):
    where = tmp_path / "status.json"
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder, "--status-file", where) as gateway:
        until(lambda: read(where), lambda status: verdict(status, "web") == "accepted")
        folder.write("more.yaml", route("more.test", "none", name="more"))
        until(lambda: read(where), lambda status: verdict(status, "more") == "rejected")
        folder.write_text("broken.yaml", "a: [\n")
        until(lambda: read(where), lambda status: status["problems"])
        folder.remove("broken.yaml")
        folder.remove("more.yaml")
        until(lambda: read(where), lambda status: verdict(status, "more") is None and not status["problems"])
        for port in (8081, 8082):  # no verdict changes, only the version
            version = read(where)["version"]
            folder.write("web.yaml", *served("web", port), route("web.test", "web"))
            until(lambda: read(where), lambda status, before=version: status["version"] > before and status == page(gateway, "status"))
    assert sorted(os.listdir(tmp_path)) == ["objects", "status.json"]


def test_the_last_state_is_in_the_status_file_at_the_end(folder, tmp_path):
    where = tmp_path / "status.json"
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder, "--status-file", where) as gateway:
        for number in range(10):
            folder.write("more.yaml", route("more.test", "none", name=f"more-{number}"))
            gateway.errors.wait_for(rf"rejected Ingress default/more-{number}\b")
    assert verdict(read(where), "more-9") == "rejected"


def test_every_reader_of_the_status_file_gets_one_whole_state(folder, tmp_path):
    where = tmp_path / "status.json"
    folder.write("web.yaml", *served("web", 8080), *(route(f"h{number}.test", "web", name=f"i{number}") for number in range(200)))
    with Gateway(folder, "--status-file", where):
        until(lambda: read(where), lambda status: len(status["objects"]) == 202)
        seen = set()
        for number in range(2000):
            if number % 100 == 0:
                folder.write("more.yaml", route("more.test", "web", name=f"more-{number}"))
            seen.add(len(read(where)["objects"]))
        assert seen <= {202, 203}


def test_a_status_file_that_cannot_be_written_is_said_once_and_is_not_fatal(folder, tmp_path):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    with Gateway(folder, "--status-file", tmp_path / "none" / "status.json") as gateway:
        gateway.errors.wait_for(r"--status-file .*No such file or directory")
        for number in range(3):
            folder.write("more.yaml", route("more.test", "none", name=f"more-{number}"))
            gateway.errors.wait_for(rf"rejected Ingress default/more-{number}\b")
        assert once(gateway.address, request("GET", "nobody.test")).status == 404
    assert sum("--status-file" in line for line in gateway.errors.lines) == 1


@pytest.mark.parametrize("what", ["pipe", "link", "device", "directory"])
def test_only_a_regular_file_can_be_the_status_file(folder, tmp_path, what):
    where = tmp_path / "status.json"
    (tmp_path / "precious").write_text("precious")
    if what == "pipe":
        os.mkfifo(where)
    elif what == "link":
        where.symlink_to("precious")
    elif what == "directory":
        where.mkdir()
    else:
        where = "/dev/null"
    before = os.lstat(where)
    code, _, said = once_done("run", "--config", folder.path, "--status-file", where)
    assert code == 2 and "--status-file" in said
    assert os.lstat(where).st_mode == before.st_mode and (tmp_path / "precious").read_text() == "precious"


def test_a_status_file_in_the_folder_is_refused(folder):
    for name in ("status.json", "below/../status.json"):
        code, _, said = once_done("run", "--config", folder.path, "--status-file", os.path.join(folder.path, name))
        assert code == 2 and "--status-file" in said
