# SPDX-License-Identifier: Apache-2.0
"""A judge: waitress. Arguments: address, port."""
import sys

import waitress
from wsgi import application

waitress.serve(application, host=sys.argv[1], port=int(sys.argv[2]), threads=2, channel_timeout=600, connection_limit=1000)
