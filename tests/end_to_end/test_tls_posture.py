# SPDX-License-Identifier: Apache-2.0
"""What two programs that judge TLS servers say of ours (T-1, S13): nothing that is worse than LOW.

The certificate is the test's own matter: it names a list of revoked ones and lasts long, since both are looked for.
"""
import json
import subprocess
from xml.etree import ElementTree

import pytest
from certificates import Authority
from folder import Folder, ingress, path, rule, served
from gateway import Gateway
from origins import Origins

HOST = "secure.test"
WORSE = ("MEDIUM", "HIGH", "CRITICAL", "FATAL", "WARN")
# Of the openssl command that testssl.sh uses, not of the server. It may end before its ticket has come; what becomes of
# tickets is in test_tls_bypass.py.
OF_THE_TOOL = ("engine_problem", "sessionresumption_ticket")


@pytest.fixture(scope="module")
def posture(tmp_path_factory):
    """(the gateway, the authority) that serves HOST with certificates of both usual kinds."""
    where = tmp_path_factory.mktemp("posture")
    authority = Authority(where / "authority")
    listed = ("-addext", "crlDistributionPoints=URI:http://ca.test/list")
    with Origins("web") as origins:
        folder = Folder(where / "objects")
        kinds = {"ec": HOST, "rsa": f"rsa.{HOST}"}
        secrets = [authority.pair(host, days=200, kind=kind, extra=listed).secret(kind) for kind, host in kinds.items()]
        tls = [{"hosts": [host], "secretName": kind} for kind, host in kinds.items()]
        rules = [rule(host, path("/", "web")) for host in kinds.values()]
        folder.write("web.yaml", *served("web", origins.ports["web"]), *secrets, ingress("web", *rules, tls=tls))
        # testssl.sh asks some things without a name.
        with Gateway(folder, "--default-certificate", "default/ec", tls=True) as gateway:
            yield gateway, authority


# Protocols, ciphers and their order, forward secrecy, what the server shows of itself, and all known attacks.
def test_testssl_finds_nothing_above_low(posture, tmp_path):
    gateway, authority = posture
    address, port = gateway.tls_address
    found = tmp_path / "found.json"
    command = ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--openssl", "/usr/bin/openssl", "--add-ca",
               authority.certificate_file,
               "--ip", address, "-p", "-s", "-f", "-P", "-S", "-U", "--jsonfile", found, f"{HOST}:{port}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    findings = json.loads(found.read_text())
    said = {one["id"]: one for one in findings}
    assert {"TLS1_2", "TLS1_3", "heartbleed", "cert_chain_of_trust"} <= said.keys(), done.stdout
    assert [one for one in findings if one["severity"] in WORSE and one["id"] not in OF_THE_TOOL] == []
    assert [said[name]["finding"] for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1")] == ["not offered"] * 4


@pytest.mark.parametrize("host", [HOST, f"rsa.{HOST}"], ids=["ec", "rsa"])
def test_sslscan_finds_what_is_meant_to_be_there_and_nothing_else(posture, host):
    address, port = posture[0].tls_address
    done = subprocess.run(["sslscan", "--no-colour", "--xml=-", f"--sni-name={host}", f"{address}:{port}"], capture_output=True, text=True,
                          timeout=300)
    test = ElementTree.fromstring(done.stdout).find("ssltest")
    enabled = {one.get("type") + one.get("version") for one in test.findall("protocol") if one.get("enabled") == "1"}
    assert enabled == {"tls1.2", "tls1.3"}
    ciphers = {(one.get("sslversion"), one.get("cipher")) for one in test.findall("cipher")}
    assert {version for version, _ in ciphers} == {"TLSv1.2", "TLSv1.3"}
    assert all(name.startswith("TLS_" if version == "TLSv1.3" else "ECDHE-") and ("GCM" in name or "CHACHA20" in name or "_CCM_SHA256" in name)
               for version, name in ciphers), ciphers
    # What the library of sslscan cannot do, it says nothing of.
    assert all(one.get("supported") == "0" for one in test.findall("compression"))
    assert all(one.get("supported") == "0" or one.get("secure") == "1" for one in test.findall("renegotiation"))
    assert all(one.get("vulnerable") == "0" for one in test.findall("heartbleed"))
