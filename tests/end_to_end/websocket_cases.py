# SPDX-License-Identifier: Apache-2.0
"""What an echo peer does with frames of WebSocket: a table of facts, numbered as sections 1 to 7, 9 and 10 of the Autobahn suite.

A case is what a client sends, and what comes back: the messages and pongs in their order, and the code of the peer's close.
"""
import os
import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
NORMAL, PROTOCOL, INVALID = 1000, 1002, 1007
MASK = b"\x12\x34\x56\x78"
HELLO = b"Hello, world!"
GREEK = "κόσμε".encode()
SURROGATE, TOO_HIGH, REST = b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"edited"
LARGEST = int(os.environ.get("SALLYPORT_WEBSOCKET_BYTES", 1 << 20))  # of a message; the suite's own is 16 MiB


def masked(payload):
    mask = int.from_bytes((MASK * (len(payload) // 4 + 1))[:len(payload)], "big")
    return (int.from_bytes(payload, "big") ^ mask).to_bytes(len(payload), "big")


def frame(opcode, payload=b"", fin=True, reserved=0):
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    else:
        length = b"\xfe" + struct.pack(">H", size) if size < 65536 else b"\xff" + struct.pack(">Q", size)
    return bytes([fin << 7 | reserved << 4 | opcode]) + length + MASK + masked(payload)


def close(code=NORMAL, reason=b""):
    return frame(CLOSE, struct.pack(">H", code) + reason)


class Case:
    """`chop` bytes go out at a time. `events` is what comes back before the close; a peer that fails the connection need not have
    answered what came before, so then they are at most those. Any of `codes` may be the close's; None: the connection just ends.
    `closes`: the client closes when it has all of them.
    """

    def __init__(self, number, sent, events=(), codes=(NORMAL,), chop=None, closes=False):
        self.number, self.sent, self.events, self.codes, self.chop, self.closes = number, sent, list(events), codes, chop, closes
        self.fails = NORMAL not in codes and len(codes) > 0

    def __repr__(self):
        return self.number


def message(opcode, payload):
    return "message", opcode, payload


def fine(number, sent, *events, chop=None):
    """Everything is answered, and then the client closes."""
    return Case(number, sent, events, chop=chop, closes=True)


def broken(number, sent, *events, codes=(PROTOCOL,), chop=None):
    """The peer fails the connection, with one of these codes or without a word."""
    return Case(number, sent, events, (*codes, None), chop)


def fragments(payload, size, opcode=TEXT):
    pieces = [payload[at:at + size] for at in range(0, len(payload), size)]
    return b"".join(frame(CONTINUATION if at else opcode, piece, at == len(pieces) - 1) for at, piece in enumerate(pieces))


def framing():
    for section, opcode, fill in ((1, TEXT, b"*"), (2, BINARY, b"\xfe")):
        sizes = [(size, None) for size in (0, 125, 126, 127, 128, 65535, 65536)] + [(65536, 997)]
        for at, (size, chop) in enumerate(sizes, 1):
            yield fine(f"1.{section}.{at}", frame(opcode, fill * size), message(opcode, fill * size), chop=chop)


def pings():
    binary, largest = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125
    for number, payload, chop in (("2.1", b"", None), ("2.2", HELLO, None), ("2.3", binary, None), ("2.4", largest, None),
                                  ("2.6", largest, 1)):
        yield fine(number, frame(PING, payload), ("pong", payload), chop=chop)
    yield broken("2.5", frame(PING, b"\xfe" * 126))
    yield fine("2.7", frame(PONG))
    yield fine("2.8", frame(PONG, b"unsolicited"))
    yield fine("2.9", frame(PONG, b"unsolicited") + frame(PING, b"ping"), ("pong", b"ping"))
    many = [b"payload-%d" % at for at in range(10)]
    for number, chop in (("2.10", None), ("2.11", 1)):
        yield fine(number, b"".join(frame(PING, one) for one in many), *[("pong", one) for one in many], chop=chop)


def reserved():
    yield broken("3.1", frame(TEXT, HELLO, reserved=1))
    for at, (bits, chop) in enumerate(((2, None), (3, 1), (4, 1)), 2):
        sent = frame(TEXT, HELLO) + frame(TEXT, HELLO, reserved=bits) + frame(PING)
        yield broken(f"3.{at}", sent, message(TEXT, HELLO), chop=chop)
    yield broken("3.5", frame(BINARY, b"\x00\xff\xfe\xfd", reserved=5))
    yield broken("3.6", frame(PING, HELLO, reserved=6))
    yield broken("3.7", frame(CLOSE, b"", reserved=7))


def opcodes():
    for section, codes in ((1, range(3, 8)), (2, range(11, 16))):
        for at, opcode in enumerate(codes, 1):
            before = frame(TEXT, HELLO) if at > 2 else b""
            payload = HELLO if at in (2, 4) else b""
            sent = before + frame(opcode, payload) + (frame(PING) if at > 2 else b"")
            yield broken(f"4.{section}.{at}", sent, *([message(TEXT, HELLO)] if before else []), chop=1 if at > 3 else None)


def fragmentation():
    first, last = frame(TEXT, b"fragment1", False), frame(CONTINUATION, b"fragment2")
    whole, ping = message(TEXT, b"fragment1fragment2"), frame(PING, b"ping")
    yield broken("5.1", frame(PING, b"a", False) + frame(CONTINUATION, b"b"))
    yield broken("5.2", frame(PONG, b"a", False) + frame(CONTINUATION, b"b"))
    for number, chop in (("5.3", None), ("5.4", 16), ("5.5", 1)):
        yield fine(number, first + last, whole, chop=chop)
    for number, chop in (("5.6", None), ("5.7", 16), ("5.8", 1)):
        yield fine(number, first + ping + last, ("pong", b"ping"), whole, chop=chop)
    for at, (fin, chop) in enumerate(((True, None), (True, 8), (True, 1), (False, None), (False, 8), (False, 1)), 9):
        yield broken(f"5.{at}", frame(CONTINUATION, b"nothing to continue", fin) + frame(TEXT, HELLO), chop=chop)
    yield broken("5.15", first + last + frame(CONTINUATION, b"fragment3", False) + frame(TEXT, b"fragment4"), whole)
    for number, fin in (("5.16", False), ("5.17", True)):
        once = frame(CONTINUATION, b"fragment1", fin) + frame(TEXT, b"fragment2", False) + frame(CONTINUATION, b"fragment3")
        yield broken(number, once * 2)
    yield broken("5.18", first + frame(TEXT, b"fragment2"))
    pieces = [b"fragment%d" % at for at in range(1, 6)]
    sent = (frame(TEXT, pieces[0], False) + frame(CONTINUATION, pieces[1], False) + frame(PING, b"1")
            + frame(CONTINUATION, pieces[2], False) + frame(CONTINUATION, pieces[3], False) + frame(PING, b"2")
            + frame(CONTINUATION, pieces[4]))
    for number, chop in (("5.19", None), ("5.20", 7)):
        yield fine(number, sent, ("pong", b"1"), ("pong", b"2"), message(TEXT, b"".join(pieces)), chop=chop)


def utf8_sequences():
    """(whether it is UTF-8, bytes), section by section: the stress test of Markus Kuhn, and what RFC 3629 says of it."""
    missing = [b"\xc0", b"\xe0\x80", b"\xf0\x80\x80", b"\xf8\x80\x80\x80", b"\xfc\x80\x80\x80\x80",
               b"\xdf", b"\xef\xbf", b"\xf7\xbf\xbf", b"\xfb\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf"]
    surrogates = [b"\xed" + rest for rest in (b"\xa0\x80", b"\xad\xbf", b"\xae\x80", b"\xaf\xbf", b"\xb0\x80", b"\xbe\x80", b"\xbf\xbf")]
    spans = ((0xc0, 0xdf), (0xe0, 0xef), (0xf0, 0xf7), (0xf8, 0xfb), (0xfc, 0xfd))
    starts = [b"".join(bytes([byte, 0x20]) for byte in range(*span)) for span in spans]
    non_characters = [chr(plane << 16 | 0xfffe | last).encode() for plane in range(17) for last in (0, 1)]
    good, bad = (lambda texts: [(True, one) for one in texts]), (lambda texts: [(False, one) for one in texts])
    yield good([b"hello$world", b"hello\xc2\xa2world", b"hello\xe2\x82\xacworld", b"hello\xf0\xa4\xad\xa2world", GREEK])
    yield [(is_utf8(GREEK[:size]), GREEK[:size]) for size in range(1, len(GREEK) + 1)]
    yield good([b"\x00", b"\xc2\x80", b"\xe0\xa0\x80", b"\xf0\x90\x80\x80"])
    yield bad([b"\xf8\x88\x80\x80\x80", b"\xfc\x84\x80\x80\x80\x80"])
    yield good([b"\x7f", b"\xdf\xbf", b"\xef\xbf\xbf", b"\xf4\x8f\xbf\xbf"])
    yield bad([b"\xf7\xbf\xbf\xbf", b"\xfb\xbf\xbf\xbf\xbf", b"\xfd\xbf\xbf\xbf\xbf\xbf"])
    yield good([b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbd", b"\xf4\x8f\xbf\xbf"]) + bad([TOO_HIGH])
    yield bad([b"\x80", b"\xbf", *((b"\x80\xbf" * 3)[:size] for size in range(2, 7)), bytes(range(0x80, 0xbf))])
    yield bad(starts)
    yield bad(missing)
    yield bad([b"".join(missing)])
    yield bad([b"\xfe", b"\xff", b"\xfe\xfe\xff\xff"])
    yield bad([b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf8\x80\x80\x80\xaf", b"\xfc\x80\x80\x80\x80\xaf"])
    yield bad([b"\xc1\xbf", b"\xe0\x9f\xbf", b"\xf0\x8f\xbf\xbf", b"\xf8\x87\xbf\xbf\xbf", b"\xfc\x83\xbf\xbf\xbf\xbf"])
    yield bad([b"\xc0\x80", b"\xe0\x80\x80", b"\xf0\x80\x80\x80", b"\xf8\x80\x80\x80\x80", b"\xfc\x80\x80\x80\x80\x80"])
    yield bad(surrogates)
    yield bad([high + low for high in surrogates[:4] for low in (surrogates[4], surrogates[6])])
    yield good(non_characters)
    yield good(chr(code).encode() for code in range(0xfff9, 0x10000))


def is_utf8(text):
    try:
        text.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


def utf8():
    yield fine("6.1.1", frame(TEXT), message(TEXT, b""))
    yield fine("6.1.2", frame(TEXT, b"", False) + frame(CONTINUATION, b"", False) + frame(CONTINUATION), message(TEXT, b""))
    yield fine("6.1.3", frame(TEXT, b"", False) + frame(CONTINUATION, b"middle", False) + frame(CONTINUATION), message(TEXT, b"middle"))
    valid = "Hello-µ@ßöäüàá-UTF-8!!".encode()
    yield fine("6.2.1", frame(TEXT, valid), message(TEXT, valid))
    yield fine("6.2.2", frame(TEXT, valid[:12], False) + frame(CONTINUATION, valid[12:]), message(TEXT, valid))
    yield fine("6.2.3", fragments(valid, 1), message(TEXT, valid))
    yield fine("6.2.4", fragments(GREEK, 1), message(TEXT, GREEK))
    wrong = GREEK + SURROGATE + REST
    yield broken("6.3.1", frame(TEXT, wrong), codes=(INVALID,))
    yield broken("6.3.2", fragments(wrong, 1), codes=(INVALID,))
    for at, bad in enumerate((TOO_HIGH, SURROGATE), 1):
        sent = frame(TEXT, GREEK, False) + frame(CONTINUATION, bad, False) + frame(CONTINUATION, REST)
        yield broken(f"6.4.{at}", sent, codes=(INVALID,))
        yield broken(f"6.4.{at + 2}", frame(TEXT, GREEK + bad + REST), codes=(INVALID,), chop=1)
    for section, sequences in enumerate(utf8_sequences(), 5):
        for at, (good, text) in enumerate(sequences, 1):
            number = f"6.{section}.{at}"
            yield fine(number, frame(TEXT, text), message(TEXT, text)) if good else broken(number, frame(TEXT, text), codes=(INVALID,))


def closing():
    yield fine("7.1.1", frame(TEXT, HELLO), message(TEXT, HELLO))
    yield Case("7.1.2", close() + close())
    yield Case("7.1.3", close() + frame(PING))
    yield Case("7.1.4", close() + frame(TEXT, HELLO))
    yield Case("7.1.5", frame(TEXT, b"fragment1", False) + close() + frame(CONTINUATION, b"fragment2"))
    yield Case("7.3.1", frame(CLOSE), codes=(NORMAL, None))
    yield broken("7.3.2", frame(CLOSE, b"a"))
    yield Case("7.3.3", close())
    yield Case("7.3.4", close(reason=HELLO))
    yield Case("7.3.5", close(reason=b"*" * 123))
    yield broken("7.3.6", close(reason=b"*" * 124))
    yield broken("7.5.1", close(reason=GREEK + SURROGATE + REST), codes=(PROTOCOL, INVALID))
    for at, code in enumerate((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999), 1):
        yield Case(f"7.7.{at}", close(code), codes=(NORMAL, code))
    for at, code in enumerate((0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999), 1):
        yield broken(f"7.9.{at}", close(code))
    for at, code in enumerate((5000, 65535), 1):
        yield Case(f"7.13.{at}", close(code), codes=(NORMAL, code, PROTOCOL, None))


def large():
    sizes = [size for size in (1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 23, 1 << 24) if size <= LARGEST]
    for section, opcode in ((1, TEXT), (2, BINARY)):
        for at, size in enumerate(sizes, 1):
            yield fine(f"9.{section}.{at}", frame(opcode, b"*" * size), message(opcode, b"*" * size))
    payload = b"*" * min(LARGEST, 1 << 22)
    for section, opcode in ((3, TEXT), (4, BINARY)):
        for at, size in enumerate((64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304), 1):
            yield fine(f"9.{section}.{at}", fragments(payload, size, opcode), message(opcode, payload))
    payload = b"*" * min(LARGEST, 1 << 20)
    for section, opcode in ((5, TEXT), (6, BINARY)):
        for at, chop in enumerate((64, 128, 256, 512, 1024, 2048), 1):
            yield fine(f"9.{section}.{at}", frame(opcode, payload), message(opcode, payload), chop=chop)
    for section, opcode in ((7, TEXT), (8, BINARY)):
        for at, size in enumerate((0, 16, 64, 256, 1024, 4096), 1):
            yield fine(f"9.{section}.{at}", frame(opcode, b"*" * size) * 1000, *[message(opcode, b"*" * size)] * 1000)
    yield fine("10.1.1", fragments(b"*" * 65536, 1300), message(TEXT, b"*" * 65536))


SECTIONS = {"1": framing, "2": pings, "3": reserved, "4": opcodes, "5": fragmentation, "6": utf8, "7": closing, "9": large}
