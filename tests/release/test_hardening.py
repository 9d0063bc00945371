# SPDX-License-Identifier: Apache-2.0
"""The program that users run, build/release/sallyport, carries the protections that cmake/options.cmake asks for."""
import json
import pathlib
import platform
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = ROOT / "build/release/sallyport"


def output(*command):
    return subprocess.run([*command, BINARY], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def headers():
    return output("readelf", "--wide", "--file-header", "--segments", "--dynamic")


@pytest.fixture(scope="module")
def imports():
    """Names of the functions that the program takes from libraries."""
    return set(re.findall(r" UND (\w+)", output("readelf", "--wide", "--dyn-syms")))


def test_its_place_in_memory_is_random(headers):
    assert re.search(r"Type: +DYN", headers)
    assert re.search(r"\(FLAGS_1\).*\bPIE\b", headers)


def test_what_is_relocated_is_read_only_before_main(headers):
    assert re.search(r"^ *GNU_RELRO ", headers, re.MULTILINE)
    assert re.search(r"\(FLAGS\).*\bBIND_NOW\b", headers)


def test_no_memory_is_both_writable_and_executable(headers):
    segments = re.findall(r"^ *(LOAD|GNU_STACK)(?: +0x[0-9a-f]+){5} ([R ][W ][E ]) ", headers, re.MULTILINE)
    assert {kind for kind, _ in segments} == {"LOAD", "GNU_STACK"}
    assert not [flags for kind, flags in segments if "E" in flags and ("W" in flags or kind == "GNU_STACK")]


def test_overwritten_stacks_are_noticed(imports):
    assert "__stack_chk_fail" in imports


def test_sizes_of_buffers_are_checked(imports):
    assert {name for name in imports if re.fullmatch(r"__\w+_chk", name)} - {"__stack_chk_fail"}


def test_the_standard_library_checks_its_bounds(imports):
    assert [name for name in imports if "__glibcxx_assert_fail" in name]


def test_checksec_finds_what_it_looks_for():
    said = subprocess.run(["checksec", "--format=json", f"--file={BINARY}"], capture_output=True, text=True, check=True).stdout
    found = json.loads(said)[str(BINARY)]
    wanted = {"relro": "full", "canary": "yes", "nx": "yes", "pie": "yes", "rpath": "no", "runpath": "no", "fortify_source": "yes"}
    assert {name: found[name] for name in wanted} == wanted
    assert int(found["fortified"]) > 0


# The note that a processor's indirect branch tracking looks at is missing: Debian 12's start files lack it, and the linker
# then leaves it out. What lies in our hands are the marks in our own code.
if platform.machine() == "x86_64":

    def test_indirect_branches_have_marked_targets():
        code = output("objdump", "--disassemble", "--no-show-raw-insn")
        first = dict(re.findall(r"^[0-9a-f]+ <(.+)>:\n *[0-9a-f]+:\s+(\w+)", code, re.MULTILINE))
        targets = [name for name in first if name == "main" or name.endswith(".resume")]
        assert len(targets) > 10
        assert not [name for name in targets if first[name] != "endbr64"]

    def test_returns_may_be_held_to_a_shadow_stack():
        assert re.search(r"x86 feature: .*\bSHSTK\b", output("readelf", "--notes"))


def test_no_path_of_the_building_machine_is_inside():
    assert str(ROOT).encode() not in BINARY.read_bytes()
