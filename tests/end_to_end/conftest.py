# SPDX-License-Identifier: Apache-2.0
"""Shared gateways and their sites: each test takes a host of its own, behind which it plays the one origin itself."""
import pytest

from cluster_world import POD, Cluster
from folder import Folder
from gateway import BINARY
from namespaces import own_network
from sites import Sites


def pytest_configure(config):
    config.addinivalue_line("markers", "threaded: changes under load, many connections, shutdown; also run under ThreadSanitizer")


def pytest_report_header():
    return f"program under test: {BINARY}"


@pytest.fixture(scope="session")
def sites_with(tmp_path_factory):
    """sites_with("--option", "value"): the sites of a gateway with these options, started when first asked for."""
    started = {}

    def give(*options, **more):
        key = (options, tuple(sorted(more.items())))
        if key not in started:
            started[key] = Sites(tmp_path_factory.mktemp("sites"), options, **more)
        return started[key]

    yield give
    for sites in started.values():
        sites.finish()


@pytest.fixture
def site_with(sites_with):
    """One site of a gateway with these options."""
    taken = []

    def give(*options, **more):
        taken.append(sites_with(*options, **more).take())
        return taken[-1]

    yield give
    for site in taken:
        site.close()


@pytest.fixture
def site(site_with):
    return site_with()


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "objects")


@pytest.fixture(scope="module")
def pod_network():
    """All of the module is in a network where a pod's address is ours."""
    with own_network(POD):
        yield


@pytest.fixture
def cluster(pod_network, tmp_path):
    with Cluster(tmp_path) as one:
        yield one
