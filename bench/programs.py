# SPDX-License-Identifier: Apache-2.0
"""The programs that bench/run needs: those of Debian packages, and those it builds."""
import contextlib
import os
import pathlib
import resource
import shutil
import subprocess

from processes import Broken

DESCRIPTORS = 40_000
ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGED = {"nginx", "haproxy", "nghttpx", "h2o", "nghttpd"}
BUILT = {"sallyport": "sallyport", "relay": "bench/relay", "origin": "bench/origin", "load": "bench/load", "micro": "bench/micro",
         "held_bytes": "bench/libheld_bytes.so"}


def raise_descriptors():
    """To what 10,000 clients need, where that is allowed."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard, DESCRIPTORS), max(hard, DESCRIPTORS)))
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def check_machine(candidates, smoke):
    missing = [program for program in sorted(PACKAGED & candidates) if not shutil.which(program)]
    if missing:
        raise Broken(f"missing: {', '.join(missing)}. `tools/install bench` installs what the bench needs and starts no service.")
    if len(os.sched_getaffinity(0)) < 2 and not smoke:
        raise Broken("two CPUs are needed: one for the candidate, one for origin and load")
    raise_descriptors()


def build(only_for, measurements):
    """{name: path}, built as users' are unless the environment names them (SALLYPORT, RELAY, ...).

    `only_for` says of programs which measurement they are for: without it they are left out.
    """
    used = [name for name in BUILT if only_for.get(name) in (None, *measurements)]
    named = {name: os.environ[name.upper()] for name in used if os.environ.get(name.upper())}
    wanted = [name for name in used if name not in named]
    if wanted:
        subprocess.run([ROOT / "tools/build", "release", *wanted], check=True, stdout=subprocess.DEVNULL)
    return {name: pathlib.Path(named.get(name) or ROOT / "build/release" / BUILT[name]) for name in used}


def build_streams():
    """The load of bench/protocols."""
    named = os.environ.get("STREAM_LOAD")
    if not named:
        subprocess.run([ROOT / "tools/build", "release", "stream_load"], check=True, stdout=subprocess.DEVNULL)
    return {"stream_load": pathlib.Path(named or ROOT / "build/release/bench/stream_load")}
