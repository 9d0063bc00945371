# SPDX-License-Identifier: Apache-2.0
"""Changes of the folder while requests run: the new answer comes, and no request fails."""
import json
import mmap
import os
import shutil
import signal
import time

import pytest
from folder import Folder, documents, endpoint_slice, ingress, path, route, rule, served, service
from gateway import Gateway
from hammer import Hammer
from origins import Origins
from raw_client import DEADLINE, Client, once, request
from recorder import Recorder

pytestmark = pytest.mark.threaded


def answer(gateway, host="web.test", target="/"):
    """Who answers on a new connection: a Service's name, or a status."""
    response = once(gateway.address, request("GET", host, target))
    return json.loads(response.body)["service"] if response.status == 200 else response.status


def await_answer(gateway, expected, host="web.test", target="/"):
    """Asks until it is the expected one on several new connections in a row, which may be different workers'."""
    deadline = time.monotonic() + DEADLINE
    in_a_row = 0
    while in_a_row < 6:
        got = answer(gateway, host, target)
        in_a_row = in_a_row + 1 if got == expected else 0
        assert time.monotonic() < deadline, f"still {got}; the gateway said:\n{gateway.errors.text()}"


@pytest.fixture
def origins():
    with Origins("one", "two") as two:
        yield two


@pytest.fixture
def shop(folder, origins):
    """A folder with the Services `one` and `two`, and web.test at `one`."""
    for name, port in origins.ports.items():
        folder.write(f"{name}.yaml", *served(name, port))
    folder.write("web.yaml", route("web.test", "one"))
    return folder


def test_an_edited_file(shop):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test") as hammer:
        for to in ("two", "one", "two"):
            shop.write("web.yaml", route("web.test", to))
            await_answer(gateway, to)
        assert set(hammer.answered) == {"one", "two"}


def test_a_file_edited_in_place(shop):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test"):
        with open(os.path.join(shop.path, "web.yaml"), "w", encoding="utf-8") as file:
            file.write(documents([route("web.test", "two")]))
        await_answer(gateway, "two")


def test_an_added_and_a_removed_file(shop):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test") as hammer:
        assert answer(gateway, "new.test") == 404
        shop.write("new.yaml", route("new.test", "two", name="new"))
        await_answer(gateway, "two", "new.test")
        shop.remove("new.yaml")
        await_answer(gateway, 404, "new.test")
        assert set(hammer.answered) == {"one"}


def test_a_file_in_a_new_directory(shop):
    with Gateway(shop) as gateway, Hammer(gateway.address, "web.test"):
        below = Folder(os.path.join(shop.path, "team/a"))
        below.write("new.yaml", route("new.test", "two", name="new"))
        await_answer(gateway, "two", "new.test")
        shutil.rmtree(os.path.join(shop.path, "team"))
        await_answer(gateway, 404, "new.test")


def test_a_document_removed_from_a_file(shop):
    shop.write("web.yaml", route("web.test", "one"), route("second.test", "two", name="second"))
    with Gateway(shop) as gateway, Hammer(gateway.address, "web.test"):
        assert answer(gateway, "second.test") == "two"
        shop.write("web.yaml", route("web.test", "one"))
        await_answer(gateway, 404, "second.test")


def publish(root, version, objects):
    """As the kubelet writes a ConfigMap's volume: a new directory, then one link renamed over the old."""
    directory = os.path.join(root, f"..2026_{version}")
    Folder(directory).write("web.yaml", *objects)
    os.symlink(os.path.basename(directory), os.path.join(root, "..data_tmp"))
    os.rename(os.path.join(root, "..data_tmp"), os.path.join(root, "..data"))
    if not os.path.lexists(os.path.join(root, "web.yaml")):
        os.symlink("..data/web.yaml", os.path.join(root, "web.yaml"))


