# SPDX-License-Identifier: Apache-2.0
"""Objects from an API server (reference: reliability-security.md 3.1 to 3.6, 3.16; R10 to R12, R17): whatever happens to it, traffic
does not feel it, and what it says is served soon after it says it.
"""
import json
import pathlib
import re
import signal
import ssl

import pytest
from certificates import Authority, dial
from cluster_world import Cluster, await_host, lists, readiness, serving
from fake_api import OWN_KINDS, FakeApi, await_that
from folder import described, ingress, path, route, rule, service
from gateway import Program, address_in, once_done
from last_good_world import KEY, LEFT_OUT, status
from raw_client import Client
from scale_sizes import by_build
from test_observe import sample

INGRESSES = "*/ingresses?*"
KINDS = ("services", "endpointslices", "ingresses", "ingressclasses", "secrets", "configmaps", "gateroutes")

pytestmark = pytest.mark.usefixtures("pod_network")


@pytest.fixture
def gateway(cluster):
    with cluster.gateway() as one:
        cluster.api.await_watches("/ingresses?")
        yield one


def tls_status(cluster, gateway):
    context = cluster.authority.client(("http/1.1",))
    with Client(gateway.tls_address, tls=dial(context, "web.test")) as client:
        return client.get("web.test").status


def followed(api, since=0):
    """Those of KINDS whose list is through: what happens from then on is watched."""
    targets = [one["target"] for one in api.requests("watch", "&resourceVersion=", since) if "sendInitialEvents" not in one["target"]]
    return {plural for plural in KINDS if any(f"/{plural}?" in target for target in targets)}


def peak_bytes(gateway):
    said = pathlib.Path(f"/proc/{gateway.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", said).group(1)) * 1024


# What it serves.


def test_what_is_in_the_cluster_is_served_and_changes_are(cluster, gateway):
    assert status(gateway) == 200
    cluster.route("new.test", "new")
    await_host(gateway, "new.test")
    cluster.api.remove(route("new.test", "web", name="new"))
    await_host(gateway, "new.test", 404)
    cluster.api.remove(cluster.endpoints())
    await_host(gateway, "web.test", 503)
    cluster.api.put(cluster.endpoints())
    await_host(gateway, "web.test")


def test_each_request_says_who_asks_and_all_of_them_need_one_connection(cluster, gateway):
    log = cluster.api.log()
    assert {one["user"] for one in log} == {"system:serviceaccount:sallyport:sallyport"}
    assert all(re.fullmatch(r"sallyport/\S+ \(kubernetes\)", one["userAgent"]) for one in log)
    assert len({one["connection"] for one in log}) == 1


def test_idle_it_asks_for_nothing(cluster, gateway):
    assert status(gateway) == 200
    before = len(cluster.api.log())
    cluster.api.watches(do="bookmark")
    cluster.route("new.test", "new")
    await_host(gateway, "new.test")
    assert cluster.api.log(before) == []


def test_values_of_secrets_are_asked_for_by_name_only(cluster, gateway):
    pairs = {name: cluster.authority.pair(f"{name}.test") for name in ("web", "other")}
    cluster.api.put(*(pair.secret(name) for name, pair in pairs.items()))
    cluster.api.put(ingress("tls", rule("web.test", path("/", "web")), tls=[{"hosts": ["web.test"], "secretName": "web"}]))
    gateway.errors.wait_for("https://")
    context = cluster.authority.client(("http/1.1",))
    address = [line for line in gateway.errors.lines if "https://" in line][0]
    port = int(re.search(r"https://127\.0\.0\.1:(\d+)", address).group(1))
    with Client(("127.0.0.1", port), tls=dial(context, "web.test")) as client:
        assert client.get("web.test").status == 200
    of_secrets = cluster.api.requests(target="/secrets")
    assert all("PartialObjectMetadata" in one["accept"] for one in of_secrets if one["verb"] in ("list", "watch"))
    assert {one["target"] for one in of_secrets if one["verb"] == "get"} == {"/api/v1/namespaces/default/secrets/web"}


