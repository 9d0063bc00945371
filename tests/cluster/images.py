# SPDX-License-Identifier: Apache-2.0
"""Images that nodes know, and the objects of pods that run them."""
import os

from folder import described
from gateway import BINARY

PORT = 8080


def own_images():
    return {"sallyport": os.path.abspath(BINARY)}


def echo_container(*options, **more):
    """`sallyport echo`, which says its pod; ready once it answers."""
    field = {name: {"valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in (
        ("POD_NAME", "metadata.name"), ("NAMESPACE", "metadata.namespace"), ("SERVICE_NAME", "metadata.labels['app']"))}
    return {"name": "echo", "image": "sallyport:test", "args": ["echo", f"--listen=0.0.0.0:{PORT}", *options],
            "env": [{"name": name} | value for name, value in field.items()],
            "ports": [{"name": "http", "containerPort": PORT}],
            "readinessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 1}} | more


def shell_container(script, **more):
    """A container of the machine's own shell."""
    return {"name": "shell", "image": "machine", "command": ["sh", "-c", script]} | more


def pod_spec(*containers, grace=10, **more):
    return {"containers": list(containers), "terminationGracePeriodSeconds": grace} | more


def pod(name, namespace, *containers, **more):
    return described("v1", "Pod", name, namespace, labels={"app": name}) | {"spec": pod_spec(*containers, **more)}


def deployment(name, namespace, *containers, replicas=1, strategy=None, **more):
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod_spec(*containers, **more)}}
    if strategy:
        spec["strategy"] = strategy
    return described("apps/v1", "Deployment", name, namespace) | {"spec": spec}


def pods_service(name, namespace, port=80, target="http", **spec):
    """A Service of the pods with that name as their label `app`."""
    return described("v1", "Service", name, namespace) | {
        "spec": {"selector": {"app": name}, "ports": [{"name": "http", "port": port, "targetPort": target}]} | spec}


def echoes(name, namespace, *options, replicas=1, **more):
    """A Deployment of echoing pods with its Service."""
    return [deployment(name, namespace, echo_container(*options), replicas=replicas, **more), pods_service(name, namespace)]
