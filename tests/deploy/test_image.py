# SPDX-License-Identifier: Apache-2.0
"""The image: an independent reader takes it, it holds what the program needs and nothing else, and it runs by itself."""
import json
import os
import re
import subprocess
import tarfile

import pytest
from folder import Folder, route, served
from gateway import BINARY
from namespaces import permitted
from origins import Origins
from raw_client import Client
from tree import ROOT, run

VERSION = (ROOT / "VERSION").read_text().strip()
# What may run in it.
PROGRAMS = {"usr/bin/sallyport"}
FOLDERS = ("etc/", "usr/bin/", "usr/lib/", "usr/lib64/", "usr/share/doc/", "var/lib/dpkg/status.d/", "var/lib/sallyport")


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    path = tmp_path_factory.mktemp("image") / "sallyport.oci.tar"
    run(ROOT / "tools/image", BINARY, path)
    return path


@pytest.fixture(scope="module")
def layer(image, tmp_path_factory):
    """The one layer, as skopeo took it out of the archive: it checks every digest on the way."""
    into = tmp_path_factory.mktemp("copied")
    run("skopeo", "copy", f"oci-archive:{image}", f"dir:{into}")
    [described] = json.loads((into / "manifest.json").read_text())["layers"]
    return into / described["digest"].removeprefix("sha256:")


@pytest.fixture(scope="module")
def root(layer, tmp_path_factory):
    into = tmp_path_factory.mktemp("root")
    with tarfile.open(layer) as tar:
        tar.extractall(into)
    return into


def test_another_reader_says_what_it_is(image):
    said = json.loads(run("skopeo", "inspect", f"oci-archive:{image}"))
    assert said["Os"] == "linux" and said["Architecture"] in ("amd64", "arm64")
    assert said["Labels"]["org.opencontainers.image.version"] == VERSION
    config = json.loads(run("skopeo", "inspect", "--config", f"oci-archive:{image}"))["config"]
    assert config["User"] == "65532:65532" and config["Entrypoint"] == ["/usr/bin/sallyport"]


def test_it_holds_what_the_program_needs_and_nothing_else(layer):
    with tarfile.open(layer) as tar:
        entries = tar.getmembers()
    files = {entry.name: entry for entry in entries if not entry.isdir()}
    assert all(name.startswith(FOLDERS) for name in files if not files[name].issym()), sorted(files)
    libraries = {name for name in files if re.search(r"\.so(\.\d+)*$", name)}
    programs = {name for name, entry in files.items() if entry.isreg() and entry.mode & 0o111}
    assert programs - libraries == PROGRAMS
    assert all(entry.mode & 0o6022 == 0 for entry in entries if not entry.issym()), "setuid, or writable by others"
    assert {entry.name for entry in entries if entry.uid != 0} == {"var/lib/sallyport"}
    linked = re.findall(r"(\S+\.so\S*) =>", run("ldd", BINARY))
    assert {os.path.basename(name) for name in libraries} == {*linked, *(name for name in map(os.path.basename, libraries) if name.startswith("ld-"))}
    for library in libraries:
        assert entry_mode(files[library]) in (0o644, 0o755)


def entry_mode(entry):
    return entry.mode & 0o777


def test_it_says_whose_its_parts_are(root):
    packages = {path.name for path in (root / "var/lib/dpkg/status.d").iterdir()}
    assert {"libc6", "libssl3", "ca-certificates"} <= packages or not packages
    for package in packages:
        assert (root / "usr/share/doc" / package / "copyright").stat().st_size > 0
        assert f"Package: {package}\n" in (root / "var/lib/dpkg/status.d" / package).read_text()
    assert (root / "usr/share/doc/sallyport/copyright").read_text() == (ROOT / "LICENSE").read_text()


def test_the_same_files_give_the_same_bytes(image, tmp_path):
    again = tmp_path / "again.oci.tar"
    run(ROOT / "tools/image", BINARY, again)
    assert again.read_bytes() == image.read_bytes()


def inside(root, *command):
    """As it runs in a container: with this root alone."""
    return [*permitted(["--mount"]), "chroot", str(root), *map(str, command)]


def test_it_runs_without_anything_of_the_machine(root):
    assert f"sallyport {VERSION}" in run(*inside(root, "/usr/bin/sallyport", "version"))


def test_it_serves_and_knows_public_authorities(root):
    folder = Folder(root / "objects")
    origins = Origins("web")
    folder.write("web.yaml", *served("web", origins.ports["web"]), route("web.test", "web"))
    process = subprocess.Popen(inside(root, "/usr/bin/sallyport", "run", "--config", "/objects", "--address", "127.0.0.1", "--port-map", "80=0",
                                      "--health", "off", "--admin", "off", "--access-log", "off", "--last-good", "/var/lib/sallyport/last-good",
                                      "--last-good-without-secrets"), stderr=subprocess.PIPE, text=True)
    try:
        said = []
        for line in process.stderr:
            said.append(line)
            if " ready: " in line:
                break
        [port] = [int(found) for found in re.findall(r"listening on http://127.0.0.1:(\d+)", "".join(said))]
        with Client(("127.0.0.1", port)) as client:
            assert client.get("web.test").status == 200
    finally:
        process.terminate()
        process.wait()
        process.stderr.close()
        origins.close()
    authorities = (root / "usr/lib/ssl/cert.pem").readlink()
    assert (root / str(authorities).lstrip("/")).read_text().count("BEGIN CERTIFICATE") > 50
