# SPDX-License-Identifier: Apache-2.0
"""The program under test (SALLYPORT), started on free ports, and what it says line by line."""
import ctypes
import functools
import os
import pathlib
import re
import resource
import signal
import subprocess
import threading

from raw_client import DEADLINE

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("SALLYPORT", "build/release/sallyport")
REPORT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|SUMMARY: \w+Sanitizer")
LIBC = ctypes.CDLL(None)
PR_SET_PTRACER, PR_SET_PTRACER_ANY = 0x59616d61, -1
ADDRESS = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[\d.]+):(\d+)")


class Lines:
    """The lines of a pipe, read as they come. Waiting for one blocks until it is there, the pipe ends, or the deadline."""

    def __init__(self, pipe):
        self.pipe, self.lines, self.ended = pipe, [], False
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.pipe:
            with self.changed:
                self.lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait_for(self, pattern, start=0):
        """The first line, from the start-th on, in which the pattern is found."""
        found = []

        def is_there():
            found[:] = [line for line in self.lines[start:] if re.search(pattern, line)][:1]
            return found or self.ended

        with self.changed:
            self.changed.wait_for(is_there, DEADLINE * 2)
        if found:
            return found[0]
        reason = "the program ended" if self.ended else "the deadline passed"
        raise AssertionError(f"no line with {pattern!r}: {reason}; lines:\n" + self.text())

    def wait_until(self, condition):
        """Blocks until the condition, a function of the list of lines, holds."""
        with self.changed:
            held = self.changed.wait_for(lambda: condition(self.lines) or self.ended, DEADLINE * 2)
            assert held and condition(self.lines), "it never held for these lines:\n" + self.text()
            return list(self.lines)

    def text(self):
        return "\n".join(self.lines)


@functools.cache
def built(name):
    """Another program of the tree: built as the program under test is, and beside it; of one that lies elsewhere as the release is."""
    place = pathlib.Path(BINARY).resolve().parent
    preset = place.name if place.parent == ROOT / "build" else "release"
    # Tests run side by side, and builds of one tree may not.
    subprocess.run(["flock", ROOT / f"build/{preset}.lock", ROOT / "tools/build", preset, name], check=True, stdout=subprocess.DEVNULL)
    return ROOT / "build" / preset / name


class Program:
    """A running sallyport, whose standard output may be a descriptor of the test; ending it checks exit code and sanitizers."""

    def __init__(self, *arguments, environment=None, open_files=None, output=None, binary=None):
        def prepare():
            # A Yama kernel lets only a parent trace; strace is a sibling. Elsewhere this is an error, and of no consequence.
            LIBC.prctl(PR_SET_PTRACER, ctypes.c_long(PR_SET_PTRACER_ANY), 0, 0, 0)
            if open_files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))

        self.process = subprocess.Popen([binary or BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        stdout=subprocess.PIPE if output is None else output,
                                        env=os.environ | (environment or {}), preexec_fn=prepare)
        self.errors, self.output = Lines(self.process.stderr), Lines(self.process.stdout or ())

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process.poll() is None

    def send_signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        try:
            self.process.wait(DEADLINE * 2)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError("it did not end; it said:\n" + self.errors.text()) from None
        self.errors.reader.join(DEADLINE)
        self.output.reader.join(DEADLINE)
        assert not REPORT.search(self.errors.text()), self.errors.text()
        return self.process.returncode

    def finish(self, number=signal.SIGTERM):
        if self.is_running():
            self.send_signal(number)
        code = self.wait()
        assert code == 0, f"exit code {code}; it said:\n{self.errors.text()}"

    def kill(self):
        if self.is_running():
            self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self.finish()
        else:
            self.kill()


def address_in(line):
    found = ADDRESS.search(line)
    assert found, f"no address in: {line}"
    return found.group(1).strip("[]"), int(found.group(2))


def listeners(lines, scheme="http"):
    return [line for line in lines if re.search(f"listening on .*{scheme}://", line)]


def source_of(objects):
    """The options that say where objects come from: a folder, or what says it by itself."""
    said = getattr(objects, "source_options", None)
    return said() if said else ("--config", getattr(objects, "path", objects))


class Gateway(Program):
    """`sallyport run` on a folder or a cluster, serving: `address` takes requests, `health` and `admin` are the read-only ports. A
    test that gives an --admin of its own finds it itself. With `tls` there is something to serve by TLS, and `tls_address` takes that.
    `begun` is the line that says that it serves.
    """

    def __init__(self, folder, *options, workers=1, access_log="off", addresses=("127.0.0.1",), tls=False, begun=r"\bready\b", **more):
        bound = [option for address in addresses for option in ("--address", address)]
        own_admin = "--admin" in options
        if not own_admin:
            bound += ["--admin", "127.0.0.1:0"]
        super().__init__("run", *source_of(folder), *bound, "--port-map", "80=0", "--port-map", "443=0", "--health", "127.0.0.1:0",
                         "--workers", workers, "--access-log", access_log, *options, **more)
        try:
            self.errors.wait_for(begun)
            lines = self.errors.wait_until(lambda said: len(listeners(said)) == len(addresses))
            if tls:
                lines = self.errors.wait_until(lambda said: len(listeners(said, "https")) == len(addresses))
                self.tls_address = address_in(listeners(lines, "https")[0])
            self.health = address_in(next(line for line in lines if "health" in line and "http://" in line))
            self.admin = None if own_admin else address_in(next(line for line in lines if "explain on http://" in line))
            self.addresses = [address_in(line) for line in listeners(lines)]
            self.address = self.addresses[0]
        except BaseException:
            self.kill()
            raise

    def url(self, path="/"):
        return f"http://{self.address[0]}:{self.address[1]}{path}"


class Echo(Program):
    """`sallyport echo` as the pod of a Service."""

    def __init__(self, name="echo", namespace="default", ingress="web", options=()):
        names = {"POD_NAME": f"{name}-0", "NAMESPACE": namespace, "SERVICE_NAME": name, "INGRESS_NAME": ingress}
        super().__init__("echo", "--listen", "127.0.0.1:0", *options, environment=names)
        try:
            self.address = address_in(self.output.wait_for("listening on"))
        except BaseException:
            self.kill()
            raise


def once_done(*arguments, environment=None, binary=None):
    """(exit code, standard output, standard error) of a command that ends by itself."""
    done = subprocess.run([binary or BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE * 2,
                          env=os.environ | (environment or {}))
    assert not REPORT.search(done.stderr), done.stderr
    return done.returncode, done.stdout, done.stderr
