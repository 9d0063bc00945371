# SPDX-License-Identifier: Apache-2.0
"""tools/go_program with a stand-in for Go: what makes it build a program anew, and what does not."""
import os
import subprocess

import pytest
from samples import ROOT

GO = """#!/bin/sh
while [ "$1" != -o ]; do shift; done
echo built >>"$BUILDS"
printf '#!/bin/sh\\n' >"$2"
chmod +x "$2"
"""
MODULE = "a.test/module"
IMPORTS = {"main": "first", "first": "second", "second": None, "other": None}


@pytest.fixture
def module(tmp_path):
    """A program that imports a package that imports another one; and a package that it does not."""
    folder = tmp_path / "module"
    for name, imported in IMPORTS.items():
        (folder / name).mkdir(parents=True)
        line = f'import (\n\t"fmt"\n\t{name}s "{MODULE}/{imported}"\n)\n' if imported else ""
        (folder / name / f"{name}.go").write_text(f"package {name}\n{line}")
    (folder / "go.mod").write_text(f"module {MODULE}\n\ngo 1.19\n")
    (folder / "go.sum").touch()
    return folder


@pytest.fixture
def build(tmp_path, module):
    """build(OPTION...): the path of the program, and how often Go built one so far."""
    (tmp_path / "go").write_text(GO)
    (tmp_path / "go").chmod(0o755)
    builds = tmp_path / "builds"
    builds.touch()
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "BUILDS": str(builds), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def run(*options, package="./main"):
        done = subprocess.run([ROOT / "tools/go_program", module, "program", package, *options], env=environment, capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 0, done.stderr
        program = done.stdout.strip()
        assert os.access(program, os.X_OK)
        return program, len(builds.read_text().split())

    return run


def test_it_is_built_once(build):
    assert build() == build()
    assert build()[1] == 1


@pytest.mark.parametrize("name", ["main/main.go", "main/more.go", "first/first.go", "second/second.go", "go.mod", "go.sum"])
def test_what_it_is_made_of_has_changed(build, module, name):
    before = build()
    with open(module / name, "a", encoding="utf-8") as file:
        file.write("// more\n")
    after = build()
    assert after[0] != before[0] and after[1] == 2


def test_another_package_and_other_options_are_another_program(build):
    paths = {build()[0], build("-trimpath")[0], build("-trimpath", "-ldflags=-s -w")[0], build(package="./first")[0]}
    assert len(paths) == 4


def test_what_it_is_not_made_of_has_changed(build, module):
    before = build()
    (module / "other/other.go").write_text("package other // more\n")
    assert build() == before
