# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes API server whose faults a test chooses (tests/fake_api_server), started, filled and steered; its kubeconfig."""
import base64
import http.client
import json
import pathlib
import signal
import subprocess
import time

from folder import documents
from gateway import ROOT, Lines, address_in, built
from raw_client import DEADLINE

OWN_KINDS = ROOT / "deploy/crds/gateroutes.sallyport.dev.yaml"


class FakeApi:
    """`authority` gives it TLS, with a certificate of 127.0.0.1; with `clients` it also asks clients for theirs. Without, it serves
    in clear text. It has the kinds of a cluster, and ours unless `own_kinds` is false."""

    def __init__(self, where, authority=None, clients=False, own_kinds=True, listen="127.0.0.1:0"):
        self.where, self.authority = pathlib.Path(where), authority
        self.where.mkdir(parents=True, exist_ok=True)
        arguments = []
        if authority:
            pair = authority.pair("localhost", "IP:127.0.0.1")
            arguments = ["--certificate", pair.certificate_file, "--key", pair.key_file]
            arguments += ["--client-ca", authority.certificate_file] if clients else []
        self.process = subprocess.Popen([*map(str, (built("fake_api_server"), *arguments, "--listen", listen))], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.output, self.errors = Lines(self.process.stdout), Lines(self.process.stderr)
        try:
            line = self.output.wait_for("listening on")
            self.address, self.control = (address_in(part) for part in line.split(", "))
            if own_kinds:
                self.load(OWN_KINDS)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            code = self.process.wait(DEADLINE)
        finally:
            self.process.kill()
            self.process.wait()
        self.errors.reader.join(DEADLINE)
        assert code == 0 and not self.errors.text(), f"exit code {code}; it said:\n{self.errors.text()}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def url(self):
        return f"http{'s' if self.authority else ''}://{self.address[0]}:{self.address[1]}"

    def kubeconfig(self, token=None, token_file=None, pair=None, name="kubeconfig", **cluster):
        """A kubeconfig of it, as kubectl has one, and where it lies."""
        if self.authority:
            cluster.setdefault("certificate-authority-data", base64.b64encode(self.authority.certificate.encode()).decode())
        user = {"token": token} if token else {"tokenFile": str(token_file)} if token_file else {}
        if pair:
            user |= {"client-certificate": str(pair.certificate_file), "client-key": str(pair.key_file)}
        written = {"apiVersion": "v1", "kind": "Config", "current-context": "test",
                   "clusters": [{"name": "test", "cluster": {"server": self.url} | cluster}],
                   "users": [{"name": "test", "user": user}],
                   "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}]}
        path = self.where / name
        path.write_text(json.dumps(written))
        return path

    # What a test does. All of it is in force when the call returns.

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(*self.control, timeout=DEADLINE)
        try:
            text = body if isinstance(body, (str, type(None))) else json.dumps(body)
            connection.request(method, path, body=None if text is None else text.encode(), headers={"Connection": "close"})
            response = connection.getresponse()
            said = response.read()
            assert response.status == 200, f"{method} {path}: {response.status} {said!r}"
            return json.loads(said)
        finally:
            connection.close()

    def put(self, *objects, padding=0, raw=None):
        """Makes them be there as they are; `padding` bytes more in each, or `raw` in place of their JSON."""
        options = ({"padding": padding} if padding else {}) | ({"raw": raw} if raw is not None else {})
        for at in range(0, len(objects), 500):
            self.ask("POST", "/objects", {"objects": objects[at:at + 500]} | options)

    def put_yaml(self, text):
        """As kubectl applies it; gives what was left out, and why."""
        return self.ask("POST", "/yaml", text)["leftOut"]

    def load(self, *files):
        return [left_out for file in files for left_out in self.put_yaml(pathlib.Path(file).read_text())]

    def write(self, _, *objects):
        """As of a Folder: there are no files here."""
        self.put_yaml(documents(objects))

    def remove(self, *objects):
        self.ask("POST", "/remove", {"objects": objects})

    def clear(self):
        """No object is there, but what defines kinds."""
        self.ask("POST", "/remove", {"all": True})

    def drop_kind(self, group, plural):
        self.ask("POST", "/kinds", {"drop": {"group": group, "plural": plural}})

    def get(self, api_version, kind, name, namespace="default"):
        """The object as it is there; None if there is none."""
        return self.ask("GET", f"/object?apiVersion={api_version}&kind={kind}&namespace={namespace}&name={name}")["object"]

    def behave(self, **how):
        self.ask("POST", "/behaviour", how)

    def history(self, **how):
        return self.ask("POST", "/history", how)

    def rule(self, on, **what):
        """What becomes of requests that fit "VERB PATH?QUERY", with '*' for any text; gives what removes it."""
        number = self.ask("POST", "/rules", {"on": on} | what)["id"]
        return lambda: self.ask("DELETE", f"/rules/{number}")

    def clear_rules(self):
        self.ask("DELETE", "/rules")

    def watches(self, on="*", may_be_none=False, **what):
        """Does something to the open watches that fit, and gives how many there are; without `may_be_none` it waits for one."""
        counts = []

        def some():
            counts.append(self.ask("POST", "/watches", {"on": on} | what)["watches"])
            return counts[-1] or may_be_none
        await_that(some, lambda: f"no watch fits {on}: {self.state()['watches']}")
        return counts[-1]

    def port(self, what):
        self.ask("POST", "/port", {"do": what})

    def freeze(self):
        """Nobody there answers any more, and no connection ends."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    # What a test sees.

    def state(self):
        return self.ask("GET", "/state")

    def log(self, since=0):
        return self.ask("GET", f"/log?from={since}")

    def requests(self, verb=None, target="", since=0):
        """Those logged with that verb, in whose target the text is."""
        return [one for one in self.log(since) if verb in (None, one["verb"]) and target in one["target"]]

    def await_watches(self, on, count=1):
        """Blocks until so many watches are open whose target has the text."""
        return await_that(lambda: sum(on in one["target"] for one in self.state()["watches"]) == count,
                          lambda: f"{on}: {self.state()['watches']}")

    def await_request(self, verb, target="", since=0, count=1):
        await_that(lambda: len(self.requests(verb, target, since)) >= count,
                   lambda: f"{verb} {target}: " + str([(one["verb"], one["target"]) for one in self.log(since)]))


def await_that(condition, told):
    """Blocks until the condition holds."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, told()
