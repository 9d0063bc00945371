# SPDX-License-Identifier: Apache-2.0
"""A judge: gunicorn. Its gevent workers are those that read one request after the other from a connection."""
worker_class = "gevent"
workers = 1
keepalive = 600
timeout = 600
graceful_timeout = 1
limit_request_line = 8190
limit_request_fields = 200
limit_request_field_size = 32768
