# SPDX-License-Identifier: Apache-2.0
"""What an operator sees: the access log, the read-only port, the metrics."""
import json
import os
import pathlib
import random
import re
import signal

import pytest
from folder import ingress, path, route, rule, served, service
from gateway import Gateway
from raw_client import Client, once, request
from recorder import Recorder, listening


@pytest.fixture
def origin():
    with Recorder() as one:
        yield one


@pytest.fixture
def logged(folder, origin):
    """A gateway that logs to its standard output, with a Service that has an endpoint and one that has none."""
    folder.write("web.yaml", *served("web", origin.port), service("empty"),
                 ingress("web", rule("web.test", path("/", "web"), path("/empty", "empty"))))
    with Gateway(folder, access_log="-") as gateway:
        yield gateway


def entry(gateway, number=0):
    """The number-th line of the log."""
    lines = gateway.output.wait_until(lambda lines: len(lines) > number)
    return json.loads(lines[number])


def test_a_line_says_who_asked_for_what_and_who_answered(logged, origin):
    with Client(logged.address) as client:
        client.send(request("POST", "web.test", "/a/%62?c=d", "User-Agent: test/1.0", body=b"hello"))
        arrived = origin.serve(201, b"made")
        assert client.read_response().status == 201
    said = entry(logged)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said["time"])
    expected = {"client": "127.0.0.1", "method": "POST", "host": "web.test", "path": "/a/b", "query": "c=d", "user_agent": "test/1.0",
                "status": 201, "received": 5, "sent": 4, "request_id": arrived.get("X-Request-Id"), "endpoint": f"127.0.0.1:{origin.port}"}
    assert {name: said.get(name) for name in expected} == expected
    assert (said["rule"]["kind"], said["rule"]["namespace"], said["rule"]["name"]) == ("Ingress", "default", "web")
    assert "web" in said["backend"] and said["duration_us"] > 0 and "error" not in said


@pytest.mark.parametrize(("data", "status", "error", "error_rule"), [
    (request("GET", "nobody.test"), 404, "no_host", None),
    (request("GET", "web.test", "/empty"), 503, "no_endpoints", None),
    (request("GET", "web.test", "/%00"), 400, "bad_path", "H1-20"),
    (request("GET", "web.test", "/", "Content-Length: x"), 400, "bad_request", "H1-3"),
    (request("TRACE", "web.test"), 405, "method_not_allowed", "H1-11"),
    (b"GET / HTTP/1.1\r\n\r\n", 400, "bad_request", "H1-9"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "bad_request", "H1-11"),
], ids=["no-host", "no-endpoints", "bad-path", "bad-length", "method", "without-host", "a-TLS-hello"])
def test_a_line_says_why_the_gateway_answered_itself(logged, data, status, error, error_rule):
    assert once(logged.address, data).status == status
    said = entry(logged)
    assert (said["status"], said["error"], said.get("error_rule")) == (status, error, error_rule)


def test_a_line_of_an_origin_that_failed(logged, origin):
    with Client(logged.address) as client:
        client.send(request("GET", "web.test"))
        connection, _ = origin.request()
        connection.send(b"nonsense\r\n\r\n")
        assert client.read_response().status == 502
    said = entry(logged)
    assert (said["status"], said["error"], said["error_rule"], said["endpoint"]) == (502, "upstream_malformed", "H1-18", f"127.0.0.1:{origin.port}")


def test_a_line_of_a_client_that_went_away(logged, origin):
    with Client(logged.address) as client:
        client.send(request("GET", "web.test", "/gone"))
        connection, _ = origin.request()
        client.reset()
    connection.expect_end()
    said = entry(logged)
    assert (said["path"], said["error"]) == ("/gone", "client_gone")


def test_a_line_of_an_answer_that_was_cut_short(logged, origin):
    with Client(logged.address) as client:
        client.send(request("GET", "web.test"))
        connection, _ = origin.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
        assert client.read_response_head().status == 200
        connection.close()
        client.take_to_end()
    said = entry(logged)
    assert (said["status"], said["error"], said["sent"]) == (200, "upstream_truncated", 5)


