# SPDX-License-Identifier: Apache-2.0
"""What each gateway is told so that all do the same work: candidates.py says what work that is.

Braces are doubled where they are not a place for a value.
"""

NGINX = """
    {user}
    worker_processes 1;
    worker_rlimit_nofile {descriptors};
    daemon off;
    pid {folder}/pid;
    error_log stderr;
    events {{ worker_connections {descriptors}; }}
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

# Of a location that asks an origin of HTTP/1.1.
NGINX_FIELDS = """
          proxy_http_version 1.1;
          proxy_buffers 16 16k;
          proxy_max_temp_file_size 0;
          proxy_request_buffering off;
          proxy_set_header Connection "";
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Proto $scheme;
          proxy_set_header X-Forwarded-Host $http_host;
          proxy_set_header X-Forwarded-Port $server_port;
          proxy_set_header X-Request-Id $request_id;
"""

NGINX_PROXY = """
      client_max_body_size 0;
      client_body_buffer_size 64k;
      upstream origin {{ server 127.0.0.1:{origin}; keepalive 1024; keepalive_requests 1000000000; keepalive_timeout 3600s; }}
      server {{
        listen 127.0.0.1:{port} backlog=4096;
        server_name {host};
        location / {{
          proxy_pass http://origin;
""" + NGINX_FIELDS + """
        }}
      }}
"""

HAPROXY = """
    global
      nbthread 1
      no strict-limits
      ulimit-n {descriptors}
      maxconn {clients}
      tune.h2.max-concurrent-streams 256
    defaults
      mode http
      timeout connect 5s
      timeout client 1h
      timeout server 1h
    frontend bench
      bind 127.0.0.1:{port} backlog 4096 {front}
      acl host hdr(host) -i {host}
      http-request set-header X-Forwarded-For %[src]
      http-request set-header X-Forwarded-Proto {scheme}
      http-request set-header X-Forwarded-Host %[req.hdr(host)]
      http-request set-header X-Forwarded-Port %[dst_port]
      http-request set-header X-Request-Id %[uuid()]
      use_backend origin if host
    backend origin
      http-reuse always
      server origin 127.0.0.1:{origin} {behind}
"""

# Host, port and id are fixed texts: its configuration has no words for the request's own. The second backend, which nobody
# listens for, is that of all other hosts; it does not start without one.
NGHTTPX = """
    frontend=127.0.0.1,{port}{front}
    backend=127.0.0.1,{origin};{host}/{behind}
    backend=127.0.0.1,1
    {files}
    workers=1
    single-process=yes
    single-thread=yes
    log-level=ERROR
    errorlog-file=/dev/stderr
    backlog=4096
    no-via=yes
    no-server-rewrite=yes
    no-location-rewrite=yes
    frontend-http2-max-concurrent-streams=256
    frontend-read-timeout=1h
    frontend-keep-alive-timeout=1h
    frontend-http2-read-timeout=1h
    backend-keep-alive-timeout=1h
    strip-incoming-x-forwarded-for=yes
    add-x-forwarded-for=yes
    add-request-header=X-Forwarded-Host: {host}
    add-request-header=X-Forwarded-Port: {port}
    add-request-header=X-Request-Id: {id}
"""

# The same here.
H2O = """
    num-threads: 1
    num-name-resolution-threads: 1
    max-connections: {clients}
    http1-request-timeout: 3600
    http2-idle-timeout: 3600
    limit-request-body: 1099511627776
    error-log: {folder}/errors
    proxy.emit-via-header: OFF
    listen:
      host: 127.0.0.1
      port: {port}{tls}
    hosts:
      "{host}":
        paths:
          "/":
            proxy.reverse.url: "http://127.0.0.1:{origin}/"
            proxy.preserve-host: ON
            proxy.timeout.keepalive: 3600000
            proxy.timeout.io: 3600000
            proxy.header.set: "X-Forwarded-Host: {host}"
            proxy.header.set: "X-Forwarded-Port: {port}"
            proxy.header.set: "X-Request-Id: {id}"
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
