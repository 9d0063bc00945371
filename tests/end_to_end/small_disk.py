# SPDX-License-Identifier: Apache-2.0
"""A disk of 256 KiB that a test can fill, in namespaces of its own (namespaces.py)."""
import pathlib
import subprocess


class SmallDisk:
    """Mounted at `path`, below this folder."""

    def __init__(self, where):
        self.path = pathlib.Path(where) / "disk"
        self.filler = self.path / "filler"
        self.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", self.path], check=True)

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass

    def free(self):
        self.filler.unlink()