def test_a_secret_is_fetched_again_when_it_moves(cluster, gateway):
    cluster.api.put(cluster.authority.pair("old.test").secret("web"))
    cluster.api.put(ingress("tls", rule("web.test", path("/", "web")), tls=[{"hosts": ["web.test"], "secretName": "web"}]))
    cluster.api.await_request("get", "/secrets/web")
    since = len(cluster.api.log())
    cluster.api.put(described("v1", "Secret", "nobody") | {"data": {}})
    cluster.api.put(cluster.authority.pair("web.test").secret("web"))
    cluster.api.await_request("get", "/secrets/web", since)
    assert not cluster.api.requests("get", "/secrets/nobody")


@pytest.mark.parametrize("how", [{"aggregatedDiscovery": False}, {"initialEvents": False}, {"expiredInStream": False}, {"streams": 3}],
                         ids=lambda how: next(iter(how)))
def test_other_servers_serve_as_well(tmp_path, how):
    with Cluster(tmp_path) as cluster:
        cluster.api.behave(**how)
        cluster.api.put(*(route(f"web{number}.test", "web", name=f"web{number}") for number in range(1200)))
        with cluster.gateway() as gateway:
            assert status(gateway, "web1199.test") == 200
            cluster.route("new.test", "new")
            await_host(gateway, "new.test")


def test_in_clear_text_it_is_read_too(tmp_path):
    with Cluster(tmp_path) as cluster, FakeApi(tmp_path / "clear") as api:
        api.put(*cluster.site())
        cluster.config = api.kubeconfig()
        with cluster.gateway() as gateway:
            assert status(gateway) == 200


# Namespaces.


def test_only_the_namespaces_that_are_named_are_asked_for(cluster):
    for namespace in ("one", "two", "three"):
        cluster.api.put(*cluster.served(namespace))
        cluster.api.put(ingress(namespace, rule(f"{namespace}.test", path("/", "web")), namespace=namespace))
    since = len(cluster.api.log())
    with cluster.gateway("--namespace", "one", "--namespace", "two") as gateway:
        assert [status(gateway, f"{name}.test") for name in ("one", "two", "three", "web")] == [200, 200, 404, 404]
        asked = {one["target"].partition("?")[0] for one in cluster.api.log(since) if "/ingresses" in one["target"]}
        assert asked == {f"/apis/networking.k8s.io/v1/namespaces/{name}/ingresses" for name in ("one", "two")}


def test_namespaces_come_and_go_with_their_labels(cluster):
    cluster.api.put(described("v1", "Namespace", "one", None), described("v1", "Namespace", "default", None, labels={"gateway": "us"}))
    cluster.api.put(*cluster.served("one"))
    cluster.api.put(ingress("one", rule("one.test", path("/", "web")), namespace="one"))
    with cluster.gateway("--namespace-selector", "gateway=us") as gateway:
        assert [status(gateway, "web.test"), status(gateway, "one.test")] == [200, 404]
        cluster.api.put(described("v1", "Namespace", "one", None, labels={"gateway": "us"}))
        await_host(gateway, "one.test")
        cluster.api.put(described("v1", "Namespace", "one", None, labels={"gateway": "others"}))
        await_host(gateway, "one.test", 404)


# Its faults.


def test_while_it_is_gone_traffic_is_served_and_when_it_is_back_each_kind_is_listed_once(cluster, gateway):
    with serving(gateway, "web.test") as all_are_served:
        cluster.api.port("refuse")
        cluster.api.port("drop")
        cluster.route("late.test", "late")
        cluster.api.remove(cluster.endpoints())
        cluster.api.put(cluster.endpoints("2"))
        all_are_served()
        since = len(cluster.api.log())
        cluster.api.history(expire=True)
        cluster.api.port("serve")
        await_host(gateway, "late.test")
        # A watch from where it was is asked for first, and answered that this is forgotten.
        await_that(lambda: all(lists(cluster.api, plural, since) for plural in KINDS), gateway.errors.text)
        for plural in KINDS:
            cluster.api.await_watches(f"/{plural}?")
        assert {plural: len(lists(cluster.api, plural, since)) for plural in KINDS} == dict.fromkeys(KINDS, 1)


def test_what_happened_while_a_connection_was_away_is_seen_without_a_list(cluster, gateway):
    since = len(cluster.api.log())
    cluster.api.port("refuse")
    cluster.api.port("drop")
    cluster.route("late.test", "late")
    cluster.api.port("serve")
    await_host(gateway, "late.test")
    assert lists(cluster.api, "ingresses", since) == []


