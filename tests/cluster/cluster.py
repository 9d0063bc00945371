# SPDX-License-Identifier: Apache-2.0
"""etcd, kube-apiserver, kube-controller-manager and nodes of processes, started in order inside an enclosure and ended in order."""
import json
import os
import secrets
import subprocess
import time

import programs
from api import Api, path_of
from enclosure import ADDRESS
from process import Process, written
from raw_client import DEADLINE

PORT, FIRST = 6443, "kube-apiserver"
# Users beside `admin`: gateways whose requests the audit log tells apart.
GATEWAYS = ("gateway-1", "gateway-2")
CONTROLLERS = ("deployment", "replicaset", "daemonset", "statefulset", "job", "endpointslice", "endpointslice-mirroring", "namespace",
               "serviceaccount", "serviceaccount-token", "garbage-collector", "root-ca-certificate-publisher", "clusterrole-aggregation",
               "disruption")
# What pods asked, without what is in it; of everybody else Leases with what was written, and what gateways ask.
AUDIT_POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [
    {"level": "Metadata", "userGroups": ["system:serviceaccounts"], "omitStages": ["RequestReceived"]},
    {"level": "RequestResponse", "resources": [{"group": "coordination.k8s.io", "resources": ["leases"]}]},
    {"level": "Metadata", "users": list(GATEWAYS)},
    {"level": "None"}]}


def kubeconfig(server, authority, token, name="sallyport", namespace="default", server_name=None):
    """The text of one, as JSON, which is YAML."""
    cluster = {"server": server, "certificate-authority": str(authority)} | ({"tls-server-name": server_name} if server_name else {})
    return json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}],
    }, indent=1) + "\n"


