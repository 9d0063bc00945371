# SPDX-License-Identifier: Apache-2.0
"""The gateways with TLS before an origin of HTTP/1.1, and with HTTP/2 in cleartext on both sides."""
import base64
import subprocess
import textwrap

import configurations
import stream_configurations as texts
from candidates import CLIENTS, FIXED_ID, HOST, descriptors, nginx, write
from processes import Broken, free_port


class Certificate:
    """Of HOST, signed by itself: ECDSA on P-256."""

    def __init__(self, folder):
        self.chain, self.key, self.both = (folder / name for name in ("chain.pem", "key.pem", "both.pem"))
        done = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
                               "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", self.key, "-out", self.chain], capture_output=True, text=True, check=False)
        if done.returncode:
            raise Broken(f"no certificate: {done.stderr}")
        self.both.write_text(self.chain.read_text() + self.key.read_text())


def in_base64(path):
    return base64.b64encode(path.read_bytes()).decode()


def sallyport(binary, certificate=None):
    def command(folder, port, origin_port):
        objects = textwrap.dedent(configurations.OBJECTS).format(origin=origin_port, host=HOST)
        if certificate:
            objects = objects.replace("  ingressClassName: sallyport\n", f"  ingressClassName: sallyport\n  tls: [{{hosts: [{HOST}], secretName: bench-tls}}]\n")
            objects += textwrap.dedent(texts.SECRET).format(certificate=in_base64(certificate.chain), key=in_base64(certificate.key))
            ports = ["--port-map", f"443={port}", "--port-map", f"80={free_port()}"]
        else:
            objects = objects.replace("{name: http, port: 80}", "{name: http, port: 80, appProtocol: kubernetes.io/h2c}")
            ports = ["--port-map", f"80={port}"]
        (folder / "objects").mkdir(parents=True, exist_ok=True)
        (folder / "objects" / "bench.yaml").write_text(objects)
        return [binary, "run", "--config", folder / "objects", "--address", "127.0.0.1", *ports, "--health", "off", "--admin", "off", "--workers", "1",
                "--limit", f"connections={CLIENTS}", "--limit", "idle-time=3600000", "--limit", "upstream-idle-time=3600000", "--access-log", "off"]

    return command


def with_tls(programs, certificate):
    """{name: a function of folder, port and the origin's port that gives a command}"""

    def nginx_tls(folder, port, origin):
        return nginx(folder, texts.NGINX_TLS.format(port=port, origin=origin, host=HOST, certificate=certificate.chain, key=certificate.key))

    def haproxy(folder, port, origin):
        front = f"ssl crt {certificate.both} alpn h2,http/1.1 ssl-min-ver TLSv1.2"
        return ["haproxy", "-db", "-f", write(folder / "haproxy.cfg", configurations.HAPROXY, descriptors=descriptors(), clients=CLIENTS, port=port, origin=origin, host=HOST,
                                              front=front, behind="", scheme="https")]

    def nghttpx(folder, port, origin):
        files = f"private-key-file={certificate.key}\ncertificate-file={certificate.chain}"
        return ["nghttpx", f"--conf={write(folder / 'nghttpx.conf', configurations.NGHTTPX, port=port, origin=origin, host=HOST, id=FIXED_ID, front='', behind='', files=files)}"]

    def h2o(folder, port, origin):
        return ["h2o", "-c", write(folder / "h2o.conf", configurations.H2O, clients=CLIENTS, folder=folder, port=port, origin=origin, host=HOST, id=FIXED_ID,
                                   tls=texts.H2O_TLS.format(certificate=certificate.chain, key=certificate.key))]

    return {"sallyport": sallyport(programs["sallyport"], certificate), "haproxy": haproxy, "nginx": nginx_tls, "nghttpx": nghttpx, "h2o": h2o}


def with_h2c(programs):
    """The same of those that speak it to the origin too; h2o 2.2 does not."""

    def nginx_h2c(folder, port, origin):
        return nginx(folder, texts.NGINX_H2C.format(port=port, origin=origin, host=HOST))

    def haproxy(folder, port, origin):
        return ["haproxy", "-db", "-f", write(folder / "haproxy.cfg", configurations.HAPROXY, descriptors=descriptors(), clients=CLIENTS, port=port, origin=origin, host=HOST,
                                              front="proto h2", behind="proto h2", scheme="http")]

    def nghttpx(folder, port, origin):
        return ["nghttpx", f"--conf={write(folder / 'nghttpx.conf', configurations.NGHTTPX, port=port, origin=origin, host=HOST, id=FIXED_ID, front=';no-tls', behind=';;proto=h2', files='')}"]

    return {"sallyport": sallyport(programs["sallyport"]), "haproxy": haproxy, "nginx": nginx_h2c, "nghttpx": nghttpx}
