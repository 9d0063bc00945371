# SPDX-License-Identifier: Apache-2.0
"""One cluster for all of these tests, in an enclosure that the test run enters before its first test; a namespace for each test."""
import itertools
import os
import sys

import pytest

import enclosure
from cluster import Cluster
from gateway import BINARY
from images import own_images


def pytest_configure(config):
    """Becomes the same run inside, which ends with everything that it started."""
    if enclosure.is_inside():
        enclosure.prepare()
        return
    try:
        way_in = enclosure.way_in()
    except AssertionError as refusal:
        pytest.exit(f"these tests need a network of their own: {refusal}", returncode=1)
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.stop_global_capturing()
    os.chdir(config.invocation_params.dir)
    arguments = [*way_in, sys.executable, "-m", "pytest", *map(str, config.invocation_params.args)]
    os.execvpe(arguments[0], arguments, enclosure.environment())


def pytest_report_header():
    return f"program under test: {BINARY}"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"), nodes=3, images=own_images())
    yield made
    made.finish()


@pytest.fixture(scope="session")
def numbers():
    return itertools.count(1)


@pytest.fixture
def namespace(cluster, numbers):
    """Its deletion goes on behind the test: the namespace controller takes its time."""
    name = f"test-{next(numbers)}"
    cluster.add_namespace(name)
    yield name
    cluster.api.delete("namespaces", None, name, propagationPolicy="Background")
