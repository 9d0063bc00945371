# SPDX-License-Identifier: Apache-2.0
"""Format, license line, size, words, and headers that compile alone."""
import shutil

from samples import ROOT, SPDX, accepts, refuses


def test_format_refuses_what_clang_format_would_change(tmp_path):
    shutil.copy(ROOT / ".clang-format", tmp_path)
    refuses(tmp_path, "check_format", {"src/net/bad.hpp": SPDX + "int  f( );\n", "src/net/good.hpp": SPDX + "int f();\n"},
            "src/net/bad.hpp:2")


def test_format_accepts_what_it_would_not_change(tmp_path):
    shutil.copy(ROOT / ".clang-format", tmp_path)
    accepts(tmp_path, "check_format", {"tests/unit/net/good.cpp": SPDX + "int f();\n"})


def test_spdx_refuses_a_source_a_script_and_a_build_file_without_the_line(tmp_path):
    refuses(tmp_path, "check_spdx",
            {"Makefile": "all:\n", "src/net/bad.cpp": "// something\n" + SPDX, "tools/bad": "#!/bin/sh\necho\n"},
            "Makefile:1", "src/net/bad.cpp:1", "tools/bad:2")


def test_spdx_accepts_the_line_in_its_place(tmp_path):
    accepts(tmp_path, "check_spdx",
            {"src/net/good.cpp": SPDX, "tools/good": "#!/bin/sh\n" + SPDX.replace("//", "#"), "docs/page.md": "# Page\n",
             "tests/fuzz/corpus/x/looks_like.py": "GET /\n"})


def test_size_refuses_601_lines_and_accepts_600(tmp_path):
    refuses(tmp_path, "check_size", {"src/net/long.cpp": "\n" * 601, "src/net/full.cpp": "\n" * 600}, "src/net/long.cpp:600: 601 lines")


def test_words_refuses_a_reminder_without_its_issue(tmp_path):
    refuses(tmp_path, "check_words", {"src/net/a.cpp": "// TO" "DO: later\n// FIX" "ME issue 12: later\n"}, "src/net/a.cpp:1: a reminder")


def test_words_refuses_a_path_of_a_machine(tmp_path):
    refuses(tmp_path, "check_words", {"docs/a.md": "see /ro" "ot/notes and\nhttp://example.com/ro" "ot/x\n"}, "docs/a.md:1: a path")


def test_words_refuses_tests_that_wait_for_time_or_do_not_run(tmp_path):
    files = {"tests/end_to_end/test_a.py": "time.sl" "eep(1)\n@pytest.mark.sk" "ip\n",
             "tests/unit/net/a_test.cpp": "std::this_thread::sleep_f" "or(1ms);\nTEST(A, DISABL" "ED_b) {}\n"}
    refuses(tmp_path, "check_words", files, "test_a.py:1: a test waits", "test_a.py:2: a test that does not run",
            "a_test.cpp:1: a test waits", "a_test.cpp:2: a test that does not run")


def test_headers_refuses_one_that_leans_on_its_includer(tmp_path):
    files = {"src/base/a.hpp": "#pragma once\n#include <string>\n", "src/base/b.hpp": "#pragma once\nstd::string name();\n"}
    refuses(tmp_path, "check_headers", files, "src/base/b.hpp:1: does not compile alone")


def test_headers_remembers_a_good_one_until_something_behind_it_changes(tmp_path):
    files = {"src/base/a.hpp": "#pragma once\nusing Number = int;\n", "src/base/b.hpp": '#pragma once\n#include "base/a.hpp"\nNumber f();\n'}
    accepts(tmp_path, "check_headers", files)
    known = set((tmp_path / "build/house/headers").iterdir())
    assert len(known) == 2
    accepts(tmp_path, "check_headers", files)
    assert set((tmp_path / "build/house/headers").iterdir()) == known
    refuses(tmp_path, "check_headers", files | {"src/base/a.hpp": "#pragma once\n"}, "src/base/b.hpp:1: does not compile alone")
