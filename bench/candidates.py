# SPDX-License-Identifier: Apache-2.0
"""The origin and who stands before it: each with the configuration that makes them do the same work.

The same work: HTTP/1.1 on both sides, kept connections, the request's host matched, X-Forwarded-For, -Proto, -Host, -Port
and X-Request-Id set, one thread that serves. Only the relay does nothing of it.
"""
import os
import textwrap

HOST = "bench.example"
ANSWER = "An answer of forty bytes, newline and...\n"[:40]
LARGE = 100_000
MANAGED = ("x_forwarded_for", "x_forwarded_proto", "x_forwarded_host", "x_forwarded_port", "x_request_id")

NGINX = """
    {user}
    worker_processes 1;
    worker_rlimit_nofile 16384;
    daemon off;
    pid {folder}/pid;
    error_log stderr;
    events {{ worker_connections 8192; }}
    http {{
      access_log off;
      client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
      fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
      keepalive_requests 1000000000;
      keepalive_timeout 3600s;
      default_type text/plain;
      {http}
    }}
"""

ORIGIN = """
      sendfile on;
      open_file_cache max=16;
      server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {folder};
        location = / {{ return 200 "{answer}"; }}
        location = /managed {{ return 200 "{managed}"; }}
      }}
"""

NGINX_PROXY = """
      upstream origin {{ server 127.0.0.1:{origin}; keepalive 1024; keepalive_requests 1000000000; keepalive_timeout 3600s; }}
      server {{
        listen 127.0.0.1:{port} backlog=4096;
        server_name {host};
        location / {{
          proxy_pass http://origin;
          proxy_http_version 1.1;
          proxy_buffers 16 16k;
          proxy_max_temp_file_size 0;
          proxy_set_header Connection "";
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Proto $scheme;
          proxy_set_header X-Forwarded-Host $http_host;
          proxy_set_header X-Forwarded-Port $server_port;
          proxy_set_header X-Request-Id $request_id;
        }}
      }}
"""

HAPROXY = """
    global
      nbthread 1
      maxconn 8000
    defaults
      mode http
      timeout connect 5s
      timeout client 1h
      timeout server 1h
    frontend bench
      bind 127.0.0.1:{port} backlog 4096
      acl host hdr(host) -i {host}
      http-request set-header X-Forwarded-For %[src]
      http-request set-header X-Forwarded-Proto http
      http-request set-header X-Forwarded-Host %[req.hdr(host)]
      http-request set-header X-Forwarded-Port %[dst_port]
      http-request set-header X-Request-Id %[uuid()]
      use_backend origin if host
    backend origin
      http-reuse always
      server origin 127.0.0.1:{origin}
"""

OBJECTS = """
    apiVersion: v1
    kind: Service
    metadata: {{name: origin}}
    spec:
      ports: [{{name: http, port: 80}}]
    ---
    apiVersion: discovery.k8s.io/v1
    kind: EndpointSlice
    metadata:
      name: origin-1
      labels: {{kubernetes.io/service-name: origin}}
    addressType: IPv4
    ports: [{{name: http, protocol: TCP, port: {origin}}}]
    endpoints:
    - addresses: [127.0.0.1]
      conditions: {{ready: true}}
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {{name: bench}}
    spec:
      ingressClassName: sallyport
      rules:
      - host: {host}
        http:
          paths:
          - path: /
            pathType: Prefix
            backend: {{service: {{name: origin, port: {{name: http}}}}}}
"""


def write(path, text, **values):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).format(**values))
    return path


def nginx(folder, http):
    user = "user root;" if os.geteuid() == 0 else ""  # else its worker may not read the folder
    config = write(folder / "nginx.conf", NGINX, folder=folder, user=user, http=http)
    return ["nginx", "-p", folder, "-e", "stderr", "-c", config]


def origin(folder, port):
    folder.mkdir(parents=True)
    (folder / "large").write_bytes(b"x" * LARGE)
    managed = " ".join(f"{name}=$http_{name}" for name in MANAGED)
    return nginx(folder, ORIGIN.format(folder=folder, port=port, answer=ANSWER, managed=managed))


def nginx_proxy(folder, port, origin_port):
    return nginx(folder, NGINX_PROXY.format(port=port, origin=origin_port, host=HOST))


def haproxy(folder, port, origin_port):
    return ["haproxy", "-db", "-f", write(folder / "haproxy.cfg", HAPROXY, port=port, origin=origin_port, host=HOST)]


def relay(binary):
    return lambda folder, port, origin_port: [binary, port, origin_port]


def sallyport(binary, log):
    """With `log`, one access log line a request goes to the file log in the candidate's folder."""

    def command(folder, port, origin_port):
        write(folder / "objects" / "bench.yaml", OBJECTS, origin=origin_port, host=HOST)
        return [binary, "run", "--config", folder / "objects", "--address", "127.0.0.1", "--port-map", f"80={port}", "--health", "off", "--admin", "off",
                "--workers", "1", "--access-log", folder / "log" if log else "off"]

    return command