@pytest.mark.parametrize("where", ["value", "query", "host", "path"])
def test_no_byte_can_break_a_line(logged, origin, where):
    number = 0
    for byte in range(256):
        piece = bytes([byte])
        data = {"value": b"GET / HTTP/1.1\r\nHost: web.test\r\nUser-Agent: a" + piece + b"b\r\n\r\n",
                "query": b"GET /?a" + piece + b"b HTTP/1.1\r\nHost: web.test\r\n\r\n",
                "host": b"GET / HTTP/1.1\r\nHost: a" + piece + b"b\r\n\r\n",
                "path": b"GET /a" + piece + b"b HTTP/1.1\r\nHost: web.test\r\n\r\n"}[where]
        with Client(logged.address) as client:
            client.send(data)
            client.shutdown_write()
            # Either the gateway answers by itself, or it asks the origin; what an answer is, does not matter here.
            while not origin.has_connection() and client.unread == b"":
                if not readable(client, origin):
                    client.fill()
            if client.unread == b"":
                origin.serve()
            assert client.read_response().status in (200, 400, 404, 505)
        said = entry(logged, number)
        assert said["client"] == "127.0.0.1" and "duration_us" in said
        number += 1
    assert len(logged.output.lines) == number


def readable(client, origin):
    """Blocks until one of both is; whether it is the origin."""
    import select
    ready = select.select([client.socket, origin.listener], [], [], 20)[0]
    assert ready
    return client.socket not in ready


def test_a_long_value_is_cut(logged, origin):
    with Client(logged.address) as client:
        client.send(request("GET", "web.test", "/" + "a" * 5000, "User-Agent: " + "\xe9" * 5000))
        origin.serve()
        assert client.read_response().status == 200
    said = entry(logged)
    assert said["path"].startswith("/aaa") and len(logged.output.lines[0]) < 20000


def test_every_request_of_a_pipeline_has_its_line(logged, origin):
    with Client(logged.address) as client:
        client.send(b"".join(request("GET", "web.test", f"/{number}") for number in range(50)))
        connection = origin.accept()
        for _ in range(50):
            connection.read_request()
            connection.answer()
            assert client.read_response().status == 200
    assert [entry(logged, number)["path"] for number in range(50)] == [f"/{number}" for number in range(50)]


def test_usr1_opens_the_log_anew_and_no_line_is_lost(folder, origin, tmp_path):
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    log, moved = tmp_path / "access.log", tmp_path / "access.log.1"
    asked = 0
    with Gateway(folder, access_log=log) as gateway, Client(gateway.address) as client:
        def ask():
            assert client.get("nobody.test", f"/{asked}").status == 404

        for asked in range(5):
            ask()
        os.rename(log, moved)
        gateway.send_signal(signal.SIGUSR1)
        while not log.exists():
            asked += 1
            ask()
            assert asked < 100000
        asked += 1
        ask()
    lines = moved.read_text().splitlines() + log.read_text().splitlines()
    assert [json.loads(line)["path"] for line in lines] == [f"/{number}" for number in range(asked + 1)]


def test_the_log_may_be_off(folder, origin):
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    with Gateway(folder, access_log="off") as gateway:
        assert once(gateway.address, request("GET", "nobody.test")).status == 404
    assert gateway.output.lines == []


def test_a_log_that_nobody_reads_holds_no_request_back_and_lines_are_counted_as_lost(folder, tmp_path):
    reader, writer = os.pipe()
    with Gateway(folder, access_log="-", output=writer) as gateway, Client(gateway.address) as client:
        for _ in range(2500):
            assert client.get("nobody.test", "/" + "a" * 900).status == 404
        assert sample(gateway, "sallyport_access_log_lines_lost_total") > 0
        os.close(writer)
        gateway.finish()
    os.close(reader)


def test_a_log_whose_reader_is_gone_does_not_end_the_gateway(folder):
    reader, writer = os.pipe()
    with Gateway(folder, access_log="-", output=writer) as gateway, Client(gateway.address) as client:
        os.close(reader)
        for _ in range(20):
            assert client.get("nobody.test").status == 404
    os.close(writer)


