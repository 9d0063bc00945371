# SPDX-License-Identifier: Apache-2.0
"""A body of a gibibyte through TLS: CPU time a MiB, and by how much it makes a process grow."""
import bodies
from candidates import HOST
from streams import client_context

ROUNDS = 5


def down(connection, size):
    connection.sendall(f"GET /{size} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    bodies.receive_answer(connection, flags=0)


def connect(child):
    return client_context("http/1.1").wrap_socket(bodies.connect(child), server_hostname=HOST)


def measure(stand, names, smoke):
    """({candidate: [us a MiB, one a round]}, {candidate: the most bytes of growth})"""
    size, rounds = (bodies.SMOKE, 1) if smoke else (bodies.SIZE, ROUNDS)
    return bodies.measure_large(stand, names, rounds, size, "answers of {} through TLS", down, down, connect)
