# SPDX-License-Identifier: Apache-2.0
"""--last-good: what was in force is served again when the folder does not answer at a start, and the folder takes over."""
import os
import pathlib
import random
import signal
import ssl

import pytest
from certificates import dial
from folder import described, route, served
from gateway import address_in, once_done
from last_good_world import LEFT_OUT, Killed, World, await_kept, await_status, status
from namespaces import main, run_inside
from raw_client import Client
from recovery import health_answers
from scale_metrics import await_metric, metrics
from small_disk import SmallDisk


@pytest.fixture
def world(tmp_path):
    one = World(tmp_path)
    yield one
    one.origin.listener.close()


def test_it_serves_as_before_though_the_folder_is_gone(world):
    world.keep()
    world.lose_folder()
    with world.gateway(tls=True) as gateway:
        assert "until the source answers" in gateway.errors.text()
        assert health_answers(gateway, "/readyz") and status(gateway) == 200
        with Client(gateway.tls_address, tls=dial(world.authority.client(("http/1.1",)), "web.test")) as client:
            assert client.get("web.test").status == 200
        assert metrics(gateway)["sallyport_last_good_unconfirmed_objects"] == 4
        assert metrics(gateway)["sallyport_last_good_writes_total"] == 0, "it is the source's no more than before"


def test_the_folder_takes_over_when_it_comes_back(world):
    world.folder.write("old.yaml", route("old.test", "web", name="old"))
    world.keep()
    world.lose_folder()
    os.unlink(world.where / "away/old.yaml")
    with world.gateway() as gateway:
        assert status(gateway, "old.test") == 200
        world.find_folder()
        await_status(gateway, "old.test", 404)
        assert status(gateway) == 200
        await_metric(gateway, "sallyport_last_good_unconfirmed_objects", 0)
        await_kept(gateway)


def test_what_may_be_in_a_broken_file_stays(world):
    world.folder.write("other.yaml", route("other.test", "web", name="other"))
    world.keep()
    world.folder.write_text("other.yaml", "kind: [\n")
    world.folder.write("new.yaml", route("new.test", "web", name="new"))
    with world.gateway() as gateway:
        assert [status(gateway, host) for host in ("web.test", "new.test", "other.test")] == [200, 200, 200]
        gateway.errors.wait_for("1 objects that it did not give stay")
        world.folder.write("other.yaml", route("another.test", "web", name="another"))
        await_status(gateway, "another.test", 200)
        await_status(gateway, "other.test", 404)
        gateway.errors.wait_for("all that is served is the source's")


def test_an_object_that_was_broken_while_nobody_served_has_its_last_good_version(world):
    world.keep()
    world.folder.write("web.yaml", *served("web", world.origin.port),
                       described("networking.k8s.io/v1", "Ingress", "web") | {"spec": {"rules": 5}})
    with world.gateway() as gateway:
        assert status(gateway) == 200
        assert metrics(gateway)["sallyport_objects_last_good"] == 1


def test_a_torn_one_is_named_and_the_one_before_it_serves(world):
    world.keep()
    world.folder.write("new.yaml", route("new.test", "web", name="new"))
    world.keep()
    newest = world.kept / "last-good.json"
    newest.write_bytes(newest.read_bytes()[:-20])
    world.lose_folder()
    with world.gateway() as gateway:
        gateway.errors.wait_for("last-good.json is torn: its end is missing")
        assert (status(gateway), status(gateway, "new.test")) == (200, 404)


@pytest.mark.parametrize(("key", "said"), [("another key, which is as long as the first", "is sealed with another key"),
                                           ("short", "has 5 bytes; at least 32 are wanted"), (None, "No such file")])
def test_without_the_right_key_nothing_is_restored(world, key, said):
    world.keep()
    if key is None:
        world.key.unlink()
    else:
        world.key.write_text(key)
    world.lose_folder()
    code, _, errors = once_done("run", "--config", world.folder.path, "--address", "127.0.0.1", "--port-map", "80=0", "--health", "off", "--admin",
                                "off", "--last-good", world.kept, "--last-good-key", world.key)
    assert code == 1 and said in errors and "nothing to restore" in errors
    assert key is None or key not in errors