def test_usr1_without_a_log_file_does_nothing(folder):
    with Gateway(folder) as gateway:
        gateway.send_signal(signal.SIGUSR1)
        assert once(gateway.address, request("GET", "nobody.test")).status == 404


@pytest.mark.parametrize("page", ["/livez", "/healthz", "/readyz"])
def test_health_pages(site, page):
    with Client(site.gateway.health) as client:
        response = client.get("localhost", page)
        assert (response.status, response.body) == (200, b"ok\n")
        assert client.ask(request("HEAD", "localhost", page), "HEAD").status == 200
        assert client.get("localhost", "/other").status == 404
    assert once(site.gateway.health, request("POST", "localhost", page, body=b"x")).status == 405


def test_health_pages_are_not_on_the_gateways_own_port(site):
    assert once(site.gateway.address, request("GET", "localhost", "/readyz")).status == 404


def test_not_ready_while_every_worker_does_not_serve_yet(folder, origin):
    """From the first moment that the port answers, `ok` is said only when requests are served."""
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    with Gateway(folder) as gateway:
        assert once(gateway.health, request("GET", "localhost", "/readyz")).status == 200
        with Client(gateway.address) as client:
            client.send(request("GET", "web.test"))
            origin.serve()
            assert client.read_response().status == 200


def test_a_broken_file_does_not_keep_it_from_being_ready(folder, origin):
    folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
    folder.write_text("broken.yaml", "a: [\n")
    with Gateway(folder) as gateway:
        assert once(gateway.health, request("GET", "localhost", "/readyz")).status == 200
        gateway.errors.wait_for(r"broken\.yaml")


def sample(gateway, name, **labels):
    """The value of one sample of /metrics."""
    response = once(gateway.health, request("GET", "localhost", "/metrics"))
    assert response.status == 200 and response.get("Content-Type").startswith("text/plain; version=0.0.4")
    for line in response.body.decode().splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found and found.group(1) == name:
            given = dict(re.findall(r'(\w+)="([^"]*)"', found.group(2) or ""))
            if all(value in given.get(label, "") for label, value in labels.items()):
                return float(found.group(3))
    raise AssertionError(f"no {name} {labels} in:\n{response.body.decode()}")


def test_metrics_count_connections_requests_and_reasons(folder, origin):
    with listening(("127.0.0.1", 0)) as taken:
        refusing = taken.getsockname()[1]
    folder.write("web.yaml", *served("web", origin.port, refusing), route("web.test", "web"))
    with Gateway(folder) as gateway, Client(gateway.address) as client:
        for number in range(4):
            client.send(request("GET", "web.test"))
            origin.serve((200, 200, 404, 500)[number])
            client.read_response()
        assert client.get("nobody.test").status == 404
        assert sample(gateway, "sallyport_connections_open") == 1
        assert sample(gateway, "sallyport_connections_accepted_total") == 1
        assert [sample(gateway, "sallyport_requests_total", backend="web", **{"class": status}) for status in ("2xx", "4xx", "5xx")] == [2, 1, 1]
        assert sample(gateway, "sallyport_request_duration_seconds_count", backend="web") == 4
        assert sample(gateway, "sallyport_gateway_answers_total", reason="no_host") == 1
        assert sample(gateway, "sallyport_connect_failures_total", backend="web") >= 1
        assert sample(gateway, "sallyport_ready") == 1
        version = sample(gateway, "sallyport_config_version")
        folder.write("more.yaml", *served("more", refusing), route("more.test", "more", name="more"))
        while once(gateway.address, request("GET", "more.test")).status == 404:
            continue
        assert sample(gateway, "sallyport_config_version") > version


def test_metrics_are_well_formed(site):
    site.exchange(site.request())
    body = once(site.gateway.health, request("GET", "localhost", "/metrics")).body.decode()
    assert body.endswith("\n")
    families = set()
    for line in body.splitlines():
        if line.startswith("# TYPE "):
            assert line.split(" ")[2] not in families
            families.add(line.split(" ")[2])
        elif not line.startswith("#"):
            assert re.fullmatch(r'[a-z_]+(\{(\w+="[^"\\\n]*",?)*\})? [0-9.e+-]+|.*\+Inf.*', line), line
    assert families and all(name.startswith("sallyport_") for name in families)


