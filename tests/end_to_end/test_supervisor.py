# SPDX-License-Identifier: Apache-2.0
"""What a supervisor such as systemd is told: ready when it serves, alive as long as it is, and that it ends."""
import signal
import socket

from folder import route, served
from gateway import Gateway
from last_good_world import LEFT_OUT, World
from raw_client import DEADLINE


class Hearing:
    def __init__(self, where):
        self.path = str(where / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(DEADLINE)

    def hear(self):
        return self.socket.recv(4096).decode()

    def hear_until(self, word):
        heard = []
        while not heard or word not in heard[-1]:
            heard.append(self.hear())
        return heard


def test_it_is_told_that_it_serves_and_that_it_ends(folder, tmp_path):
    supervisor = Hearing(tmp_path)
    folder.write("web.yaml", *served("web", 1), route("web.test", "web"))
    with Gateway(folder, environment={"NOTIFY_SOCKET": supervisor.path}) as gateway:
        assert supervisor.hear() == "READY=1\nSTATUS=serving"
        gateway.send_signal(signal.SIGTERM)
        assert supervisor.hear() == "STOPPING=1\nSTATUS=draining"


def test_it_is_told_at_once_also_where_clients_may_not_come_yet(tmp_path):
    supervisor = Hearing(tmp_path)
    world = World(tmp_path)
    world.keep(key=False)
    world.lose_folder()
    with world.gateway(key=False, begun=LEFT_OUT, environment={"NOTIFY_SOCKET": supervisor.path}):
        assert supervisor.hear() == "READY=1\nSTATUS=serving without certificates"
        world.find_folder()
        assert supervisor.hear() == "READY=1\nSTATUS=serving"
    world.origin.listener.close()


def test_it_is_told_regularly_that_it_is_alive(folder, tmp_path):
    supervisor = Hearing(tmp_path)
    with Gateway(folder, environment={"NOTIFY_SOCKET": supervisor.path, "WATCHDOG_USEC": "200000"}):
        assert set(supervisor.hear_until("READY=1")[:-1]) <= {"WATCHDOG=1"}
        assert [supervisor.hear() for _ in range(3)] == ["WATCHDOG=1"] * 3
