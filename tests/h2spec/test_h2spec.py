# SPDX-License-Identifier: Apache-2.0
"""h2spec against the gateway: every case of it, in cleartext and over TLS, plain and strict; none fails and none is skipped.

Cases are skipped where the server advertises no MAX_CONCURRENT_STREAMS, or answers without a body of some bytes.
"""
import pathlib
import subprocess
from xml.etree import ElementTree

import pytest
from certificates import Authority
from folder import Folder, ingress, path, rule, served
from gateway import Echo, Gateway

H2SPEC = pathlib.Path(__file__).resolve().parents[2] / "tools/h2spec"


@pytest.fixture(scope="module", params=["cleartext", "tls"])
def target(request, tmp_path_factory):
    """(address, arguments of h2spec)"""
    where, has_tls = tmp_path_factory.mktemp("h2spec"), request.param == "tls"
    with Echo() as echo:
        folder = Folder(where / "objects")
        folder.write("web.yaml", *served("web", echo.address[1]), ingress("web", rule(None, path("/", "web"))))
        if not has_tls:
            with Gateway(folder) as gateway:
                yield gateway.address, ()
            return
        folder.write("pair.yaml", Authority(where / "authority").pair("localhost").secret("pair"))
        with Gateway(folder, "--default-certificate", "default/pair", tls=True) as gateway:
            yield gateway.tls_address, ("-t", "-k")


@pytest.mark.parametrize("strict", [(), ("-S",)], ids=["plain", "strict"])
def test_every_case(target, tmp_path, strict):
    (host, port), secure = target
    report = tmp_path / "report.xml"
    done = subprocess.run([H2SPEC, "-h", host, "-p", str(port), "-j", report, *secure, *strict], capture_output=True, text=True, timeout=600)
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    counts = {name: 0 for name in ("tests", "failures", "errors", "skipped")}
    for suite in suites:
        for name in counts:
            counts[name] += int(suite.get(name) or 0)
    assert done.returncode == 0, done.stdout[done.stdout.find("Failures:"):]
    assert counts == {"tests": 146 if strict else 145, "failures": 0, "errors": 0, "skipped": 0}, done.stdout