def test_a_config_map_that_is_swapped(tmp_path, origins):
    root = tmp_path / "mounted"
    root.mkdir()
    services = [item for name, port in origins.ports.items() for item in served(name, port)]
    publish(root, 1, [*services, route("web.test", "one")])
    with Gateway(root, workers=2) as gateway, Hammer(gateway.address, "web.test"):
        for version, to in ((2, "two"), (3, "one")):
            publish(root, version, [*services, route("web.test", to)])
            shutil.rmtree(root / f"..2026_{version - 1}")
            await_answer(gateway, to)


def test_a_folder_that_vanishes_removes_nothing_and_one_that_takes_its_place_is_read(shop, tmp_path):
    with Gateway(shop) as gateway, Hammer(gateway.address, "web.test"):
        os.rename(shop.path, tmp_path / "away")
        gateway.errors.wait_for("objects")  # it is told
        assert answer(gateway) == "one"
        shutil.copytree(tmp_path / "away", tmp_path / "next")
        Folder(tmp_path / "next").write("web.yaml", route("web.test", "two"))
        os.rename(tmp_path / "next", shop.path)
        await_answer(gateway, "two")


def test_a_broken_file_keeps_its_objects_and_is_named_until_it_is_mended(shop):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test"):
        before = len(gateway.errors.lines)
        shop.write_text("web.yaml", "kind: [Ingress\n")
        gateway.errors.wait_for(r"web\.yaml", before)
        assert answer(gateway) == "one"
        shop.write("two-more.yaml", route("more.test", "two", name="more"))
        await_answer(gateway, "two", "more.test")
        assert answer(gateway) == "one"
        shop.write("web.yaml", route("web.test", "two"))
        await_answer(gateway, "two")


def test_a_new_version_that_cannot_be_read_keeps_the_old_one(shop):
    with Gateway(shop) as gateway, Hammer(gateway.address, "web.test"):
        before = len(gateway.errors.lines)
        broken = route("web.test", "two")
        broken["spec"]["rules"] = "nonsense"
        shop.write("web.yaml", broken)
        gateway.errors.wait_for("rejected Ingress default/web", before)
        assert answer(gateway) == "one"
        shop.write("web.yaml", route("web.test", "two"))
        await_answer(gateway, "two")


def test_a_fault_of_one_rule_drops_that_rule_only(shop):
    both = ingress("both", rule("a.test", path("/", "one")), rule("b.test", path("/", "one")))
    shop.write("both.yaml", both)
    with Gateway(shop) as gateway, Hammer(gateway.address, "a.test"):
        both["spec"]["rules"][1]["http"]["paths"][0]["pathType"] = "Perhaps"
        shop.write("both.yaml", both)
        await_answer(gateway, 404, "b.test")
        assert answer(gateway, "a.test") == "one"


def test_a_half_written_file_is_not_read_before_it_is_closed(shop):
    text = documents([route("web.test", "two")])
    with Gateway(shop) as gateway, Hammer(gateway.address, "web.test"):
        with open(os.path.join(shop.path, "web.yaml"), "r+", encoding="utf-8") as file:
            file.truncate()
            file.write(text[:60])
            file.flush()
            shop.write("new.yaml", route("new.test", "two", name="new"))
            await_answer(gateway, "two", "new.test")
            assert answer(gateway) == "one"
            file.write(text[60:])
        await_answer(gateway, "two")


def test_temporary_files_of_editors_are_not_read(shop):
    with Gateway(shop) as gateway:
        for name in (".web.yaml.swp", "web.yaml~", "#web.yaml#", "4913", ".#web.yaml", "web.txt"):
            with open(os.path.join(shop.path, name), "w", encoding="utf-8") as file:
                file.write(documents([route("temporary.test", "two", name="temporary")]))
        shop.write("new.yaml", route("new.test", "two", name="new"))
        await_answer(gateway, "two", "new.test")
        assert answer(gateway, "temporary.test") == 404


