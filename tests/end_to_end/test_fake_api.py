# SPDX-License-Identifier: Apache-2.0
"""The API server of the tests answers as a real one, and misbehaves as it is told to (tests/fake_api_server/README.md)."""
import http.client
import json
import subprocess

import pytest
from certificates import Authority
from fake_api import OWN_KINDS, FakeApi
from fake_api_client import DISCOVERY, METADATA, METADATA_LIST, WatchReader, ask, names
from folder import described, service
from raw_client import DEADLINE

SERVICES = "/api/v1/services"


@pytest.fixture
def api(tmp_path):
    with FakeApi(tmp_path) as one:
        yield one


def test_it_speaks_tls_and_both_versions_of_http(tmp_path):
    authority = Authority(tmp_path / "authority")
    with FakeApi(tmp_path, authority, clients=True) as api:
        for option, version in (("--http2", "2"), ("--http1.1", "1.1")):
            said = subprocess.run(["curl", "-s", option, "--cacert", authority.certificate_file, "-w", " %{http_version}",
                                   api.url + "/readyz"],
                                  capture_output=True, text=True, timeout=DEADLINE, check=True).stdout
            assert said == f"ok {version}"
        pair = authority.pair("nobody", subject="jane", usage="clientAuth")
        subprocess.run(["curl", "-s", "--cacert", authority.certificate_file, "--cert", pair.certificate_file, "--key", pair.key_file,
                        api.url + "/version"], timeout=DEADLINE, check=True, stdout=subprocess.DEVNULL)
        assert api.log()[-1]["user"] == "jane"


def test_in_clear_text_it_speaks_http2_without_a_word_before(api):
    said = subprocess.run(["curl", "-s", "--http2-prior-knowledge", api.url + "/readyz"], capture_output=True, text=True, timeout=DEADLINE,
                          check=True).stdout
    assert said == "ok"


