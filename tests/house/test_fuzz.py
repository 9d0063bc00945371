# SPDX-License-Identifier: Apache-2.0
"""Each parser has a fuzz target, and each target a corpus."""
import re

from samples import ROOT

FUZZ = ROOT / "tests/fuzz"
PAGE = (FUZZ / "README.md").read_text()
ROWS = [line.split("|") for line in PAGE.splitlines() if line.startswith("| `")]
# What functions are called that make something of a text.
READS = re.compile(r"\b(?:parse|parse_\w+|canonical_\w+|decode_\w+|decodes_to|compile|read_objects|read_target)\(")


def test_each_target_has_a_corpus_and_a_row():
    targets = {path.name.removesuffix("_fuzz.cpp") for path in FUZZ.glob("*_fuzz.cpp")}
    assert targets == {name for row in ROWS for name in re.findall(r"`(\w+)`", row[1])}
    assert targets == {path.name for path in (FUZZ / "corpus").iterdir()}
    assert all(any(folder.iterdir()) for folder in (FUZZ / "corpus").iterdir())


def test_each_header_that_declares_a_parser_is_in_a_row():
    named = set(re.findall(r"`([\w/]+\.hpp)`", PAGE))
    assert all((ROOT / "src" / name).exists() for name in named)
    parsers = {str(path.relative_to(ROOT / "src")) for path in (ROOT / "src").rglob("*.hpp") if READS.search(path.read_text())}
    assert len(parsers) > 15
    assert parsers - named == set()
