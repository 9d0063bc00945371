# SPDX-License-Identifier: Apache-2.0
"""Our CustomResourceDefinitions are applied server-side, also over an older form of them, while a gateway serves by them (docs/upgrading.md)."""
import collections
import copy
import json

import pytest
import yaml
from cluster import accepted, asked_until
from folder import described
from gateway import Gateway
from images import echoes
from programs import ROOT
from raw_client import once, request
from scale_load import Load

FILE = ROOT / "deploy/crds/gateroutes.sallyport.dev.yaml"
PLACE = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateroutes.sallyport.dev"
RATE = 200
# What it had not yet.
LATER = {"spec": ("hostRegexes", "priority"), "rule": ("rewrite", "requestHeaders", "responseHeaders"), "backend": ("weight",)}


def parts_of(definition):
    """The schemas of a GateRoute's spec, of a rule and of a backend."""
    [version] = definition["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    rule = spec["properties"]["rules"]["items"]
    return {"spec": spec, "rule": rule, "backend": rule["properties"]["backends"]["items"]}


def older(definition):
    """One with fewer fields and columns, which drops what it does not know."""
    made = copy.deepcopy(definition)
    for name, part in parts_of(made).items():
        del part["x-kubernetes-preserve-unknown-fields"]
        for field in LATER[name]:
            del part["properties"][field]
    del made["spec"]["versions"][0]["additionalPrinterColumns"]
    return made


def put_older(cluster):
    """By another manager of fields than kubectl's apply, as a first installation by helm is."""
    there = cluster.api.ask("GET", PLACE)
    made = older(yaml.safe_load(FILE.read_text()))
    cluster.api.ask("PUT", PLACE, there | {"spec": made["spec"]})
    asked_until(lambda: not has_later_fields(cluster))


def has_later_fields(cluster):
    return any(field in part["properties"] for name, part in parts_of(cluster.api.ask("GET", PLACE)).items() for field in LATER[name])


def gate_route(name, namespace, host, to, **more):
    return described("sallyport.dev/v1alpha1", "GateRoute", name, namespace) | {
        "spec": {"hosts": [host], "rules": [{"backends": [{"service": to, "port": 80}]}]} | more}


@pytest.fixture
def before(cluster):
    """The older form is installed, and in the end today's."""
    cluster.install_own_kinds()
    put_older(cluster)
    yield
    cluster.install_own_kinds()


def kept(cluster, namespace):
    """Each object, without the defaults that fields of today have."""
    later = {field for fields in LATER.values() for field in fields}

    def without(value):
        if isinstance(value, dict):
            return {key: without(one) for key, one in value.items() if key not in later}
        return [without(one) for one in value] if isinstance(value, list) else value

    return {item["metadata"]["name"]: (item["metadata"]["uid"], item["metadata"]["generation"], without(item["spec"]))
            for item in cluster.api.list("gateroutes", namespace)}


def answers(gateway, host):
    answer = once(gateway.address, request("GET", host))
    return json.loads(answer.body)["service"] if answer.status == 200 else answer.status


def test_an_upgrade_of_the_kind_loses_nothing(cluster, namespace, before):
    cluster.apply(*echoes("one", namespace), *echoes("two", namespace), gate_route("a", namespace, "a.test", "one"),
                  gate_route("b", namespace, "b.test", "two"), namespace=namespace)
    cluster.await_ready(namespace, 2)
    with Gateway(cluster.source(namespace), workers=2) as gateway, Load() as load:
        for name in ("a", "b"):
            gateway.errors.wait_for(accepted("GateRoute", namespace, name))
        asked_until(lambda: (answers(gateway, "a.test"), answers(gateway, "b.test")) == ("one", "two"))
        load.begin(gateway.address, [("a.test", "/"), ("b.test", "/")], rate=RATE)
        load.wait_for_more_requests(RATE)
        former = kept(cluster, namespace)
        assert set(former) == {"a", "b"}
        cluster.install_own_kinds()
        assert has_later_fields(cluster)
        load.wait_for_more_requests(RATE)
        assert kept(cluster, namespace) == former
        # Fields of today count at once, and objects of before still change.
        cluster.apply(gate_route("c", namespace, "c.test", "one"), gate_route("first", namespace, "c.test", "two", priority=7), namespace=namespace)
        asked_until(lambda: answers(gateway, "c.test") == "two")
        cluster.apply(gate_route("late", namespace, "late.test", "one"), namespace=namespace)
        asked_until(lambda: answers(gateway, "late.test") == "one")
        result = load.stop()
        assert "removed GateRoute" not in gateway.errors.text()
    assert not result["failures"]
    assert collections.Counter(got for *_, got in result["seen"]).keys() == {"one", "two"}


def test_an_upgrade_that_fails_half_way_can_be_repeated(cluster, namespace, before):
    """Applying it is one change of one object: the second time nothing differs, and no version of it is stored twice."""
    cluster.install_own_kinds()
    version = cluster.api.ask("GET", PLACE)["metadata"]["generation"]
    cluster.install_own_kinds()
    definition = cluster.api.ask("GET", PLACE)
    assert definition["metadata"]["generation"] == version and definition["status"]["storedVersions"] == ["v1alpha1"]
