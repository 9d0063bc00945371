# SPDX-License-Identifier: Apache-2.0
"""`run`, `check` and `version` as a user types them, mistakes included."""
import json
import pathlib
import re

import pytest
from folder import documents, ingress, path, route, rule, served, service
from gateway import Gateway, Program, address_in, once_done
from raw_client import once, request
from recorder import listening

VERSION = (pathlib.Path(__file__).resolve().parents[2] / "VERSION").read_text().split()[0]


# run

@pytest.mark.parametrize(("arguments", "named"), [
    ((), "a command is missing; there are run, check"),
    (("fly",), "there is no command \"fly\""),
    (("--fly",), "there is no option \"--fly\""),
    (("run",), "--config, --kubernetes or --kubeconfig is required"),
    (("run", "--config", "DIR", "--kubernetes"), "not both"),
    (("run", "--config", "DIR", "--namespace", "shop"), "--namespace: it needs --kubernetes or --kubeconfig"),
    (("run", "--config", "DIR", "--context", "kind"), "--context: it needs --kubernetes or --kubeconfig"),
    (("run", "--kubeconfig", "DIR/none"), "DIR/none"),
    (("run", "--kubernetes", "--namespace", "Shop.x"), "Shop.x: no name of a namespace"),
    (("run", "--kubernetes", "--namespace", "shop", "--namespace-selector", "team=shop"), "not both"),
    (("run", "--config", "DIR", "--fly"), "sallyport run: there is no option --fly"),
    (("run", "--confg", "DIR"), "sallyport run: there is no option --confg"),
    (("run", "--config", "DIR", "high"), "sallyport run: one word too many: high"),
    (("run", "--config", "DIR/none"), "DIR/none: there is no such folder"),
    (("run", "--config", __file__), "it is no folder"),
    (("echo", "--listen", "127.0.0.1:0", "--at-term", "fly"), "--at-term: fly not in {exit,drain,refuse,reset}"),
    (("explain", "DIR", "GET", "shop.example.com/"), "shop.example.com/: expected http://HOST/PATH"),
    (("run", "--config", "DIR", "--address", "here"), "here"),
    (("run", "--config", "DIR", "--port-map", "80"), "--port-map"),
    (("run", "--config", "DIR", "--port-map", "80=70000"), "--port-map"),
    (("run", "--config", "DIR", "--port-map", "8190=80"), "users call ports 80 and 443 and no other: 80=8190"),
    (("run", "--config", "DIR", "--port-map", "8443=9443"), "users call ports 80 and 443 and no other"),
    (("run", "--config", "DIR", "--port-map", "80=8190", "--port-map", "80=8180"), "was mapped already"),
    (("run", "--config", "DIR", "--default-certificate", "tls"), "expected NAMESPACE/NAME"),
    (("run", "--config", "DIR", "--default-certificate", "a/b/c"), "expected NAMESPACE/NAME"),
    (("run", "--config", "DIR", "--health", "nowhere"), "--health"),
    (("run", "--config", "DIR", "--health", "127.0.0.1:7001", "--health", "off"), "--health"),
    (("run", "--config", "DIR", "--admin", "nowhere"), "--admin"),
    (("run", "--config", "DIR", "--admin", "unix:"), "unix:/PATH"),
    (("run", "--config", "DIR", "--admin", "127.0.0.1:7001", "--health", "127.0.0.1:7001"), "one address"),
    (("run", "--config", "DIR", "--admin", "127.0.0.1:9902"), "one address"),
    (("run", "--config", "DIR", "--explain-from", "10.0.0.0"), "--explain-from"),
    (("run", "--config", "DIR", "--snapshot-hold", "soon"), "--snapshot-hold"),
    (("run", "--config", "DIR", "--limit", "metric-series=499"), "from 500"),
    (("run", "--config", "DIR", "--workers", "0"), "--workers"),
    (("run", "--config", "DIR", "--workers", "many"), "--workers"),
    (("run", "--config", "DIR", "--trusted-proxies", "10.0.0.0/33"), "--trusted-proxies"),
    (("run", "--config", "DIR", "--encoded-slash", "maybe"), "--encoded-slash"),
    (("run", "--config", "DIR", "--merge-slashes", "maybe"), "--merge-slashes"),
    (("run", "--config", "DIR", "--underscores", "maybe"), "--underscores"),
    (("run", "--config", "DIR", "--server-header", "maybe"), "--server-header"),
    (("run", "--config", "DIR", "--drain-timeout", "-1"), "--drain-timeout"),
    (("run", "--config", "DIR", "--limit", "fly=1"), "fly"),
    (("run", "--config", "DIR", "--limit", "head-time=soon"), "head-time"),
    (("run", "--config", "DIR", "--access-log", "DIR/none/access.log", "--admin", "off", "--health", "off"), "access.log"),
], ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None)
def test_run_names_what_is_wrong_with_its_options(tmp_path, arguments, named):
    code, _, said = once_done(*(argument.replace("DIR", str(tmp_path)) for argument in arguments))
    assert code in (1, 2) and named.replace("DIR", str(tmp_path)) in said, said


