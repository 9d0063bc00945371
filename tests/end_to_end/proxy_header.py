# SPDX-License-Identifier: Apache-2.0
"""Headers of the PROXY protocol, written and read as its specification says, with nothing of the program under test."""
import ipaddress
import struct

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
LOCAL, PROXY = 0x20, 0x21
TCP4, UDP4, TCP6, UNIX = 0x11, 0x12, 0x21, 0x31


def v1(client="192.0.2.1", local="203.0.113.9", ports=(56324, 443)):
    family = "TCP6" if ":" in client else "TCP4"
    return f"PROXY {family} {client} {local} {ports[0]} {ports[1]}\r\n".encode()


def addresses(client="192.0.2.1", local="203.0.113.9", ports=(56324, 443)):
    return ipaddress.ip_address(client).packed + ipaddress.ip_address(local).packed + struct.pack(">HH", *ports)


def tlv(kind, value):
    return struct.pack(">BH", kind, len(value)) + value


def v2(block=None, command=PROXY, family=TCP4):
    block = addresses() if block is None else block
    return SIGNATURE + struct.pack(">BBH", command, family, len(block)) + block


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def with_checksum(block, wrong=0):
    sum_of_zeros = crc32c(v2(block + tlv(3, bytes(4))))
    return v2(block + tlv(3, struct.pack(">I", sum_of_zeros ^ wrong)))


def take_v2(stream):
    """(command, family, client, local, TLVs by type) that a stream of an origin begins with."""
    head = stream.take(16)
    assert head[:12] == SIGNATURE, head
    command, family, size = struct.unpack(">BBH", head[12:])
    block = stream.take(size)
    if not size:
        return command, family, None, None, {}
    each = 4 if family == TCP4 else 16
    ips = [str(ipaddress.ip_address(block[at:at + each])) for at in (0, each)]
    ports = struct.unpack(">HH", block[2 * each:2 * each + 4])
    rest, tlvs = block[2 * each + 4:], {}
    while rest:
        kind, length = struct.unpack(">BH", rest[:3])
        tlvs[kind] = rest[3:3 + length]
        rest = rest[3 + length:]
    return command, family, (ips[0], ports[0]), (ips[1], ports[1]), tlvs
