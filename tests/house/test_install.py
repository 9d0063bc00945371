# SPDX-License-Identifier: Apache-2.0
"""tools/install in front of stand-ins for dpkg-query, id and apt-get: nothing is installed here."""
import os
import subprocess

import pytest
from samples import ROOT

INSTALL = ROOT / "tools/install"


def packages(task):
    return subprocess.run([INSTALL, "--list", task], capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture
def machine(tmp_path):
    """Runs tools/install on a machine with these packages installed, as an ordinary user without sudo."""

    def run(task, installed):
        commands = {
            "dpkg-query": 'for p in $INSTALLED; do echo "$p installed"; done',
            "apt-get": 'echo "apt-get $*" >> "$CALLS"',
            "id": "echo 1000",
        }
        for name, body in commands.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
            (tmp_path / name).chmod(0o755)
        (tmp_path / "sudo").write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "sudo").chmod(0o755)
        environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "INSTALLED": " ".join(installed),
                                    "CALLS": str(tmp_path / "calls")}
        done = subprocess.run([INSTALL, task], env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
        return done, (tmp_path / "calls").exists()

    return run


@pytest.mark.parametrize("task", ["build", "test", "cluster", "bench"])
def test_nothing_missing_means_no_apt_and_no_word(machine, task):
    done, called = machine(task, packages(task))
    assert (done.returncode, done.stdout, done.stderr, called) == (0, "", "", False)


def test_without_root_and_sudo_the_missing_packages_are_named(machine):
    missing = {"ninja-build", "libyaml-dev"}
    done, called = machine("build", [name for name in packages("build") if name not in missing])
    assert done.returncode == 1 and not called
    (command,) = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert set(command.split("--no-install-recommends ")[1].split()) == missing


def test_a_build_needs_no_test_tools(machine):
    assert not {"g++-12", "libgtest-dev", "python3", "nginx", "haproxy", "ccache", "clang-format-19"} & set(packages("build"))
    assert set(packages("build")) < set(packages("test"))
    assert set(packages("build")) < set(packages("bench"))
    assert set(packages("build")) < set(packages("cluster"))


def test_an_unknown_task_is_refused(machine):
    done, called = machine("everything", [])
    assert done.returncode == 2 and "usage" in done.stderr and not called
