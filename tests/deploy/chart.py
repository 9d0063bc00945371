# SPDX-License-Identifier: Apache-2.0
"""The chart as the real helm renders it."""
import subprocess

import yaml
from tree import ROOT, run


class Chart:
    """render("kind=DaemonSet"): the objects with these values set, by kind; `refusal` is what helm says instead."""

    place = ROOT / "deploy/chart"

    def __init__(self, namespace="gateways"):
        self.namespace = namespace

    def command(self, *values, release="sallyport"):
        sets = [option for value in values for option in ("--set-json" if "=[" in value or "={" in value else "--set", value)]
        return [ROOT / "tools/helm", "template", release, self.place, "--kube-version", "1.30", "--namespace", self.namespace, *sets]

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
