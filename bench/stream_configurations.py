# SPDX-License-Identifier: Apache-2.0
"""What each gateway is told for TLS and for HTTP/2: all have the same certificate, and set the same fields as without.

Braces are doubled where they are not a place for a value.
"""

import configurations

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
""" + configurations.NGINX_FIELDS + """
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

# Behind the port that h2o listens on.
H2O_TLS = """
  ssl:
    certificate-file: {certificate}
    key-file: {key}
    minimum-version: TLSv1.2"""

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
