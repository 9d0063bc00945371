# SPDX-License-Identifier: Apache-2.0
"""Runs a program under a seccomp profile as container runtimes read it (the format of deploy/seccomp/sallyport.json):

  under_profile.py PROFILE PROGRAM ARGUMENT...
"""
import errno
import json
import os
import platform
import sys

import seccomp

COMPARES = {"SCMP_CMP_EQ": seccomp.EQ, "SCMP_CMP_NE": seccomp.NE, "SCMP_CMP_MASKED_EQ": seccomp.MASKED_EQ}
ARCHITECTURES = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}


def action_of(name, number):
    if name == "SCMP_ACT_ALLOW":
        return seccomp.ALLOW
    assert name == "SCMP_ACT_ERRNO", name
    return seccomp.ERRNO(errno.EPERM if number is None else number)


def argument_of(said):
    compare = COMPARES[said["op"]]
    if compare == seccomp.MASKED_EQ:  # value is the mask, as libseccomp has it
        return seccomp.Arg(said["index"], compare, said["value"], said["valueTwo"])
    return seccomp.Arg(said["index"], compare, said["value"])


def load(profile):
    assert ARCHITECTURES[platform.machine()] in {one["architecture"] for one in profile["archMap"]}
    rules = seccomp.SyscallFilter(action_of(profile["defaultAction"], profile.get("defaultErrnoRet")))
    for group in profile["syscalls"]:
        action = action_of(group["action"], group.get("errnoRet"))
        for name in group["names"]:
            try:
                rules.add_rule(action, name, *map(argument_of, group.get("args", [])))
            except RuntimeError:
                pass  # this architecture has no such call
    rules.load()


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        wanted = json.load(file)
    load(wanted)
    os.execv(sys.argv[2], sys.argv[2:])