@pytest.mark.parametrize("arguments", [("--help",), ("run", "--help"), ("check", "--help"), ("explain", "--help"), ("echo", "--help")])
def test_help(arguments):
    code, said, _ = once_done(*arguments)
    assert code == 0 and "sallyport" in said


def test_help_of_run_lists_the_limits_with_their_defaults():
    _, said, _ = once_done("run", "--help")
    assert "--drain-timeout" in said and re.search(r"head-fields=100\b", said)


def test_limits_prints_the_page_about_them():
    code, said, _ = once_done("limits")
    assert code == 0 and said == (pathlib.Path(__file__).parents[2] / "docs/limits.md").read_text()


def test_limits_in_force_are_those_of_this_machine_and_of_the_command_line():
    code, said, _ = once_done("limits", "--in-force")
    value = dict(re.findall(r"^([a-z0-9-]+)=(\d+)  ", said, re.MULTILINE))
    assert code == 0 and value["head-fields"] == "100" and int(value["connections"]) > 1 and int(value["process-bytes"]) >= 64 * 2**20
    code, changed, _ = once_done("limits", "--limit", "head-fields=7", "--limit", "connections=80")
    assert code == 0 and "head-fields=7  fields; by default 100\n" in changed and "source-connections=70  " in changed
    assert once_done("limits", "--limit", "head-fields=0")[0] == 2


def test_a_port_that_is_taken_is_named_and_nothing_is_served(folder):
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = Program("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", f"80={port}", "--health", "off",
                          "--admin", "off")
        assert program.wait() == 1
    assert any(str(port) in line and "another process has this port" in line for line in program.errors.lines), program.errors.text()


def test_a_health_port_that_is_taken_is_named(folder):
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, said = once_done("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", f"127.0.0.1:{port}", "--admin", "off")
    assert code == 1 and "--health" in said and str(port) in said


def test_one_of_two_addresses_that_is_taken_is_a_finding_and_the_other_serves(folder):
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        program = Program("run", "--config", folder.path, "--address", "127.0.0.1", "--address", "127.0.0.2", "--port-map", f"80={port}",
                          "--health", "off", "--admin", "off", "--workers", "1")
        with program:
            program.errors.wait_for(r"\bready\b")
            program.errors.wait_for(rf"listening on http://127\.0\.0\.2:{port}")
            program.errors.wait_for(rf"127\.0\.0\.1:{port}.*another process has this port")
            assert once(("127.0.0.2", port), request("GET", "nobody.test")).status == 404


def test_an_empty_folder_is_served_and_says_404(folder):
    with Gateway(folder) as gateway:
        assert once(gateway.address, request("GET", "any.test")).status == 404


