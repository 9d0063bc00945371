# SPDX-License-Identifier: Apache-2.0
from samples import SPDX, accepts, refuses

TABLE = """# Parts

| folder | may include |
|---|---|
| `base` | nothing |
| `net` | base |
| `http` | base, net |
| `commands`, `main` | all |

| other | table |
|---|---|
| net | http |
"""


BASE = {
    "ARCHITECTURE.md": TABLE,
    "src/base/result.hpp": SPDX + "namespace sallyport {\nstruct Result {};\n}\n",
    "src/net/loop.hpp": SPDX + '#include "base/result.hpp"\nnamespace sallyport::net {\nclass Loop {};\n}\n',
    "src/http/body.hpp": SPDX + '#include "net/loop.hpp"\nnamespace sallyport::http {\nclass Body {};\n}\n',
}


def test_accepts_what_the_table_allows(tmp_path):
    accepts(tmp_path, "check_layers", BASE | {
        "src/main.cpp": SPDX + '#include "http/body.hpp"\n#include "sallyport_version.hpp"\nint main() { return 0; }\n',
        "src/commands/run.cpp": SPDX + '#include "http/body.hpp"\nnamespace sallyport::commands {\nint run() { return 0; }\n}\n',
    })


def test_refuses_an_include_that_the_table_does_not_allow(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/net/bad.hpp": '#include "http/body.hpp"\nnamespace sallyport::net {}\n'},
            "src/net/bad.hpp:1: net may not include http")


def test_base_includes_nothing(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/base/bad.hpp": '\n#include "net/loop.hpp"\nnamespace sallyport {}\n'},
            "src/base/bad.hpp:2: base may not include net")


def test_an_include_in_a_comment_is_none(tmp_path):
    accepts(tmp_path, "check_layers", BASE | {"src/net/good.hpp": '// #include "http/body.hpp"\nnamespace sallyport::net {}\n'})


def test_refuses_an_include_that_is_not_written_from_src(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/net/bad.hpp": '#include "loop.hpp"\nnamespace sallyport::net {}\n'},
            "write the include from src")


def test_refuses_an_include_that_does_not_exist(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/net/bad.hpp": '#include "net/none.hpp"\nnamespace sallyport::net {}\n'},
            "src/net/none.hpp does not exist")


def test_the_version_header_is_for_commands(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/net/bad.hpp": '#include "sallyport_version.hpp"\nnamespace sallyport::net {}\n'},
            "commands and main only")


def test_refuses_a_folder_that_is_not_in_the_table(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/misc/x.hpp": "namespace sallyport::misc {}\n"},
            "folder misc is not in the include table")


def test_refuses_a_namespace_of_another_folder(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/net/bad.hpp": "namespace sallyport::http {}\n"},
            "src/net/bad.hpp:1: namespace sallyport::http in folder net")


def test_refuses_a_file_without_the_namespace(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"src/net/bad.hpp": "class Lost {};\n"}, "nothing here is in namespace sallyport::net")


def test_refuses_a_page_without_the_table(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"ARCHITECTURE.md": "# Parts\n"}, "no table")


def test_refuses_a_build_that_links_more_than_the_table_allows(tmp_path):
    refuses(tmp_path, "check_layers", BASE | {"CMakeLists.txt": "sallyport_folder(base)\nsallyport_folder(net base http)\n"},
            "CMakeLists.txt:2: net links ['base', 'http']")