def series(gateway):
    """The names of all series, with their labels."""
    response = once(gateway.health, request("GET", "localhost", "/metrics"))
    return {line.rsplit(" ", 1)[0] for line in response.body.decode().splitlines() if line and not line.startswith("#")}


def ask_many(client, requests):
    """Pipelined; only the number of answers matters, none of which has more than a short body."""
    client.send(b"".join(requests))
    answered = 0
    while answered < len(requests):
        assert client.fill()
        answered += client.unread.count(b"HTTP/1.1 ")
        client.unread = client.unread[-8:]


def test_nothing_that_a_client_sends_makes_a_series(folder):
    """100,000 hosts, paths, methods and names of fields that were never seen before."""
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    chance = random.Random(4)
    with Gateway(folder) as gateway:
        before = series(gateway)
        with Client(gateway.address) as client:
            for number in range(0, 100_000, 500):
                ask_many(client, [request(f"M{chance.getrandbits(60):x}", f"h{chance.getrandbits(60):x}.test", f"/p{number + at}?{at}",
                                          f"X-{chance.getrandbits(60):x}: {at}") for at in range(500)])
        assert sample(gateway, "sallyport_gateway_answers_total", reason="no_host") == 100_000
        assert series(gateway) == before


def test_metrics_of_the_configuration(folder):
    folder.write("web.yaml", *served("web", 1), ingress("web", rule("web.test", path("/", "web"), path("/b", "web"))),
                 ingress("bad", rule("web.test", path("no-slash", "web"))))
    folder.write_text("broken.yaml", "a: [\n")
    with Gateway(folder) as gateway:
        assert sample(gateway, "sallyport_objects", verdict="accepted") == 3
        assert sample(gateway, "sallyport_objects", verdict="rejected") == 1
        assert sample(gateway, "sallyport_file_problems", kind="broken") == 1
        assert sample(gateway, "sallyport_rules") == 2 and sample(gateway, "sallyport_rules_outside_index") == 0
        assert sample(gateway, "sallyport_config_propagation_seconds_count") >= 1
        assert sample(gateway, "sallyport_config_translations_total") >= 2 and sample(gateway, "sallyport_config_resolutions_total") >= 1
        assert sample(gateway, "sallyport_snapshots_alive") >= 1
        assert sample(gateway, "sallyport_snapshot_nodes") > 0 and sample(gateway, "sallyport_snapshot_bytes") > 0


def test_more_backends_than_series_are_added_up(folder):
    hosts = [f"h{number}" for number in range(60)]
    folder.write("web.yaml", *(item for host in hosts for item in served(host, 1)), *(route(f"{host}.test", host, name=host) for host in hosts))
    with Gateway(folder, "--limit", "metric-series=800") as gateway, Client(gateway.address) as client:
        for host in hosts:
            assert client.get(f"{host}.test").status == 502
        assert len(series(gateway)) <= 800
        over = sample(gateway, "sallyport_metric_overflow", label="backend")
        assert 0 < over < 60
        assert sample(gateway, "sallyport_connect_failures_total", backend="overflow") == over * sample(
            gateway, "sallyport_connect_failures_total", backend="h0:")


def test_the_dashboard_shows_metrics_that_there_are(folder):
    dashboard = json.loads((pathlib.Path(__file__).parents[2] / "deploy/grafana/sallyport.json").read_text())
    targets = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    variables = [one["query"] for one in dashboard["templating"]["list"]]
    asked = {name for text in targets + variables for name in re.findall(r"sallyport_\w+", text)}
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    with Gateway(folder) as gateway:
        assert once(gateway.address, request("GET", "web.test")).status == 502
        there = {one.split("{")[0] for one in series(gateway)}
        described = set(re.findall(r"# TYPE (sallyport_\w+)", once(gateway.health, request("GET", "localhost", "/metrics")).body.decode()))
    assert targets and asked <= there, asked - there
    # And it leaves none out.
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked} == described
