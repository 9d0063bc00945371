# SPDX-License-Identifier: Apache-2.0
"""What the checks of the house share: which files there are, C++ without comments and literals, and how a check reports.

A check is a function from the root of a tree to lines "file:line: what is wrong"; tests give it small trees of their own.
"""
import pathlib
import re
import sys

SKIPPED = {".git", "build", "__pycache__", ".pytest_cache", ".cache"}


def files(root, folders=("",), endings=()):
    """Paths below root in byte order, those of build and tool output left out."""
    found = []
    for folder in folders:
        start = root / folder
        if start.is_file():
            found.append(start)
        stack = [start] if start.is_dir() else []
        while stack:
            for path in stack.pop().iterdir():
                if path.is_symlink() or path.name in SKIPPED:
                    continue
                if path.is_dir():
                    stack.append(path)
                elif not endings or path.name.endswith(tuple(endings)):
                    found.append(path)
    return sorted(set(found))


def cpp(root, folders=("src", "tests")):
    return files(root, folders, (".cpp", ".hpp"))


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def is_script(path):
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


LITERALS = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL)


def code_only(text, keep_includes=False):
    """Comments and literals blanked, every other character and every line where it was."""

    def blank(match):
        if keep_includes and match.group().startswith('"'):
            line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
            if re.fullmatch(r"\s*#\s*include\s*", line):
                return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return LITERALS.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def run(check):
    """Entry of a check's script: [ROOT] is the tree, this one by default; exit 1 if anything is wrong."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent).resolve()
    wrong = list(check(root))
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)