def test_hup_reads_the_folder_again(shop):
    """The change is one that makes no event: through a mapping that was made before the gateway started."""
    with open(os.path.join(shop.path, "web.yaml"), "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
        with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test"):
            at = mapped.find(b'"one"')
            mapped[at:at + 5] = b'"two"'
            mapped.flush()
            assert answer(gateway) == "one"
            gateway.send_signal(signal.SIGHUP)
            await_answer(gateway, "two")


def test_hup_without_a_change_changes_nothing(shop):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test") as hammer:
        for _ in range(5):
            gateway.send_signal(signal.SIGHUP)
            assert answer(gateway) == "one"
        assert set(hammer.answered) == {"one"}


def test_a_burst_of_changes_ends_in_the_last_one(shop):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test"):
        for number in range(30):
            shop.write("web.yaml", route("web.test", ("one", "two")[number % 2]))
        await_answer(gateway, "two")


def test_endpoints_come_and_go(shop, origins):
    with Gateway(shop, workers=2) as gateway, Hammer(gateway.address, "web.test"):
        shop.write("one.yaml", *served("one", *origins.ports.values()))
        deadline = time.monotonic() + DEADLINE
        while answer(gateway) != "two":
            assert time.monotonic() < deadline
        shop.write("one.yaml", *served("one", origins.ports["two"]))
        await_answer(gateway, "two")
        shop.write("one.yaml", *served("one", origins.ports["one"]))
        await_answer(gateway, "one")


def test_endpoints_that_are_all_gone_are_503_and_come_back(shop, origins):
    with Gateway(shop, workers=2) as gateway:
        assert answer(gateway) == "one"
        shop.write("one.yaml", service("one"))
        await_answer(gateway, 503)
        shop.write("one.yaml", *served("one", origins.ports["one"]))
        await_answer(gateway, "one")


def changed(origins):
    """What a test adds to a change, to see when it is in force without asking those that it takes away."""
    return [*served("marker", origins.ports["marker"]), route("marker.test", "marker", name="marker")]


def test_a_request_at_an_endpoint_that_is_removed_finishes_and_its_connection_is_not_kept(folder):
    with Recorder() as leaving, Origins("staying", "marker") as origins:
        folder.write("web.yaml", *served("web", leaving.port), route("web.test", "web"))
        with Gateway(folder) as gateway, Client(gateway.address) as client:
            client.send(request("POST", "web.test", "/slow", "Content-Length: 10") + b"hello")
            connection = leaving.accept()
            connection.read_request_head()
            folder.write("web.yaml", service("web"), endpoint_slice("web", origins.ports["staying"], suffix="2"), route("web.test", "web"),
                         *changed(origins))
            await_answer(gateway, "marker", "marker.test")
            assert answer(gateway) == "staying"
            client.send(b"world")
            assert connection.take(10) == b"helloworld"
            connection.answer(200, b"finished")
            assert client.read_response().body == b"finished"
            connection.expect_end()


def test_a_request_of_a_rule_that_is_removed_finishes(folder):
    with Recorder() as origin, Origins("marker") as origins:
        folder.write("web.yaml", *served("web", origin.port), route("web.test", "web"))
        with Gateway(folder) as gateway, Client(gateway.address) as client:
            client.send(request("GET", "web.test"))
            connection, _ = origin.request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
            assert client.read_response_head().status == 200
            folder.write("web.yaml", *changed(origins))
            await_answer(gateway, "marker", "marker.test")
            connection.send(b"world")
            assert client.take(10) == b"helloworld"
            assert client.get("web.test").status == 404


def test_connections_are_kept_over_changes_that_do_not_concern_them(shop, origins):
    with Gateway(shop) as gateway, Client(gateway.address) as client:
        for number in range(5):
            assert json.loads(client.get("web.test").body)["service"] == "one"
            shop.write("new.yaml", ingress("new", rule("new.test", path(f"/{number}", "two"))))
            await_answer(gateway, "two", "new.test", f"/{number}")
        assert origins.connections["one"] == 1


def test_500_connections_at_once(shop):
    with Gateway(shop, workers=2) as gateway:
        clients = [Client(gateway.address) for _ in range(500)]
        for client in clients:
            client.send(request("GET", "web.test"))
        assert all(client.read_response().status == 200 for client in clients)
        shop.write("web.yaml", route("web.test", "two"))
        await_answer(gateway, "two")
        for client in clients:
            assert json.loads(client.get("web.test").body)["service"] == "two"
            client.close()