def test_a_restart_while_it_is_gone_serves_what_was_good(cluster, tmp_path):
    key = tmp_path / "key"
    key.write_text(KEY)
    kept = ("--last-good", tmp_path / "kept", "--last-good-key", key)
    with cluster.gateway(*kept) as gateway:
        await_that((tmp_path / "kept/last-good.json").exists, gateway.errors.text)
    cluster.api.port("refuse")
    cluster.api.port("drop")
    with cluster.gateway(*kept) as gateway:
        assert status(gateway) == 200 and readiness(gateway) == 200
        cluster.route("late.test", "late")
        cluster.api.port("serve")
        await_host(gateway, "late.test")
        assert status(gateway) == 200


def test_a_restart_without_secrets_is_not_ready_before_it_has_them_all(cluster, tmp_path):
    pairs = {name: cluster.authority.pair(f"{name}.test") for name in ("web", "other")}
    cluster.api.put(*(pair.secret(name) for name, pair in pairs.items()))
    cluster.api.put(ingress("tls", rule("web.test", path("/", "web")), tls=[{"hosts": ["web.test"], "secretName": "web"}]))
    options = ("--last-good", tmp_path / "kept", "--last-good-without-secrets", "--default-certificate", "default/other")
    with cluster.gateway(*options) as gateway:
        await_that((tmp_path / "kept/last-good.json").exists, gateway.errors.text)
    cluster.api.port("refuse")
    cluster.api.port("drop")
    with cluster.gateway(*options, begun=LEFT_OUT) as gateway:
        tls_address = address_in(gateway.errors.wait_for("listening on https://"))
        assert status(gateway) == 200 and readiness(gateway) == 503
        context = cluster.authority.client(("http/1.1",))

        def certificate_is_shown():
            try:
                with Client(tls_address, tls=dial(context, "web.test")) as client:
                    return client.get("web.test").status == 200
            except ssl.SSLCertVerificationError as error:
                raise AssertionError("another host's certificate is shown") from error
            except (ssl.SSLError, ConnectionError):
                return False

        assert not certificate_is_shown()
        remove, since = cluster.api.rule("get */secrets/web*", hold=True), len(cluster.api.log())
        cluster.api.port("serve")
        cluster.api.await_request("get", "/secrets/other", since)
        for _ in range(20):
            assert not certificate_is_shown() and readiness(gateway) == 503
        remove()
        gateway.errors.wait_for(r"\bready\b")
        assert certificate_is_shown() and readiness(gateway) == 200


@pytest.mark.parametrize("code", [403, 500])
def test_a_restart_that_cannot_have_a_secret_keeps_the_one_of_before(cluster, tmp_path, code):
    key = tmp_path / "key"
    key.write_text(KEY)
    kept = ("--last-good", tmp_path / "kept", "--last-good-key", key)
    cluster.api.put(cluster.authority.pair("web.test").secret("web"))
    cluster.api.put(ingress("tls", rule("web.test", path("/", "web")), tls=[{"hosts": ["web.test"], "secretName": "web"}]))
    with cluster.gateway(*kept, tls=True) as gateway:
        assert tls_status(cluster, gateway) == 200
        await_that((tmp_path / "kept/last-good.json").exists, gateway.errors.text)
    allow = cluster.api.rule("get */secrets/web", code=code)
    with cluster.gateway(*kept, tls=True) as gateway:
        gateway.errors.wait_for("broken Secret default/web: (may not|cannot) be fetched")
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")
        assert tls_status(cluster, gateway) == 200
        allow()
        gateway.send_signal(signal.SIGHUP)
        gateway.errors.wait_for("mended Secret default/web")
        assert tls_status(cluster, gateway) == 200
        assert not any("removed Secret" in line for line in gateway.errors.lines), gateway.errors.text()


def test_a_lease_that_cannot_be_given_back_is_no_request_that_is_cut(cluster):
    with cluster.gateway("--lease", "default/gate", "--drain-timeout", "1") as gateway:
        gateway.errors.wait_for("this replica writes them")
        cluster.api.rule("* */leases*", hold=True)
        cluster.api.await_request("patch", "/leases", since=len(cluster.api.log()))
        gateway.finish()
        assert not any("draining took too long" in line for line in gateway.errors.lines), gateway.errors.text()
    cluster.api.clear_rules()


