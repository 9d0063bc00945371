# SPDX-License-Identifier: Apache-2.0
"""What each gateway is told for TLS and for HTTP/2: all have the same certificate, and set the same fields as without.

Braces are doubled where they are not a place for a value.
"""

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

NGINX_TLS = """
      client_max_body_size 0;
      upstream origin {{ server 127.0.0.1:{origin}; keepalive 1024; keepalive_requests 1000000000; keepalive_timeout 3600s; }}
      server {{
        listen 127.0.0.1:{port} ssl http2 backlog=4096;
        server_name {host};
        http2_max_concurrent_streams 256;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_cache off;
        ssl_session_tickets on;
        location / {{
          proxy_pass http://origin;
""" + NGINX_FIELDS + """
        }}
      }}
"""

NGINX_H2C = """
      upstream origin {{ server 127.0.0.1:{origin}; keepalive 64; keepalive_requests 1000000000; keepalive_timeout 3600s; }}
      server {{
        listen 127.0.0.1:{port} http2 backlog=4096;
        server_name {host};
        http2_max_concurrent_streams 256;
        location / {{
          grpc_pass grpc://origin;
          grpc_set_header X-Forwarded-For $remote_addr;
          grpc_set_header X-Forwarded-Proto $scheme;
          grpc_set_header X-Forwarded-Host $http_host;
          grpc_set_header X-Forwarded-Port $server_port;
          grpc_set_header X-Request-Id $request_id;
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

H2O_TLS = """
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
      port: {port}
      ssl:
        certificate-file: {certificate}
        key-file: {key}
        minimum-version: TLSv1.2
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

SECRET = """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {{name: bench-tls}}
    type: kubernetes.io/tls
    data:
      tls.crt: {certificate}
      tls.key: {key}
"""
