# SPDX-License-Identifier: Apache-2.0
"""How large the runs of this folder are: full for a release, smaller where a sanitizer makes every request several times dearer."""
import mmap

from gateway import BINARY


def holds(mark):
    with open(BINARY, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        return mapped.find(mark) >= 0


THREAD_SANITIZED, ADDRESS_SANITIZED = holds(b"__tsan_init"), holds(b"__asan_init")


def by_build(release, address_sanitized, thread_sanitized):
    return thread_sanitized if THREAD_SANITIZED else address_sanitized if ADDRESS_SANITIZED else release