def test_secrets_may_be_left_out(world):
    world.keep(key=False)
    text = (world.kept / "last-good.json").read_text()
    assert '"secrets":null' in text and "PRIVATE" not in text and "tls.key" not in text
    world.lose_folder()
    with world.gateway(key=False, begun=LEFT_OUT) as gateway:
        assert status(gateway) == 200
        assert "without Secrets" in gateway.errors.text()
        assert not health_answers(gateway, "/readyz") and health_answers(gateway, "/livez")
        gateway.tls_address = address_in(gateway.errors.wait_for("listening on https://"))
        context = world.authority.client(("http/1.1",))
        with pytest.raises((ssl.SSLError, ConnectionError)):
            Client(gateway.tls_address, tls=dial(context, "web.test"))
        world.find_folder()
        gateway.errors.wait_for(r"\bready\b")
        assert health_answers(gateway, "/readyz")
        with Client(gateway.tls_address, tls=dial(context, "web.test")) as client:
            assert client.get("web.test").status == 200


def test_where_nothing_refers_to_a_secret_it_is_ready_without_any(world):
    world.folder.write("web.yaml", *served("web", world.origin.port), route("web.test", "web"))
    world.keep(key=False)
    world.lose_folder()
    with world.gateway(key=False) as gateway:
        assert status(gateway) == 200 and health_answers(gateway, "/readyz")


def test_what_is_kept_shows_no_secret_and_belongs_to_its_owner(world):
    world.keep()
    kept = world.kept / "last-good.json"
    assert "tls.key" not in kept.read_text() and "sealed" in kept.read_text()
    assert (kept.stat().st_mode & 0o777, world.kept.stat().st_mode & 0o777) == (0o600, 0o700)


def test_check_reads_what_is_kept(world):
    world.keep(key=False)
    world.folder.write("new.yaml", route("new.test", "web", name="new"))
    world.keep(key=False)
    _, said, errors = once_done("check", world.kept)
    assert "Ingress default/new (last-good.json:" in said + errors and "duplicate" not in said + errors


@pytest.mark.threaded
def test_a_burst_of_changes_is_kept_once_and_the_last_of_it(world):
    with world.gateway() as gateway:
        await_kept(gateway)
        for number in range(30):
            world.folder.write("burst.yaml", route(f"burst{number}.test", "web", name="burst"))
        await_status(gateway, "burst29.test", 200)
    assert "burst29.test" in (world.kept / "last-good.json").read_text()
    assert len(list(world.kept.iterdir())) <= 3


def test_nothing_is_written_while_nothing_changes(world):
    with world.gateway() as gateway:
        await_kept(gateway)
        kept = (world.kept / "last-good.json").stat()
        for _ in range(3):
            gateway.send_signal(signal.SIGHUP)
            status(gateway)
    assert (world.kept / "last-good.json").stat().st_ino == kept.st_ino


@pytest.mark.parametrize(("options", "said"), [
    (("--last-good", "KEPT"), "either --last-good-key or --last-good-without-secrets"),
    (("--last-good", "KEPT", "--last-good-key", "KEY", "--last-good-without-secrets"), "either"),
    (("--last-good-key", "KEY"), "need --last-good"),
    (("--last-good", "DIR/kept", "--last-good-without-secrets"), "must not lie in the folder"),
])
def test_options_that_do_not_go_together_are_refused(world, options, said):
    places = {"KEPT": str(world.kept), "KEY": str(world.key), "DIR/kept": os.path.join(world.folder.path, "kept")}
    code, out, errors = once_done("run", "--config", world.folder.path, *(places.get(option, option) for option in options))
    assert code == 2 and said in out + errors


def test_a_full_disk_is_told_and_gets_over(tmp_path):
    run_inside(__file__, "with_full_disk", tmp_path, mounts=True)


def with_full_disk(where):
    where = pathlib.Path(where)
    disk = SmallDisk(where)
    world = World(where)
    world.kept = disk.path / "kept"
    with world.gateway() as gateway:
        await_kept(gateway)
        disk.fill()
        world.folder.write("new.yaml", route("new.test", "web", name="new"))
        gateway.errors.wait_for("last good: not kept: .*No space left on device")
        await_status(gateway, "new.test", 200)
        assert metrics(gateway)["sallyport_last_good_failures_total"] >= 1
        assert "new.test" not in (world.kept / "last-good.json").read_text(), "the former one is whole"
        disk.free()
        gateway.errors.wait_for("last good: kept again")
        assert "new.test" in (world.kept / "last-good.json").read_text()
    world.origin.listener.close()


def test_killed_at_any_moment_it_starts_again_from_what_is_kept(tmp_path):
    """Reference: reliability-security.md R11; tools/soak kills two hundred times."""
    killed = Killed(tmp_path, random.Random(11))
    for _ in range(20):
        killed.kill()
    assert killed.lost == 0
    killed.world.origin.listener.close()


if __name__ == "__main__":
    main({"with_full_disk": with_full_disk})