def test_there_may_be_several_health_ports_and_one_that_can_be_had_is_enough(folder):
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Gateway(folder, "--health", "[::1]:0", "--health", f"127.0.0.1:{port}") as gateway:
            gateway.errors.wait_for(rf"--health: .*{port}")
            ports = [address_in(line) for line in gateway.errors.lines if "health and metrics on" in line]
            assert len(ports) == 2
            for address in ports:
                assert once(address, request("GET", "localhost", "/livez")).status == 200


def test_health_and_admin_may_be_off(folder):
    with Program("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", "off", "--admin", "off",
                 "--workers", "1") as program:
        program.errors.wait_for(r"\bready\b")
    assert not any("health and metrics" in line or "config, status" in line for line in program.errors.lines)


def test_an_admin_port_that_is_taken_is_named(folder):
    with listening(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, said = once_done("run", "--config", folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", "off", "--admin",
                                  f"127.0.0.1:{port}")
    assert code == 1 and "--admin" in said and str(port) in said


def test_findings_are_said_once_when_it_starts(folder):
    folder.write("web.yaml", ingress("web", rule("web.test", path("/", "none"))))
    with Gateway(folder) as gateway:
        line = gateway.errors.wait_for("ServiceNotFound")
        assert "default/web" in line and "web.yaml:" in line
        assert sum("ServiceNotFound" in line for line in gateway.errors.lines) == 1


# check

def checked(folder, *options):
    code, said, errors = once_done("check", folder.path, *options)
    return code, said, errors


def test_check_of_a_good_folder(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    code, said, errors = checked(folder)
    lines = said.splitlines()
    assert (code, errors) == (0, "")
    assert [line.split(" ")[:3] for line in lines[:3]] == [["accepted", "Service", "default/web"], ["accepted", "EndpointSlice", "default/web-0"],
                                                           ["accepted", "Ingress", "default/web"]]
    assert lines[-1].startswith("3 accepted, 0 ignored, 0 rejected")


def test_check_of_a_folder_with_a_rejected_object(folder):
    folder.write("web.yaml", *served("web", 8080), ingress("web", rule("web.test", path("no-slash", "web"))))
    code, said, _ = checked(folder)
    assert code == 1
    (line,) = [line for line in said.splitlines() if line.startswith("rejected")]
    assert re.search(r"rejected Ingress default/web \(web\.yaml:\d+:spec\.rules\[0\]\.http\.paths\[0\]\.path\): \w+: ", line), line


def test_check_names_unknown_fields_and_kinds_without_failing(folder):
    odd = route("web.test", "web")
    odd["spec"]["colour"] = "red"
    folder.write("web.yaml", *served("web", 8080), odd)
    folder.write("odd.yaml", {"apiVersion": "a.test/v1", "kind": "Odd", "metadata": {"name": "odd"}})
    code, said, _ = checked(folder)
    assert code == 0 and "spec.colour" in said and "Odd" in said


def test_check_of_a_broken_file(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    folder.write_text("broken.yaml", "a: b\nc: [\n")
    code, said, _ = checked(folder)
    assert code == 1 and re.search(r"broken\.yaml:\d+", said)


def test_check_says_which_line(folder):
    text = documents([*served("web", 8080), route("web.test", "web")]).replace('"Prefix"', '"Perhaps"')
    folder.write_text("web.yaml", text)
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "Perhaps" in line)
    code, said, _ = checked(folder)
    assert code == 1 and f"(web.yaml:{line}:spec.rules[0].http.paths[0].pathType)" in said, said


def test_the_folder_may_stand_behind_a_repeatable_option(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"))
    code, _, errors = once_done("check", "--publish-address", "203.0.113.7", "--publish-address", "203.0.113.8", folder.path)
    assert (code, errors) == (0, "")


def test_check_as_json(folder):
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"), ingress("broken", rule("b.test", path("/", "none"))))
    code, said, errors = checked(folder, "--output", "json", "--publish-address", "203.0.113.7")
    report = json.loads(said)
    objects = {(item["kind"], item["name"]): item for item in report["objects"]}
    assert (code, errors) == (1, "")
    assert report["totals"]["accepted"] == 3 and report["totals"]["rejected"] == 1
    assert objects["Ingress", "web"]["status"] == {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}
    (finding,) = objects["Ingress", "broken"]["findings"]
    assert (finding["reason"], finding["file"]) == ("ServiceNotFound", "web.yaml") and finding["line"] > 0
    assert objects["Ingress", "broken"]["events"][0]["type"] == "Warning"


def test_check_lists_the_addresses_of_the_service_that_is_published(folder):
    gate = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "gate", "namespace": "edge"},
            "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}, "status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}}
    folder.write("web.yaml", *served("web", 8080), route("web.test", "web"), gate)
    _, said, errors = checked(folder, "--output", "json", "--publish-service", "edge/gate")
    [web] = [item for item in json.loads(said)["objects"] if item["kind"] == "Ingress"]
    assert errors == "" and web["status"] == {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}
    _, _, errors = checked(folder, "--publish-service", "edge/none")
    assert errors == "sallyport check: --publish-service: there is no Service edge/none\n"


