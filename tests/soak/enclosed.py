# SPDX-License-Identifier: Apache-2.0
"""Soaks with a cluster (tests/cluster): their parts run in an enclosure of its own, in a process that says what it found line by line.

    enclosed.py MODULE SECONDS WHERE     as the first process of the enclosure

The module has a function parts(cluster, seconds, where) that gives names of parts with their figures.
"""
import contextlib
import dataclasses
import importlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "cluster"), str(HERE.parent / "end_to_end")]

import enclosure  # noqa: E402
import programs  # noqa: E402
from cluster import Cluster  # noqa: E402
from figure import Figure  # noqa: E402
from images import own_images  # noqa: E402


def soak(module, seconds, where):
    """What the parts of the module give, as they give it."""
    where.mkdir(parents=True, exist_ok=True)
    programs.build()
    command = [*enclosure.way_in(), sys.executable, __file__, module, str(seconds), str(where)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=enclosure.environment()) as inside:
        try:
            for line in inside.stdout:
                part, figures = json.loads(line)
                yield part, [Figure(**figure) for figure in figures]
        except BaseException:
            inside.kill()  # and with it all that is in there
            raise
    assert inside.returncode == 0, f"{module} ended with {inside.returncode}"


@contextlib.contextmanager
def told():
    """Gives what takes the results; whatever else is printed goes to standard error."""
    with open(os.dup(1), "w", encoding="utf-8") as results:
        os.dup2(2, 1)
        yield results


def main(module, seconds, where):
    enclosure.prepare()
    where = pathlib.Path(where)
    with told() as results:
        cluster = Cluster(where / "cluster", nodes=3, images=own_images())
        try:
            for part, figures in importlib.import_module(module).parts(cluster, int(seconds), where):
                print(json.dumps([part, [dataclasses.asdict(figure) for figure in figures]]), file=results, flush=True)
        finally:
            cluster.finish()


if __name__ == "__main__":
    main(*sys.argv[1:])
