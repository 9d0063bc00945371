# SPDX-License-Identifier: Apache-2.0
"""A client of TLS 1.3 that does nothing but ask for new keys (T-10): what Python's TLS has no call for, by libssl itself."""
import ctypes
import ctypes.util
import socket

from raw_client import connect

SSL = ctypes.CDLL(ctypes.util.find_library("ssl"))
UPDATE_REQUESTED = 1
CTRL_SET_TLSEXT_HOSTNAME, NAME_TYPE_HOST = 55, 0
for function, arguments in (("TLS_client_method", []), ("SSL_CTX_new", [ctypes.c_void_p]), ("SSL_new", [ctypes.c_void_p])):
    getattr(SSL, function).restype, getattr(SSL, function).argtypes = ctypes.c_void_p, arguments


def flood(address, server_name, most):
    """(how many updates were sent until the other side ended the connection or `most` were, whether it ended)"""
    context = ctypes.c_void_p(SSL.SSL_CTX_new(SSL.TLS_client_method()))
    session = ctypes.c_void_p(SSL.SSL_new(context))
    with connect(address) as connected:
        # libssl blocks where it waits; a deadline of Python's would make the descriptor non-blocking.
        timeout = connected.gettimeout()
        connected.settimeout(None)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, int(timeout).to_bytes(8, "little") + bytes(8))
        SSL.SSL_set_fd(session, connected.fileno())
        SSL.SSL_ctrl(session, CTRL_SET_TLSEXT_HOSTNAME, NAME_TYPE_HOST, ctypes.c_char_p(server_name.encode()))
        assert SSL.SSL_connect(session) == 1, "the handshake failed"
        sent, ended = 0, False
        while sent < most and not ended:
            # The message goes out at once; what comes back is read, so that the other side is never kept from sending.
            ended = SSL.SSL_key_update(session, UPDATE_REQUESTED) != 1 or SSL.SSL_do_handshake(session) != 1
            sent += not ended
    SSL.SSL_free(session)
    SSL.SSL_CTX_free(context)
    return sent, ended
