# SPDX-License-Identifier: Apache-2.0
"""Endpoints that are names (docs/upstreams.md): Services of type ExternalName, EndpointSlices of type FQDN; resolved where connections are
made, by a DNS server that the test plays, and never led to where only the gateway may go."""
import contextlib
import json
import threading

import pytest
from certificates import Authority, authority_secret, served_by
from dns_server import NXDOMAIN, SERVFAIL, DnsServer
from fake_api import await_that
from folder import described, endpoint_slice, route, service
from gateway import Gateway, once_done
from noting_origins import H1Origin
from raw_client import once, request
from recorder import listening

HOST = "api.example.com"
HERE = ("127.0.0.1",)


def external_name(port=None, host=HOST, name="out", protocol=None, annotations=None, **of_port):
    """Without a port it lists none."""
    ports = [{"port": 80, "targetPort": port} | ({"appProtocol": protocol} if protocol else {}) | of_port] if port else []
    metadata = {"annotations": annotations} if annotations else {}
    return described("v1", "Service", name, **metadata) | {"spec": {"type": "ExternalName", "externalName": host, "ports": ports}}


def gateway_by(dns, folder, *options, allowed=HERE, **more):
    limits = ("--limit", "dns-ttl-least=1", "--limit", "dns-time=3000")
    allow = [option for one in allowed for option in ("--allow-name-addresses", f"{one}/32")]
    return Gateway(folder, "--allow-external-names", "--dns-server", dns.address, *allow, *limits, *options, access_log="-", **more)


def ask(gateway, path="/"):
    """(status, error of the access log or None)"""
    before = len(gateway.output.lines)
    status = once(gateway.address, request("GET", "web.test", path)).status
    lines = gateway.output.wait_until(lambda said: len(said) > before)
    return status, json.loads(lines[before]).get("error")


class Trap:
    """Where nobody may connect to."""

    def __init__(self, port):
        self.listener, self.caught = listening(("127.0.0.2", port)), 0
        self.listener.settimeout(None)
        self.thread = threading.Thread(target=self.catch, daemon=True)
        self.thread.start()

    def catch(self):
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self.listener.accept()
                self.caught += 1
                accepted.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(2)
        self.thread.join()
        self.listener.close()


def test_an_external_name_is_served(folder):
    with DnsServer({HOST: HERE}, ttl=300) as dns, H1Origin() as origin:
        folder.write("web.yaml", external_name(origin.port), route("web.test", "out"))
        with gateway_by(dns, folder) as gateway:
            assert [ask(gateway) for _ in range(3)] == [(200, None)] * 3
    assert [one.authority for one in origin.arrivals] == ["web.test"] * 3  # Host is the client's
    assert {name for name, _, _ in dns.asked} == {HOST}
    assert len(dns.asked) == 2  # for both families, and then never until its time is over
    assert len(origin.raw) == 1  # one connection, which is kept


def test_without_the_option_it_is_refused_and_the_option_is_named(folder):
    folder.write("web.yaml", external_name(80), route("web.test", "out"))
    with Gateway(folder, access_log="-") as gateway:
        assert ask(gateway) == (503, "no_service")
    code, said, _ = once_done("check", folder.path)
    assert code == 1
    assert "--allow-external-names" in said
    assert once_done("check", folder.path, "--allow-external-names")[0] == 0
    code, said, _ = once_done("explain", folder.path, "GET", "http://web.test/", "--allow-external-names")
    assert code == 0
    assert f"{HOST}:80 active" in said


def test_an_external_name_without_ports_has_all_of_them(folder):
    with DnsServer({HOST: HERE}) as dns, H1Origin() as origin:
        described_route = route("web.test", "out")
        described_route["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"]["number"] = origin.port
        folder.write("web.yaml", external_name(), described_route)
        with gateway_by(dns, folder) as gateway:
            assert ask(gateway) == (200, None)


def test_a_slice_of_names_is_served_beside_one_of_addresses(folder):
    with DnsServer({HOST: HERE}) as dns, H1Origin() as origin:
        folder.write("web.yaml", service("web"), endpoint_slice("web", origin.port, (HOST,), family="FQDN"), route("web.test", "web"))
        with gateway_by(dns, folder) as gateway:
            assert ask(gateway) == (200, None)
            dns.records[HOST] = SERVFAIL
            folder.write("more.yaml", endpoint_slice("web", origin.port, suffix="more"))
            assert ask(gateway) == (200, None)


def test_an_edit_leads_elsewhere(folder):
    with DnsServer({HOST: HERE, "other.example.com": NXDOMAIN}) as dns, H1Origin() as origin:
        folder.write("web.yaml", external_name(origin.port, "other.example.com"), route("web.test", "out"))
        with gateway_by(dns, folder) as gateway:
            assert ask(gateway) == (502, "name_not_found")
            folder.write("web.yaml", external_name(origin.port), route("web.test", "out"))
            await_that(lambda: ask(gateway) == (200, None), gateway.errors.text)


