# SPDX-License-Identifier: Apache-2.0
"""An example pasted into the copy that the demo serves, and its commands: each stands under a comment with what it prints."""
import contextlib
import os
import pathlib
import re
import shutil
import subprocess

from conftest import ROOT

COMMAND = re.compile(r"```sh\n# (?P<says>[^\n]*)\n(?P<command>[^\n]*)\n```")


def commands(example):
    return list(COMMAND.finditer((ROOT / "examples" / example / "README.md").read_text()))


def said(command):
    """What it prints, on one line. python3 is Debian's, for which the packages are."""
    environment = os.environ | {"PATH": "/usr/bin:" + os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


@contextlib.contextmanager
def pasted(demo, example, command, expected):
    """With it in the copy, and adopted: the command prints what is expected."""
    copy = pathlib.Path(re.search(r"^Sallyport serves (\S+) on ", demo, re.MULTILINE).group(1))
    files = [copy / file.name for file in sorted((ROOT / "examples" / example).glob("*.yaml"))]
    assert files and not [file for file in files if file.exists()], "the paste would replace files of the shop"
    for file in files:
        shutil.copyfile(ROOT / "examples" / example / file.name, file)
    # It is adopted within moments; asking again is how a user sees it.
    assert any(said(command) == expected for _ in range(100))
    yield
    for file in files:
        file.unlink()