@pytest.mark.parametrize("arguments, named", [(("--publish-service", "gate"), "gate: expected NAMESPACE/NAME of a Service"),
                                              (("--publish-service", "edge/gate", "--publish-address", "192.0.2.1"), "--publish-address")])
def test_published_service_that_is_none(folder, arguments, named):
    code, said, errors = checked(folder, *arguments)
    assert (code, said) == (2, "") and named in errors, errors


@pytest.mark.parametrize("lease, named", [("gate", "gate: expected NAMESPACE/NAME of a Lease, or off"), ("edge/gate", "--lease: it needs --kubernetes or --kubeconfig"),
                                          ("off", "--lease: it needs --kubernetes or --kubeconfig")])
def test_lease_is_one_of_a_cluster(tmp_path, lease, named):
    code, said, errors = once_done("run", "--config", tmp_path, "--lease", lease)
    assert (code, said) == (2, "") and named in errors, errors


def test_check_of_what_is_no_folder(tmp_path):
    code, said, errors = once_done("check", tmp_path / "none")
    assert (code, said) == (2, "") and "none" in errors


@pytest.mark.parametrize("arguments", [("check",), ("check", "DIR", "--output", "xml"), ("check", "DIR", "--fly")])
def test_check_with_wrong_options(tmp_path, arguments):
    code, said, errors = once_done(*(argument.replace("DIR", str(tmp_path)) for argument in arguments))
    assert (code, said) == (2, "") and errors


def test_check_shows_no_value_of_a_secret(folder):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "default"}, "stringData": {"key": "hush-hush"},
              "data": {"broken": "hush*hush"}}
    folder.write("secret.yaml", secret)
    for output in ("text", "json"):
        _, said, errors = checked(folder, "--output", output)
        assert "hush" not in said + errors


def test_check_and_run_agree_about_a_folder(folder):
    folder.write("web.yaml", service("web"), route("web.test", "web"), ingress("broken", rule("b.test", path("/", "none"))))
    _, said, _ = checked(folder)
    with Gateway(folder) as gateway:
        assert once(gateway.address, request("GET", "b.test")).status == 503
        for line in said.splitlines():
            if line.startswith("rejected"):
                gateway.errors.wait_for(re.escape(line))


# version

@pytest.mark.parametrize("word", ["version", "--version"])
def test_version(word):
    code, said, errors = once_done(word)
    assert (code, errors) == (0, "") and said.splitlines()[0] == f"sallyport {VERSION}"
    assert {line.split()[0] for line in said.splitlines()[1:]} == {"commit", "compiler", "libraries"}
