# SPDX-License-Identifier: Apache-2.0
"""Small trees for the checks: each test writes the files that it is about and asks one check of tools/ for its verdict."""
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def verdict(tmp_path, check, files):
    """(exit code, output lines) of tools/CHECK over a tree of these files."""
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = subprocess.run([ROOT / "tools" / check, tmp_path], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1) and not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def accepts(tmp_path, check, files):
    code, lines = verdict(tmp_path, check, files)
    assert (code, lines) == (0, [])


def refuses(tmp_path, check, files, *expected):
    """Exactly as many findings as expected texts, each containing its text."""
    code, lines = verdict(tmp_path, check, files)
    assert code == 1
    assert len(lines) == len(expected), lines
    for line, text in zip(lines, expected):
        assert text in line
