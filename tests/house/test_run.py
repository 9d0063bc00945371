# SPDX-License-Identifier: Apache-2.0
"""tools/run, the demo behind `make run`, around a stand-in for the program."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess

import pytest
from samples import ROOT


def free_ports(count):
    """The first of `count` consecutive free ports of this machine."""
    for first in range(20000, 32000, count):
        with contextlib.ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    taken = stack.enter_context(socket.socket())
                    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    taken.bind(("127.0.0.1", port))
                return first
            except OSError:
                continue
    raise AssertionError("no free ports")


def hear_interrupts():
    """In the child: what runs in the background of a script has SIGINT ignored, which a shell cannot undo."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def demo(tmp_path):
    """Starts tools/run on free ports with its copy below tmp_path; whatever is left of it is ended afterwards."""
    first = free_ports(7)
    started = []

    def start(**changes):
        environment = os.environ | {
            "SALLYPORT": str(ROOT / "tests/house/fake_sallyport"), "FAKE_NOTES": str(tmp_path / "notes"), "TMPDIR": str(tmp_path),
            "PORT": str(first), "HEALTH_PORT": str(first + 1), "ORIGIN_PORT": str(first + 2),
            "ADMIN_PORT": str(first + 5), "TLS_PORT": str(first + 6)} | changes
        process = subprocess.Popen([ROOT / "tools/run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, start_new_session=True, preexec_fn=hear_interrupts)
        started.append(process)
        return process

    yield start, first
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def read_until(process, text):
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(seen + process.stderr.read())


def notes(tmp_path, word):
    lines = [line.split(" ", 3) for line in (tmp_path / "notes").read_text().splitlines()]
    return [line[1:] for line in lines if line[0] == word]


def test_serves_a_copy_and_ends_cleanly_on_an_interrupt(demo, tmp_path):
    start, first = demo
    process = start()
    seen = read_until(process, "Ctrl-C")
    (work,) = tmp_path.glob("sallyport-shop.*")
    assert f"http://shop.localhost:{first}/cart" in seen
    assert f"sed -i 's|path: /cart$|path: /basket|' {work}/shop/ingress.yaml" in seen
    began = notes(tmp_path, "began")
    assert sorted(service for _, service, _ in began) == ["-", "cart", "storefront", "welcome"]
    (gateway,) = [command for _, service, command in began if service == "-"]
    assert gateway.strip() == (f"run --config {work}/shop --address 127.0.0.1 --port-map 80={first} --port-map 443={first + 6} "
                               f"--health 127.0.0.1:{first + 1} --admin 127.0.0.1:{first + 5} --drain-timeout 2")

    os.killpg(process.pid, signal.SIGINT)  # what a terminal does on Ctrl-C
    process.communicate(timeout=30)
    assert process.returncode == 0
    assert not work.exists()
    assert sorted(pid for pid, *_ in notes(tmp_path, "ended")) == sorted(pid for pid, *_ in began)
    assert notes(tmp_path, "interrupted") == []  # each child is told once, by the script
    assert not [pid for pid, *_ in began if pathlib.Path(f"/proc/{pid}").exists()]


def test_the_printed_edit_changes_the_copy(demo, tmp_path):
    start, _ = demo
    seen = read_until(start(), "Ctrl-C")
    (edit,) = [line for line in seen.splitlines() if "sed -i" in line]
    subprocess.run(["bash", "-c", edit], check=True)
    (page,) = tmp_path.glob("sallyport-shop.*/shop/ingress.yaml")
    original = (ROOT / "examples/shop/ingress.yaml").read_text()
    assert page.read_text() == original.replace("path: /cart\n", "path: /basket\n") != original


def test_moved_origins_move_in_the_copy(demo, tmp_path):
    start, first = demo
    read_until(start(), "Ctrl-C")
    (page,) = tmp_path.glob("sallyport-shop.*/shop/endpoints.yaml")
    ports = [line.split()[1] for line in page.read_text().splitlines() if line.startswith("  port: ")]
    assert ports == [str(first + 2 + i) for i in (0, 1, 0, 1, 2)]


@pytest.mark.parametrize("example", ["gate-route", "tls", "websocket"])
def test_the_origins_of_a_pasted_example_can_be_moved(tmp_path, example):
    files = [tmp_path / file.name for file in sorted((ROOT / "examples" / example).glob("*.yaml"))]
    before = [(ROOT / "examples" / example / file.name).read_text() for file in files]
    for file, text in zip(files, before):
        file.write_text(text)
    subprocess.run([ROOT / "tools/move_ports", "9102", *files], check=True)  # onto ports that others have now
    wanted = [text.replace("9102\n", "9103\n").replace("9101\n", "9102\n") for text in before]
    assert [file.read_text() for file in files] == wanted != before


@pytest.mark.parametrize("offset, what, helps", [
    (0, "the gateway", "make run PORT="), (1, "health and metrics", "make run HEALTH_PORT="), (4, "a demo origin", "make run ORIGIN_PORT="),
    (5, "config, status and explain", "make run ADMIN_PORT="),
])
def test_a_taken_port_is_named_with_its_holder_and_what_helps(demo, tmp_path, offset, what, helps):
    start, first = demo
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", first + offset))
        holder.listen()
        process = start()
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert f"Port {first + offset} (for {what}) is taken by" in complaint
    assert f"(process {os.getpid()})" in complaint
    assert helps in complaint
    assert not (tmp_path / "notes").exists()
    assert not list(tmp_path.glob("sallyport-shop.*"))


def test_a_listener_on_another_address_takes_no_port_of_ours(demo):
    start, first = demo
    with socket.socket() as other:
        other.bind(("127.0.0.2", first))
        other.listen()
        read_until(start(), "Ctrl-C")


@pytest.mark.parametrize("part", ["echo", "run"])
def test_a_part_that_ends_by_itself_ends_the_demo_with_its_last_words(demo, tmp_path, part):
    start, _ = demo
    process = start(FAKE_FAILS=part)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ended by itself" in complaint and "cannot listen on" in complaint
    assert not list(tmp_path.glob("sallyport-shop.*"))


@pytest.mark.parametrize("value", ["80a", "0", "70000", "99999999999999999999"])
def test_a_port_that_is_none_is_refused(demo, value):
    start, _ = demo
    process = start(PORT=value)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 2 and "PORT" in complaint