def test_what_is_to_be_published_and_cannot_be_is_said(cluster):
    with cluster.gateway("--publish-service", "edge/gate") as gateway:
        gateway.errors.wait_for("--publish-service: no statuses are written outside of a pod")
        gateway.errors.wait_for("--publish-service: there is no Service edge/gate")
        cluster.api.put(service("gate", namespace="edge"))
        gateway.errors.wait_for("--publish-service: Service edge/gate is there")


def test_its_silent_death_is_noticed(cluster, gateway):
    with serving(gateway, "web.test"):
        accepted, told = cluster.api.state()["accepted"], len(gateway.errors.lines)
        cluster.api.freeze()
        try:
            gateway.errors.wait_for("no answer from the API server", told)
        finally:
            cluster.api.thaw()
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")
        assert cluster.api.state()["accepted"] > accepted


def test_a_connection_that_is_to_end_is_replaced(cluster, gateway):
    since = len(cluster.api.log())
    with serving(gateway, "web.test"):
        cluster.api.port("goAway")
        cluster.api.watches(do="end")
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")
        assert lists(cluster.api, "ingresses", since) == []


@pytest.mark.parametrize("in_stream", [True, False], ids=["in stream", "as status"])
def test_what_has_expired_is_listed_again(cluster, gateway, in_stream):
    cluster.api.behave(expiredInStream=in_stream)
    with serving(gateway, "web.test"):
        cluster.api.port("refuse")
        cluster.api.port("drop")
        cluster.api.remove(service("web"))
        cluster.api.put(service("web"))
        cluster.route("late.test", "late")
        cluster.api.history(expire=True)
        cluster.api.port("serve")
        await_host(gateway, "late.test")


def test_a_storm_of_expirations_loses_nothing(cluster, gateway):
    remove = cluster.api.rule("watch *resourceVersion=*", code=410)
    with serving(gateway, "web.test") as all_are_served:
        cluster.api.watches(do="end")
        since = len(cluster.api.log())
        cluster.api.await_request("watch", "/ingresses?", since, 3)
        all_are_served()
        remove()
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")


@pytest.mark.parametrize("then", ["end", "reset"])
def test_half_a_line_is_not_taken_for_one(cluster, gateway, then):
    with serving(gateway, "web.test"):
        cluster.api.watches(INGRESSES, do="cutNext", bytes=200, then=then)
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")


def test_events_in_pieces_repeated_and_in_a_wrong_order_come_to_the_same(cluster, gateway):
    added = route("pieces.test", "web", name="pieces")
    added["metadata"] |= {"uid": "pieces", "resourceVersion": str(cluster.api.state()["resourceVersion"])}
    event = json.dumps({"type": "ADDED", "object": added}) + "\n"
    cluster.api.watches(INGRESSES, do="send", text=event[:100])
    assert status(gateway, "pieces.test") == 404
    cluster.api.watches(INGRESSES, do="send", text=event[100:])
    await_host(gateway, "pieces.test")
    cluster.api.watches(INGRESSES, do="repeat")
    cluster.api.watches(INGRESSES, do="hold")
    for host in ("one.test", "two.test", "three.test"):
        cluster.route(host, "moving")
    cluster.api.watches(INGRESSES, do="releaseReversed")
    await_host(gateway, "three.test")
    cluster.route("after.test", "after")
    await_host(gateway, "after.test")
    assert [status(gateway, host) for host in ("one.test", "two.test", "three.test", "web.test")] == [404, 404, 200, 200]


def test_nonsense_in_a_watch_changes_nothing(cluster, gateway):
    with serving(gateway, "web.test"):
        cluster.api.watches(INGRESSES, do="send", text="this is no JSON\n")
        cluster.api.watches(INGRESSES, do="send", text='{"type":"DELETED"}\n')
        cluster.api.watches(INGRESSES, do="send", text="[" * 10_000 + "\n")
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")


def test_a_resource_version_that_goes_back_is_lived_with(cluster, gateway):
    with serving(gateway, "web.test"):
        cluster.api.history(resourceVersion=100)
        cluster.api.history(expire=True)
        cluster.api.port("drop")
        cluster.route("late.test", "late")
        gateway.send_signal(signal.SIGHUP)
        await_host(gateway, "late.test")
        cluster.route("later.test", "later")
        await_host(gateway, "later.test")


