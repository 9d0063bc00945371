# SPDX-License-Identifier: Apache-2.0
"""The chart as the real helm renders it, and what these tests use of the end-to-end tests."""
import hashlib
import os
import pathlib
import subprocess
import sys

import pytest
import yaml
from tree import ROOT, run

sys.path.insert(0, str(ROOT / "tests/end_to_end"))


class Chart:
    """render("kind=DaemonSet"): the objects with these values set, by kind; `refusal` is what helm says instead."""

    place = ROOT / "deploy/chart"

    def command(self, *values, release="sallyport"):
        sets = [option for value in values for option in ("--set-json" if "=[" in value or "={" in value else "--set", value)]
        return [ROOT / "tools/helm", "template", release, self.place, "--kube-version", "1.30", "--namespace", "gateways", *sets]

    def text(self, *values, **more):
        return run(*self.command(*values, **more))

    def render(self, *values, **more):
        objects = {}
        for item in yaml.safe_load_all(self.text(*values, **more)):
            if item:
                objects.setdefault(item["kind"], []).append(item)
        return objects

    def refusal(self, *values):
        done = subprocess.run(list(map(str, self.command(*values))), capture_output=True, text=True)
        assert done.returncode != 0, done.stdout
        return done.stderr


@pytest.fixture(scope="session")
def chart():
    return Chart()


@pytest.fixture(scope="session")
def strict():
    """strict(text): what the API server's own decoder says of manifests, a line each; a field it does not know fails."""
    module = ROOT / "tests/deploy"
    sources = b"".join(path.read_bytes() for path in (module / "go.sum", module / "strict/main.go"))
    kept = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "sallyport"
    program = kept / f"strict-{hashlib.sha256(sources).hexdigest()[:12]}"
    if not program.exists():
        kept.mkdir(parents=True, exist_ok=True)
        beside = program.with_name(f"{program.name}.{os.getpid()}")
        run("go", "build", "-o", beside, "./strict", cwd=module,
            env=os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly -buildvcs=false"})
        beside.rename(program)
    return lambda text: run(program, input=text).splitlines()
