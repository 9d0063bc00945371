# SPDX-License-Identifier: Apache-2.0
"""Edits of a layout's files, each with the question that shows it and what the answer must be."""
import dataclasses
import itertools
import json
import os
import pathlib
import random
import time
import typing

from layouts import GROUPS, Path

EXTRA = {"three": "127.0.0.7", "four": "127.0.0.8"}  # endpoints that only edits bring


@dataclasses.dataclass
class Edit:
    kind: str
    file: str  # relative to the folder
    text: str
    host: str
    path: str
    is_it: typing.Callable  # (status, body) -> bool


def service_of(status, body):
    """Which echo answered; None if none did."""
    return json.loads(body)["service"] if status == 200 else None


def by(name):
    return lambda status, body: service_of(status, body) == name


def is_404(status, _):
    return status == 404


def apply(root, edit, in_place):
    """When it began, by perf_counter: just before the rename, or before the file is opened to be written over."""
    file = pathlib.Path(root) / edit.file
    if in_place:
        begin = time.perf_counter()
        file.write_text(edit.text)
        return begin
    beside = file.with_name(f".{file.name}.new")
    beside.write_text(edit.text)
    begin = time.perf_counter()
    os.rename(beside, file)
    return begin


class Edits:
    """Endless; the four kinds in turn. Services whose endpoints change lie in other namespaces than the Ingresses that do."""

    def __init__(self, layout):
        self.layout, self.random = layout, random.Random(7)
        half = layout.sizes.namespaces // 2
        self.of_endpoints = [ingress for ingress in layout.ingresses if ingress.namespace < half]
        self.of_rules = [ingress for ingress in layout.ingresses if ingress.namespace >= half]
        self.numbers = itertools.count()

    def __iter__(self):
        while True:
            yield self.backend()
            added = self.random.choice(self.of_rules)
            yield self.added(added)
            yield self.removed(added)
            yield self.endpoint()

    def backend(self):
        ingress = self.random.choice(self.of_rules)
        host, paths = self.random.choice(ingress.rules)
        path = self.random.choice(paths)
        services = self.layout.services_of(ingress.namespace)
        path.service = self.random.choice([other for other in services if self.layout.group(other) != self.layout.group(path.service)])
        return Edit("another backend", ingress.file(), ingress.text(), host, path.path, by(self.layout.group(path.service)))

    def added(self, ingress):
        host, paths = ingress.rules[-1]
        paths.append(Path(f"/added/{next(self.numbers)}", "Prefix", paths[0].service))
        return Edit("a path more", ingress.file(), ingress.text(), host, paths[-1].path, by(self.layout.group(paths[0].service)))

    def removed(self, ingress):
        host, paths = ingress.rules[-1]
        path = paths.pop()
        return Edit("a path less", ingress.file(), ingress.text(), host, path.path, is_404)

    def endpoint(self):
        """The third one is another address; round robin comes to it within three questions."""
        ingress = self.random.choice(self.of_endpoints)
        host, paths = self.random.choice(ingress.rules)
        path = self.random.choice(paths)
        addresses = self.layout.endpoints[path.service]
        name = "four" if addresses[2] == EXTRA["three"] else "three"
        addresses[2] = EXTRA[name]
        return Edit("another endpoint", self.layout.slice_file(path.service), self.layout.slice_text(path.service), host, path.path, by(name))


def origins():
    """{address: the name with which it answers}"""
    return {address: name for name, addresses in GROUPS.items() for address in addresses} | {address: name for name, address in EXTRA.items()}