def test_what_a_watch_lost_is_found_by_looking_again(cluster, gateway):
    cluster.api.watches(INGRESSES, do="loseNext", events=2)
    cluster.route("lost.test", "lost")
    cluster.api.remove(route("web.test", "web"))
    cluster.route("seen.test", "seen")
    await_host(gateway, "seen.test")
    assert [status(gateway, host) for host in ("lost.test", "web.test")] == [404, 200]
    gateway.send_signal(signal.SIGHUP)
    await_host(gateway, "lost.test")
    await_host(gateway, "web.test", 404)


def test_watches_that_end_at_once_are_not_asked_for_without_a_pause(cluster, gateway):
    remove = cluster.api.rule("watch *ingresses*resourceVersion=*", bytes=0, then="end")
    cluster.api.watches(INGRESSES, do="end", may_be_none=True)
    since = len(cluster.api.log())
    cluster.api.await_request("watch", "/ingresses?", since, 5)
    asked = [one["milliseconds"] for one in cluster.api.requests("watch", "/ingresses?", since)]
    assert asked[4] - asked[0] >= 1000, asked  # its pauses are of 100, 200, 400 and 800 ms at least
    remove()
    cluster.route("late.test", "late")
    await_host(gateway, "late.test")


@pytest.mark.parametrize("code", [429, 500, 503])
def test_who_is_sent_away_comes_again(tmp_path, code):
    with Cluster(tmp_path) as cluster:
        more = {} if code == 500 else {"retryAfter": 1}
        cluster.api.rule("* /api*", count=20, code=code, **more)
        with cluster.gateway() as gateway:
            assert status(gateway) == 200


def test_metrics_tell_how_old_each_kind_is(cluster, gateway):
    def state(kind):
        return [one for one in ("live", "waiting", "stale", "forbidden", "not_served") if sample(gateway, "sallyport_source_state", kind=kind, state=one)]

    assert state("services") == state("ingresses.networking.k8s.io") == state("gateroutes.sallyport.dev") == ["live"]
    assert sample(gateway, "sallyport_source_objects", kind="ingresses.networking.k8s.io") == 1
    assert sample(gateway, "sallyport_source_lists_total", kind="services") == 1
    assert sample(gateway, "sallyport_source_lost_events_total", kind="services") == 0
    cluster.api.port("refuse")
    cluster.api.port("drop")
    gateway.errors.wait_for("no answer from the API server")
    await_that(lambda: state("services") == ["stale"] and sample(gateway, "sallyport_source_age_seconds", kind="services") >= 1, gateway.errors.text)
    since = len(cluster.api.log())
    cluster.api.remove(service("web"))
    cluster.api.put(service("web"))
    cluster.api.history(expire=True)
    cluster.api.port("serve")
    cluster.api.await_watches("/services?")
    await_that(lambda: state("services") == ["live"] and sample(gateway, "sallyport_source_lists_total", kind="services") == 2,
               lambda: str(cluster.api.log(since)))


# Not all of it.


def test_nothing_is_served_before_every_kind_is_known(tmp_path):
    with Cluster(tmp_path) as cluster:
        remove = cluster.api.rule("* */endpointslices?*", hold=True)
        ports = ("--address", "127.0.0.1", "--port-map", "80=0", "--health", "127.0.0.1:0", "--admin", "off")
        with Program("run", *cluster.source_options(), *ports) as program:
            program.health = address_in(program.errors.wait_for("health.*http://"))
            await_that(lambda: followed(cluster.api) == set(KINDS) - {"endpointslices"}, program.errors.text)
            assert readiness(program) == 503
            assert not any(re.search(r"\bready\b", line) for line in program.errors.lines)
            remove()
            program.errors.wait_for(r"\bready\b")


def test_one_slow_kind_stops_no_other(cluster, gateway):
    with serving(gateway, "web.test"):
        cluster.api.watches("*/services?*", do="hold")
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")


