# SPDX-License-Identifier: Apache-2.0
"""The demo as a newcomer meets it: tools/run around the real program (SALLYPORT), on the ports that the pages name."""
import os
import pathlib
import signal
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def hear_interrupts():
    """In the child: what runs in the background of a script has SIGINT ignored, which a shell cannot undo."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="session")
def demo():
    """What tools/run prints until it serves; it runs as long as the tests do and then ends cleanly."""
    environment = os.environ | {"SALLYPORT": os.environ["SALLYPORT"], "PORT": "", "TLS_PORT": "", "HEALTH_PORT": "", "ADMIN_PORT": "", "ORIGIN_PORT": ""}
    process = subprocess.Popen([ROOT / "tools/run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                               start_new_session=True, preexec_fn=hear_interrupts)
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C ends it" in line:
            break
    else:
        process.wait(timeout=30)
        raise AssertionError("".join(lines))
    yield "".join(lines)
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 0
