# SPDX-License-Identifier: Apache-2.0
"""Who attacks, or is busy with it, has a machine of its own in truth. Here it has a processor of its own where there are two, for a
long call of the kernel's that is made for it, as a poll() of thousands of sockets, keeps everybody else from that processor.
"""
import os

PROCESSORS = sorted(os.sched_getaffinity(0))
HERE = PROCESSORS[:-1] or PROCESSORS
ELSEWHERE = ("taskset", "--cpu-list", str(PROCESSORS[-1]), "chrt", "--other", "0", "nice", "-n", "19")
