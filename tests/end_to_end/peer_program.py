# SPDX-License-Identifier: Apache-2.0
"""Somebody else's server, a program of its own that says "listening on http://ADDRESS" when it does."""
import subprocess

from gateway import Lines, address_in


class PeerProgram:
    def __init__(self, *command, environment=None):
        self.process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)
        self.output = Lines(self.process.stdout)
        try:
            self.address = address_in(self.output.wait_for("listening on"))
        except BaseException:
            self.close()
            raise

    @property
    def port(self):
        return self.address[1]

    def close(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
