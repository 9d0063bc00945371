# SPDX-License-Identifier: Apache-2.0
"""The unit for systemd: the program takes its options, and the time to stop is longer than what the program takes."""
import configparser
import shlex

import pytest
from gateway import once_done
from tree import ROOT

PLACE = ROOT / "deploy/systemd"


@pytest.fixture
def service():
    unit = configparser.RawConfigParser(strict=True)
    unit.optionxform = str
    unit.read_string((PLACE / "sallyport.service").read_text())
    return unit["Service"]


def test_the_program_takes_its_options(service, tmp_path):
    program, *arguments = shlex.split(service["ExecStart"])
    assert program == "/usr/local/bin/sallyport"
    arguments = [argument.replace("/etc/sallyport", str(tmp_path)) for argument in arguments]
    code, _, said = once_done(*arguments, "--limit", "no-limit=1")
    assert code == 2 and "no-limit" in said, said


def test_it_is_told_what_the_program_says(service):
    assert service["Type"] == "notify" and int(service["WatchdogSec"]) >= 10
    assert "-HUP" in service["ExecReload"]


def test_it_waits_for_the_drain(service):
    assert int(service["TimeoutStopSec"]) >= 25 + 10


def test_the_program_is_not_root_and_may_write_to_its_own_folders_alone(service):
    assert service["ProtectSystem"] == "strict" and service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == "CAP_NET_BIND_SERVICE"
    assert "ReadWritePaths" not in service and service["StateDirectory"] == service["RuntimeDirectory"] == "sallyport"
    users = [line.split() for line in (PLACE / "sallyport.sysusers").read_text().splitlines() if not line.startswith("#")]
    assert [user[:2] for user in users] == [["u", service["User"]]]
