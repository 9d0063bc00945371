# SPDX-License-Identifier: Apache-2.0
"""The programs of a cluster: built by Go once on a machine, and kept outside of the checkout (tools/go_program)."""
import os
import pathlib
import re
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KUBERNETES = re.search(r"k8s\.io/kubernetes v((\d+)\.(\d+)\.\d+)", (HERE / "go.mod").read_text())
VERSION = {"gitVersion": f"v{KUBERNETES[1]}", "gitMajor": KUBERNETES[2], "gitMinor": KUBERNETES[3], "gitTreeState": "clean"}
# The same for all, so that what they have in common is compiled once.
OPTIONS = ["-trimpath", "-gcflags=all=-dwarf=false"]
PACKAGES = {"cluster-servers": "./servers", "kubectl": "k8s.io/kubernetes/cmd/kubectl", "cluster-node": "./node",
            "cluster-container": "./container"}


def program(name):
    """The path of the program; the first one that is built on a machine takes some minutes."""
    stamp = " ".join(f"-X k8s.io/component-base/version.{key}={value}" for key, value in VERSION.items())
    options = [*OPTIONS, f"-ldflags=-s -w {stamp}"]
    built = subprocess.run([ROOT / "tools/go_program", HERE, name, PACKAGES[name], *options], stdout=subprocess.PIPE, text=True,
                           env=os.environ | {"EXPECT": "some minutes for the first of the cluster's programs"})
    assert built.returncode == 0, f"{name} was not built"
    return built.stdout.strip()


def build():
    return {name: program(name) for name in PACKAGES}