def test_a_kind_that_is_not_there_yet_comes_alive(tmp_path):
    with Cluster(tmp_path, own_kinds=False) as cluster, cluster.gateway() as gateway:
        gateway.errors.wait_for(r"gateroutes.*not served")
        assert status(gateway) == 200
        cluster.api.load(OWN_KINDS)
        cluster.api.put(described("sallyport.dev/v1alpha1", "GateRoute", "own") | {
            "spec": {"hosts": ["own.test"], "rules": [{"backends": [{"service": "web", "port": 80}]}]}})
        gateway.send_signal(signal.SIGHUP)
        await_host(gateway, "own.test")


def test_what_is_forbidden_is_named_and_the_rest_is_served(tmp_path):
    with Cluster(tmp_path) as cluster:
        cluster.api.rule("* */gateroutes?*", code=403)
        with cluster.gateway() as gateway:
            said = gateway.errors.wait_for("gateroutes.*(forbidden|may not)")
            assert "list" in said or "watch" in said
            assert status(gateway) == 200


def test_a_token_is_read_again_when_it_is_no_longer_good(cluster, tmp_path):
    token = tmp_path / "token"
    token.write_text("first")
    cluster.config = cluster.api.kubeconfig(token_file=token)
    cluster.api.behave(tokens={"first": "one"})
    with cluster.gateway() as gateway:
        for number in range(3):
            token.write_text(f"token{number}")
            cluster.api.behave(tokens={f"token{number}": f"user{number}"})
            cluster.api.watches(do="end")
            cluster.route(f"new{number}.test", "new")
            await_host(gateway, f"new{number}.test")
            assert cluster.api.log()[-1]["user"] == f"user{number}"


def test_a_certificate_says_who_we_are(tmp_path):
    with Cluster(tmp_path) as cluster, FakeApi(tmp_path / "other", cluster.authority, clients=True) as api:
        api.behave(tokens={"some": "body"})
        api.put(*cluster.site())
        cluster.config = api.kubeconfig(pair=cluster.authority.pair("gateway", subject="gateway", usage="clientAuth"))
        with cluster.gateway() as gateway:
            assert status(gateway) == 200
            assert {one["user"] for one in api.log()} == {"gateway"}


def test_who_we_are_may_be_unknown_for_a_while(cluster, gateway):
    with serving(gateway, "web.test"):
        cluster.api.behave(tokens={"another": "body"})
        cluster.api.port("drop")
        gateway.errors.wait_for("does not know us|Unauthorized|401")
        cluster.api.behave(tokens={"a-token-of-the-test": "us again"})
        cluster.route("late.test", "late")
        await_host(gateway, "late.test")
    assert "a-token-of-the-test" not in gateway.errors.text()


def test_another_server_than_ours_is_told_nothing(tmp_path):
    with Cluster(tmp_path) as cluster:
        stranger = Authority(tmp_path / "stranger", "a stranger")
        with FakeApi(tmp_path / "theirs", stranger) as theirs:
            written = json.loads(cluster.config.read_text())
            written["clusters"][0]["cluster"]["server"] = theirs.url
            cluster.config.write_text(json.dumps(written))
            code, _, errors = once_done("check", "--kubeconfig", cluster.config)
            assert code == 2 and "certificate" in errors
            assert theirs.log() == []


# What is bad of objects.


def changes_come_by_watch_and_by_list(cluster, gateway):
    cluster.route("late.test", "late")
    await_host(gateway, "late.test")
    cluster.api.port("drop")
    cluster.api.history(expire=True)
    cluster.route("later.test", "later")
    await_host(gateway, "later.test")


def test_a_giant_object_harms_only_itself(cluster, gateway):
    before = peak_bytes(gateway)
    cluster.api.put(route("giant.test", "web", name="giant"), padding=10 << 20)
    changes_come_by_watch_and_by_list(cluster, gateway)
    assert status(gateway) == 200 and status(gateway, "giant.test") == 404
    gateway.errors.wait_for("giant")
    # What a sanitizer keeps of freed memory is its own.
    assert peak_bytes(gateway) - before < by_build(32 << 20, 512 << 20, 512 << 20)


@pytest.mark.parametrize("raw", ["{}", "5", '{"metadata": {"name": "bad", "namespace": 5}}',
                                 '{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "bad"}, "spec": }'])
def test_a_broken_object_harms_only_itself(cluster, gateway, raw):
    with serving(gateway, "web.test"):
        cluster.api.put(route("bad.test", "web", name="bad"), raw=raw)
        changes_come_by_watch_and_by_list(cluster, gateway)
