# SPDX-License-Identifier: Apache-2.0
"""A judge: Cheroot. Arguments: address, port."""
import sys

from cheroot.wsgi import Server
from wsgi import application

Server((sys.argv[1], int(sys.argv[2])), application, numthreads=4, timeout=600).start()