def test_lists_have_pages_of_one_moment(api):
    api.put(*(service(f"s{number}") for number in range(5)))
    status, first = ask(api, "GET", SERVICES + "?limit=2")
    assert (status, first["metadata"]["remainingItemCount"]) == (200, 3) and "kind" not in first["items"][0]
    api.put(service("s9"))
    token = first["metadata"]["continue"]
    status, rest = ask(api, "GET", f"{SERVICES}?limit=10&continue={token}")
    assert [item["metadata"]["name"] for item in rest["items"]] == ["s2", "s3", "s4"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    api.history(expire=True)
    status, refusal = ask(api, "GET", f"{SERVICES}?limit=10&continue={token}")
    assert (status, refusal["reason"]) == (410, "Expired")


def test_lists_and_watches_are_narrowed(api):
    api.put(service("a"), service("b", namespace="other"))
    api.put(described("v1", "Service", "c", labels={"team": "x"}))
    assert names(ask(api, "GET", "/api/v1/namespaces/other/services")) == ["b"]
    assert names(ask(api, "GET", SERVICES + "?labelSelector=team+in+%28x%2Cy%29")) == ["c"]
    assert names(ask(api, "GET", SERVICES + "?fieldSelector=metadata.name%3Da")) == ["a"]


def test_only_metadata_is_given_to_who_asks_for_it(api):
    api.put(described("v1", "Secret", "s") | {"data": {"a": "c2VjcmV0"}})
    _, found = ask(api, "GET", "/api/v1/secrets", Accept=METADATA_LIST)
    assert found["kind"] == "PartialObjectMetadataList" and found["items"][0]["kind"] == "PartialObjectMetadata"
    assert "data" not in found["items"][0]
    with WatchReader(api, "/api/v1/secrets?watch=1", Accept=METADATA) as watch:
        assert "data" not in json.loads(watch.line())["object"]
    assert ask(api, "GET", "/api/v1/secrets", Accept=METADATA)[0] == 406


def test_a_watch_begins_with_all_or_behind_a_revision(api):
    api.put(service("a"))
    before = api.state()["resourceVersion"]
    api.put(service("b"))
    everything = "&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    with WatchReader(api, SERVICES + "?watch=true" + everything) as watch:
        assert watch.events(3) == [("ADDED", "a"), ("ADDED", "b"), ("BOOKMARK", None)]
        api.remove(service("a"))
        assert watch.events(1) == [("DELETED", "a")]
    with WatchReader(api, f"{SERVICES}?watch=true&resourceVersion={before}") as watch:
        assert watch.events(2) == [("ADDED", "b"), ("DELETED", "a")]


def test_what_has_expired_is_said_in_both_forms(api):
    before = api.state()["resourceVersion"]
    api.put(service("a"))
    api.history(expire=True)
    with WatchReader(api, f"{SERVICES}?watch=true&resourceVersion={before}") as watch:
        assert watch.event()[:2] == ("ERROR", 410) and watch.event() is None
    api.behave(expiredInStream=False)
    assert ask(api, "GET", f"{SERVICES}?watch=true&resourceVersion={before}")[0] == 410


def test_older_servers_refuse_initial_events(api):
    api.behave(initialEvents=False)
    status, refusal = ask(api, "GET", SERVICES + "?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan")
    assert (status, refusal["reason"]) == (422, "Invalid")


def test_discovery_says_what_is_served_in_both_forms(api):
    for path, group in (("/api", None), ("/apis", "networking.k8s.io")):
        _, found = ask(api, "GET", path, Accept=DISCOVERY)
        assert found["kind"] == "APIGroupDiscoveryList" and group in [item["metadata"].get("name") for item in found["items"]]
    assert any(one["name"] == "sallyport.dev" for one in ask(api, "GET", "/apis")[1]["groups"])
    _, kinds = ask(api, "GET", "/apis/networking.k8s.io/v1")
    assert "ingresses/status" in [one["name"] for one in kinds["resources"]]
    api.behave(aggregatedDiscovery=False)
    assert ask(api, "GET", "/apis", Accept=DISCOVERY)[1]["kind"] == "APIGroupList"


def test_a_definition_makes_a_kind_come_alive(tmp_path):
    with FakeApi(tmp_path, own_kinds=False) as api:
        path = "/apis/sallyport.dev/v1alpha1/gateroutes"
        assert ask(api, "GET", path)[0] == 404
        api.load(OWN_KINDS)
        assert names(ask(api, "GET", path)) == []
        with WatchReader(api, path + "?watch=true") as watch:
            api.drop_kind("sallyport.dev", "gateroutes")
            assert watch.event() is None


def test_statuses_are_written_by_their_own_path_and_with_conflicts(api):
    api.put(described("networking.k8s.io/v1", "Ingress", "web") | {"spec": {}})
    path = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/web/status"
    old = ask(api, "GET", path)[1]
    patch = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    status, patched = ask(api, "PATCH", path, patch, **{"Content-Type": "application/merge-patch+json"})
    assert (status, patched["status"]) == (200, patch["status"])
    assert ask(api, "PUT", path, old)[0] == 409
    applied = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress"} | {"status": {"loadBalancer": {"ingress": []}}}
    status, refusal = ask(api, "PATCH", path + "?fieldManager=other", applied, **{"Content-Type": "application/apply-patch+yaml"})
    assert status == 409 and "loadBalancer" in refusal["message"]


def test_who_is_not_known_or_allowed_is_told(api):
    api.behave(tokens={"good": "system:serviceaccount:sallyport:sallyport"})
    assert ask(api, "GET", SERVICES)[0] == 401
    good = {"Authorization": "Bearer good"}
    assert ask(api, "GET", SERVICES, **good)[0] == 200
    api.rule("list /api/v1/services*", code=403)
    _, refusal = ask(api, "GET", SERVICES, **good)
    assert refusal["message"] == ('services is forbidden: User "system:serviceaccount:sallyport:sallyport" cannot list resource "services" '
                                  'in API group "" at the cluster scope')


def test_rules_apply_as_often_as_they_say(api):
    api.rule("list *", count=1, code=429, retryAfter=7)
    status, refusal = ask(api, "GET", SERVICES)
    assert (status, refusal["details"]["retryAfterSeconds"]) == (429, 7)
    assert ask(api, "GET", SERVICES)[0] == 200
    api.rule("get /version", bytes=5)
    assert ask(api, "GET", "/version") == (200, '{"maj')
    api.rule("get /readyz", bytes=1, then="reset")
    with pytest.raises((http.client.HTTPException, OSError)):
        ask(api, "GET", "/readyz")


def test_watches_are_cut_repeated_and_turned_round(api):
    with WatchReader(api, SERVICES + "?watch=true") as watch:
        api.await_watches("services")
        api.watches("*services*", do="hold")
        api.put(service("a"), service("b"))
        api.watches("*services*", do="releaseReversed")
        assert watch.events(2) == [("ADDED", "b"), ("ADDED", "a")]
        api.watches(do="send", text="half a line")
        api.watches(do="send", text=" and the rest\n")
        assert watch.line() == b"half a line and the rest\n"
        api.watches(do="cutNext", bytes=9, then="end")
        api.put(service("c"))
        assert watch.line() == b'{"type":"'
        assert watch.line() == b""
    api.await_watches("services", 0)


def test_connections_are_dropped_and_refused(api):
    with WatchReader(api, SERVICES + "?watch=true") as watch:
        api.await_watches("services")
        api.port("drop")
        with pytest.raises((http.client.HTTPException, OSError)):
            assert watch.line()
    api.port("refuse")
    with pytest.raises(ConnectionRefusedError):
        ask(api, "GET", "/readyz")
    api.port("serve")
    assert ask(api, "GET", "/readyz") == (200, "ok")


def test_what_cannot_be_done_is_refused_with_a_sentence(api):
    number, truth = "a number that is not negative is expected", "true or false is expected"
    for path, asked, said in (("/watches", {"on": "*", "do": "dance"}, "do: there is no dance"),
                              ("/watches", {"on": "*", "do": "end", "then": "wait"}, "then: end, reset or hang is expected"),
                              ("/watches", {"on": "*", "do": "cutNext", "bytes": "many"}, f"bytes: {number}"),
                              ("/kinds", {"drop": {"group": "sallyport.dev", "plural": "routes"}}, "drop: no routes of sallyport.dev is served"),
                              ("/rules", {"on": "*", "count": "once"}, f"count: {number}"),
                              ("/rules", {"on": "*", "code": -1}, f"code: {number}"),
                              ("/rules", {"on": "*", "hold": "yes"}, f"hold: {truth}"),
                              ("/history", {"resourceVersion": "old"}, f"resourceVersion: {number}"),
                              ("/history", {"expire": 1}, f"expire: {truth}"),
                              ("/remove", {"all": "of them"}, f"all: {truth}"),
                              ("/behaviour", {"streams": "few"}, f"streams: {number}"),
                              ("/objects", {"objects": [], "padding": "x"}, f"padding: {number}")):
        with pytest.raises(AssertionError) as refused:
            api.ask("POST", path, asked)
        assert f"400 b'{said}\\n'" in str(refused.value)
    assert api.watches(may_be_none=True, do="end") == 0


def test_an_object_may_be_as_large_or_as_broken_as_a_test_wants(api):
    api.put(service("large"), padding=10 << 20)
    assert len(json.dumps(ask(api, "GET", SERVICES)[1])) > 10 << 20
    api.put(service("large"), raw='{"kind": "Service", "metadata": 5')
    assert ask(api, "GET", SERVICES)[1].endswith('"metadata": 5]}\n')
