# SPDX-License-Identifier: Apache-2.0
"""What is sent, and the load process wrk that sends it."""
import dataclasses
import math
import re
import signal
import subprocess

from candidates import HOST
from processes import Broken

BROWSER = (
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
    ("Accept-Encoding", "gzip, deflate, br, zstd"),
    ("Cache-Control", "max-age=0"),
    ("Cookie", "session=5f1c2ad09b7e4c55a1b0; theme=dark; consent=yes; seen=2026-11-01; basket=3fe1c0a9; language=en"),
    ("Dnt", "1"),
    ("If-Modified-Since", "Sun, 01 Nov 2026 10:00:00 GMT"),
    ("Priority", "u=0, i"),
    ("Referer", f"http://{HOST}/a/page/that/links/here?with=a&query=string"),
    ("Sec-Ch-Ua", '"Chromium";v="130", "Not?A_Brand";v="99"'),
    ("Sec-Ch-Ua-Mobile", "?0"),
    ("Sec-Fetch-Dest", "document"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Upgrade-Insecure-Requests", "1"),
)


@dataclasses.dataclass(frozen=True)
class Load:
    title: str
    path: str = "/"
    fields: tuple = ()

    def head_size(self):
        """Bytes of the request's head as wrk writes it."""
        lines = [f"GET {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (("Host", HOST), *self.fields)), "", ""]
        return len("\r\n".join(lines))


SHORT = Load("short head, answer of 40 bytes")
BROWSER_HEAD = Load("browser's head, answer of 40 bytes", fields=BROWSER)
LARGE_ANSWER = Load("short head, answer of 100 kB", path="/large")


def send(load, port, connections, seconds, cpu):
    """(requests answered, seconds it took) by one wrk thread on the CPU; anything but 2xx is an end."""
    command = ["taskset", "-c", str(cpu), "wrk", "-t1", f"-c{connections}", f"-d{math.ceil(seconds) + 2}s", "-H", f"Host: {HOST}"]
    for name, value in load.fields:
        command += ["-H", f"{name}: {value}"]
    wrk = subprocess.Popen([*command, f"http://127.0.0.1:{port}{load.path}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        try:
            wrk.wait(seconds)
        except subprocess.TimeoutExpired:
            wrk.send_signal(signal.SIGINT)  # wrk's own clock knows whole seconds only; it reports and ends
        said, _ = wrk.communicate(timeout=10)
    finally:
        if wrk.poll() is None:
            wrk.kill()
            wrk.wait()
    done = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", said)
    wrong = re.search(r"Non-2xx.*|Socket errors.*", said)
    if not done or int(done[1]) == 0 or wrong:
        raise Broken(f"wrk on port {port}: {wrong[0] if wrong else said.strip()}")
    return int(done[1]), float(done[2]) * {"ms": 0.001, "s": 1, "m": 60}[done[3]]
