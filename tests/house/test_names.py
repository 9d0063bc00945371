# SPDX-License-Identifier: Apache-2.0
import pytest
from samples import accepts, refuses

PAGES = {
    "docs/life-of-a-request.md": "First `accept_all()`, then `Worker::adopt()`.\n",
    "docs/life-of-a-change.md": "Only `adopt()`.\n",
    "docs/adding-a-dialect.md": "Only `adopt()`.\n",
    "docs/adding-a-filter.md": "Only `adopt()`.\n",
    "src/proxy/worker.hpp": "class Worker { void accept_all(); void adopt(); };\n",
}


def test_accepts_quotes_that_exist(tmp_path):
    accepts(tmp_path, "check_names", PAGES)


def test_refuses_a_quoted_function_that_is_only_in_a_comment(tmp_path):
    refuses(tmp_path, "check_names", PAGES | {"src/proxy/worker.hpp": "class Worker { void adopt(); };  // accept_all()\n"},
            "docs/life-of-a-request.md:1: `accept_all()` is not in src")


def test_refuses_a_quoted_type_that_does_not_exist(tmp_path):
    refuses(tmp_path, "check_names", PAGES | {"docs/life-of-a-change.md": "\n`Walker::adopt()`\n"}, "life-of-a-change.md:2: `Walker::adopt()`")


def test_refuses_a_page_that_is_missing_or_quotes_nothing(tmp_path):
    files = {page: text for page, text in PAGES.items() if page != "docs/life-of-a-request.md"} | {"docs/life-of-a-change.md": "Nothing.\n"}
    refuses(tmp_path, "check_names", files, "life-of-a-request.md:1: the page is missing", "quotes no function")


@pytest.mark.parametrize("code", [
    "int m_count;", "constexpr int kLimit = 1;", "void process(int);", "int downstream_port;", "int FrontendPort;",
    "class IReader {};", "struct ReaderImpl {};", "class PoolManager {};", "using PathUtil = int;", "struct HelperData {};",
    "enum class FilterBase { a };", "class TextHelpers {};",
])
def test_refuses_a_name_that_hides_what_it_is(tmp_path, code):
    refuses(tmp_path, "check_names", PAGES | {"src/net/sample.hpp": code + "\n"}, "src/net/sample.hpp:1: ")


@pytest.mark.parametrize("code", [
    "struct IPv4 {};", "class Database {};", "int kept;", "bool processed();", "class Metadata {};", "struct Impulse {};",
    "class Worker { std::coroutine_handle<> handle_; };", "int em_quad;", 'const char* text = "kLimit m_x downstream";',
])
def test_accepts_what_only_looks_like_one(tmp_path, code):
    accepts(tmp_path, "check_names", PAGES | {"src/net/sample.hpp": code + "\n"})


@pytest.mark.parametrize("name", ["http_helpers.hpp", "utils.cpp", "common.hpp"])
def test_refuses_a_file_that_is_called_by_nothing(tmp_path, name):
    refuses(tmp_path, "check_names", PAGES | {f"src/net/{name}": "\n"}, "name does not say")