@pytest.mark.parametrize("said, error", [(NXDOMAIN, "name_not_found"), ([], "name_not_found"), (SERVFAIL, "name_unresolved"),
                                         ("silence", "name_unresolved"), (["127.0.0.2"], "address_refused"),
                                         (["169.254.169.254"], "address_refused"), (["fd00:ec2::254"], "address_refused"),
                                         (["::1", "0.0.0.0", "224.0.0.1", "fe80::1"], "address_refused")])
def test_what_leads_nowhere_says_why(folder, said, error):
    with DnsServer({HOST: said}) as dns, H1Origin() as origin, Trap(origin.port) as trap:
        folder.write("web.yaml", external_name(origin.port), route("web.test", "out"))
        with gateway_by(dns, folder) as gateway:
            assert ask(gateway) == (502, error)
    assert (trap.caught, origin.raw) == (0, [])


def test_a_server_that_changes_its_mind_leads_nowhere_it_may_not(folder):
    with DnsServer({HOST: HERE}) as dns, H1Origin() as origin, Trap(origin.port) as trap:
        folder.write("web.yaml", external_name(origin.port), route("web.test", "out"))
        with gateway_by(dns, folder, "--limit", "dns-stale=1", workers=2) as gateway:
            seen = set()
            for number in range(2000):
                dns.records[HOST] = [("127.0.0.1", "127.0.0.2", "169.254.169.254")[number % 3]]
                seen.add(ask(gateway))
    assert trap.caught == 0
    assert seen == {(200, None), (502, "address_refused")}


def test_dns_that_is_gone_leaves_what_was_known(folder):
    with DnsServer({HOST: HERE}) as dns, H1Origin() as origin:
        folder.write("web.yaml", external_name(origin.port), route("web.test", "out"))
        with gateway_by(dns, folder, "--limit", "dns-time=200") as gateway:
            assert ask(gateway) == (200, None)
            dns.records[HOST] = "silence"
            asked = len(dns.asked)

            def serves_while_it_asks():
                assert ask(gateway) == (200, None)
                return len(dns.asked) >= asked + 4

            await_that(serves_while_it_asks, gateway.errors.text)


def test_answers_that_do_not_fit_a_datagram(folder):
    with DnsServer({HOST: HERE}, truncates=True) as dns, H1Origin() as origin:
        folder.write("web.yaml", external_name(origin.port), route("web.test", "out"))
        with gateway_by(dns, folder) as gateway:
            assert ask(gateway) == (200, None)
    assert any(by_stream for _, _, by_stream in dns.asked)


def test_its_certificate_is_for_the_name(folder, tmp_path):
    authority = Authority(tmp_path / "authority")
    context = authority.server(authority.pair(HOST), alpn=("http/1.1",))

    class OverTls(H1Origin):
        def converse(self, accepted, noted):
            super().converse(served_by(context)(accepted), noted)

    wanted = {"sallyport.dev/upstream-ca": "authorities"}
    with DnsServer({HOST: HERE, "other.example.com": HERE}) as dns, OverTls() as origin:
        def write(host):
            folder.write("web.yaml", external_name(origin.port, host, protocol="https", annotations=wanted),
                         authority_secret("authorities", authority), route("web.test", "out"))

        write(HOST)
        with gateway_by(dns, folder) as gateway:
            assert ask(gateway) == (200, None)
            write("other.example.com")
            await_that(lambda: ask(gateway) != (200, None), gateway.errors.text)
            assert ask(gateway) == (502, "upstream_untrusted")


def test_nobody_is_led_to_the_ports_of_the_gateway(folder):
    with DnsServer({HOST: HERE}) as dns:
        folder.write("web.yaml", external_name(80), route("web.test", "out"))
        with gateway_by(dns, folder) as gateway:
            for number, (_, port) in enumerate((gateway.admin, gateway.health)):
                # By a name, and as an endpoint that is listed.
                folder.write("web.yaml", external_name(port, name=f"out{number}"), service(f"listed{number}"),
                             endpoint_slice(f"listed{number}", port), route("web.test", f"out{number}"),
                             route("listed.test", f"listed{number}", name="listed"))
                await_that(lambda: ask(gateway) == (502, "address_refused"), gateway.errors.text)
                assert once(gateway.address, request("GET", "listed.test", "/metrics")).status == 502


@pytest.mark.parametrize("option", [("--dns-server", "127.0.0.1:53"), ("--allow-name-addresses", "127.0.0.0/8")])
def test_options_about_names_need_names(folder, option):
    code, _, said = once_done("run", "--config", folder.path, *option)
    assert code == 2
    assert f"{option[0]}: it needs --allow-external-names" in said


@pytest.mark.parametrize("value", ["127.0.0.1", "127.0.0.1:0", "localhost:53", "127.0.0.1:53,"])
def test_a_dns_server_is_an_address_and_a_port(folder, value):
    code, _, said = once_done("run", "--config", folder.path, "--allow-external-names", "--dns-server", value)
    assert code == 2
    assert "--dns-server" in said