class Cluster:
    """`images` are programs by the names of images; `back_off` is what a container that fails again waits at first. API
    servers keep a log of what pods and gateways ask of them (audit.py).
    """

    def __init__(self, where, nodes=2, images=None, back_off="1s"):
        self.where, self.nodes, self.images, self.back_off = where, nodes, images or {}, back_off
        self.programs = programs.build()
        self.tokens = {user: secrets.token_hex(16) for user in ("admin", *GATEWAYS)}
        self.token = self.tokens["admin"]
        self.authority, self.kubeconfig = where / "tls/apiserver.crt", where / "kubeconfig"
        self.started, self.mounted = [], []
        for folder in ("tls", "etcd", "node"):
            (where / folder).mkdir(parents=True)
        try:
            self.start()
        except BaseException:
            self.finish()
            raise

    def run(self, name, command):
        self.started.append(Process(name, command, self.where / f"{name}.log"))
        return self.started[-1]

    def server(self, name, *arguments):
        return self.run(name, [self.programs["cluster-servers"], name, *arguments])

    def start(self):
        # Memory is faster than any disk, and nothing of it is to stay.
        for name in ("etcd", "node"):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", name, self.where / name], check=True)
            self.mounted.append(self.where / name)
        key = self.where / "tls/accounts.key"
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
        written(self.where / "tls/tokens", "".join(f"{token},{user},{user},system:masters\n" for user, token in self.tokens.items()))
        self.server("etcd", f"--data-dir={self.where}/etcd", "--unsafe-no-fsync", "--log-level=warn",
                    "--listen-client-urls=http://127.0.0.1:2379", "--advertise-client-urls=http://127.0.0.1:2379",
                    "--listen-peer-urls=http://127.0.0.1:2380", "--initial-advertise-peer-urls=http://127.0.0.1:2380",
                    "--initial-cluster=default=http://127.0.0.1:2380")
        written(self.where / "audit-policy", json.dumps(AUDIT_POLICY))
        written(self.kubeconfig, kubeconfig(f"https://{ADDRESS}:{PORT}", self.authority, self.token))
        self.api = self.start_api_server(FIRST, PORT)
        controllers = ",".join(f"{name}-controller" for name in CONTROLLERS)
        access = [f"--{what}kubeconfig={self.kubeconfig}" for what in ("", "authentication-", "authorization-")]
        self.server("kube-controller-manager", *access, "--authentication-skip-lookup=true", "--bind-address=127.0.0.1", "--leader-elect=false",
                    f"--service-account-private-key-file={key}", f"--root-ca-file={self.authority}", "--profiling=false",
                    "--concurrent-deployment-syncs=10", "--concurrent-replicaset-syncs=10", "--concurrent-service-endpoint-syncs=10",
                    f"--controllers={controllers}")
        images = [f"--image={name}={os.path.abspath(program)}" for name, program in self.images.items()]
        node = self.run("node", [self.programs["cluster-node"], f"--kubeconfig={self.kubeconfig}", f"--state={self.where}/node",
                                 f"--container={self.programs['cluster-container']}", f"--nodes={self.nodes}",
                                 f"--back-off={self.back_off}", *images])
        node.until(lambda: "ready\n" in node.last_words())
        self.await_account("default")

    def start_api_server(self, name, port, *more):
        """What asks it as the admin, once it is ready. Beside the first one another may serve the same cluster; what was ended may begin anew."""
        key = self.where / "tls/accounts.key"
        apiserver = self.run(name, [
            self.programs["cluster-servers"], "kube-apiserver", "--etcd-servers=http://127.0.0.1:2379", f"--bind-address={ADDRESS}",
            f"--advertise-address={ADDRESS}", f"--secure-port={port}", f"--cert-dir={self.where}/tls",
            "--service-cluster-ip-range=10.96.0.0/16", "--authorization-mode=RBAC", f"--token-auth-file={self.where}/tls/tokens",
            "--service-account-issuer=https://kubernetes.default.svc", f"--service-account-signing-key-file={key}",
            f"--service-account-key-file={key}", "--allow-privileged=true", "--kubelet-preferred-address-types=InternalIP",
            "--profiling=false", "--max-requests-inflight=2000", "--max-mutating-requests-inflight=1000",
            f"--audit-policy-file={self.where}/audit-policy", f"--audit-log-path={self.audit_log(name)}", *more])
        apiserver.until(lambda: self.authority.exists() and self.authority.read_text().endswith("END CERTIFICATE-----\n"))
        api = Api((ADDRESS, port), self.authority, self.token)
        apiserver.until(lambda: api.status("GET", "/readyz") == 200)
        return api

    def audit_log(self, name=FIRST):
        return self.where / f"{name}.audit"

    def audited(self, name, account):
        """What that API server was asked by a ServiceAccount, "NAMESPACE:NAME": events of its audit log."""
        with open(self.audit_log(name), encoding="utf-8") as file:
            events = [json.loads(line) for line in file if line.endswith("\n")]
        return [event for event in events if event["user"]["username"] == f"system:serviceaccount:{account}"]

    def install_own_kinds(self):
        self.kubectl("apply", "--server-side", "--force-conflicts", "-k", programs.ROOT / "deploy/crds")
        self.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        asked_until(lambda: self.api.status("GET", path_of("gateroutes")) == 200)  # 429 while its storage is made

    def await_account(self, namespace):
        """Pods of a namespace are refused before it has this."""
        self.api.until(lambda accounts: "default" in accounts, "serviceaccounts", namespace)

    def finish(self):
        """The API server ends before etcd does, else it waits for that. The folder can be removed then."""
        for process in reversed(self.started):
            process.finish()
        self.started.clear()
        if self.mounted:
            subprocess.run(["umount", "--lazy", *self.mounted], check=True)
        self.mounted.clear()

    def end(self, name, by=Process.finish):
        """`by` may be Process.kill, as when its machine dies. Whatever else there is goes on."""
        [process] = [one for one in self.started if one.name == name]
        by(process)
        self.started.remove(process)

    def kubectl(self, *arguments, said=None):
        """Its standard output; `said` is its standard input."""
        command = [self.programs["kubectl"], f"--kubeconfig={self.kubeconfig}", f"--cache-dir={self.where}/kubectl", *map(str, arguments)]
        done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=6 * DEADLINE)
        assert done.returncode == 0, f"kubectl {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}"
        return done.stdout

    def apply(self, *objects, namespace="default"):
        """Server-side, in one go; with --validate=strict an unknown field is refused."""
        listed = {"apiVersion": "v1", "kind": "List", "items": list(objects)}
        return self.kubectl("apply", "--server-side", "--force-conflicts", "--validate=strict", "-n", namespace, "-f", "-",
                            said=json.dumps(listed))

    def add_namespace(self, name, **labels):
        item = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        self.api.ask("POST", path_of("namespaces"), item)
        self.await_account(name)

    def pods(self, namespace, labels=""):
        """By name, without those that are going."""
        return {item["metadata"]["name"]: item for item in self.api.list("pods", namespace, labels) if not is_going(item)}

    def await_ready(self, namespace, count, labels=""):
        """Exactly so many pods are there, all of them ready; by name."""
        def all_are(pods):
            return pods if len(pods) == count and all(is_ready(pod) and not is_going(pod) for pod in pods.values()) else None

        return self.api.until(all_are, "pods", namespace, labels)

    def restart(self, namespace, deployment, number):
        """As `kubectl rollout restart`, which refuses a second one within a second; returns when no old pod is there. No number twice."""
        template = {"metadata": {"annotations": {"restarted": str(number)}}}
        self.api.merge("deployments", namespace, deployment, {"spec": {"template": template}})
        self.kubectl("rollout", "status", "-n", namespace, f"deployment/{deployment}", "--timeout=120s")

    def await_endpoints(self, namespace, service, addresses):
        """What the Service's slices say are ready endpoints are exactly these addresses."""
        self.api.until(lambda slices: ready_addresses(slices.values()) == set(addresses), "endpointslices", namespace,
                       f"kubernetes.io/service-name={service}")

    def source(self, namespace, user="admin"):
        """What a gateway that reads this namespace, or all of them (None), is started with, as that user."""
        if user == "admin":
            return Source(self.kubeconfig, namespace)
        own = self.where / f"kubeconfig-{user}"
        return Source(written(own, kubeconfig(f"https://{ADDRESS}:{PORT}", self.authority, self.tokens[user])), namespace)

    def logs(self, namespace, pod, *options):
        return self.kubectl("logs", "-n", namespace, pod, *options)


class Source:
    """As a Gateway of the end-to-end tests takes it, in place of a folder."""

    def __init__(self, kubeconfig, namespace):
        self.kubeconfig, self.namespace = kubeconfig, namespace

    def source_options(self):
        only = ["--namespace", self.namespace] if self.namespace else []
        return ["--kubeconfig", self.kubeconfig, *only, "--watch-without-class", "true"]


def accepted(kind, namespace, name):
    """The pattern of the line that says so."""
    return rf"accepted {kind} {namespace}/{name}\b"


def asked_until(holds, deadline=3 * DEADLINE):
    """Asks again and again; what another side hears by a watch of its own has no event here."""
    end = time.monotonic() + deadline
    while not holds():
        assert time.monotonic() < end, "it never did"


def is_going(item):
    return "deletionTimestamp" in item["metadata"]


def is_ready(pod):
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))


def ready_addresses(slices):
    return {address for item in slices for endpoint in item.get("endpoints") or () if endpoint["conditions"].get("ready")
            for address in endpoint["addresses"]}
