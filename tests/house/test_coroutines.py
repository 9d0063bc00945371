# SPDX-License-Identifier: Apache-2.0
"""The forms of the rules for coroutines, bad and good; the comment of tools/check_coroutines says why."""
import pytest
from samples import accepts, refuses

BAD = {
    "a lambda with captures as argument": "Task<int> f() { co_return co_await g([s] { return s; }); }",
    "a braced temporary as argument": "Task<int> f() { co_return co_await g(Options{s}); }",
    "designated initialisers as argument": "Task<int> f() { co_return co_await g({.a = s}); }",
    "a braced awaiter": "Task<int> f() { co_await Awaiter{s}; co_return 1; }",
    "a list as argument": 'Task<int> f() { co_return co_await g({"a", "b"}); }',
    "a brace after the call, in the same expression": "Task<int> f() { co_return h(co_await g(), Options{s}); }",
    "a brace behind a comparison": "Task<int> f() { const bool same = co_await g() == Text{s}; co_return same; }",
    "in an aggregate's braces": "Task<int> f() { const Pair x{.a = co_await g()}; co_return x.a; }",
    "in the braces of a return": "Task<Pair> f() { co_return Pair{1, co_await g()}; }",
    "in the braces of a list after =": "Task<int> f() { const Pair x = {co_await g(), 2}; co_return x.a; }",
    "in braces inside parentheses": "Task<int> f() { use(Pair{h(co_await g())}); co_return 1; }",
    "a lambda coroutine that captures": "void f() { spawn([this]() -> Task<int> { co_return co_await g(); }); }",
    "a lambda coroutine that captures everything": "auto f() { return [&](int n) -> Task<int> { if (n > 1) { co_return n; } co_return 1; }; }",
    "an rvalue reference parameter": "Task<int> f(std::string&& text);",
    "a parameter that binds a temporary text": "net::Task<Result<int>> Pool::take(const std::string& name) { co_return 1; }",
    "a trailing return type does not hide it": "auto f(const std::vector<int>& list) -> net::Task<int>;",
}

GOOD = {
    "a named value": "Task<int> f() { Options options{s}; co_return co_await g(std::move(options)); }",
    "conditions and loops": "Task<int> f() { while (co_await more()) { if (const auto x = co_await g(); x) { use(x); } } co_return 1; }",
    "a switch": "Task<int> f() { switch (co_await g()) { case 1: { co_return 2; } default: { co_return 3; } } }",
    "a call in a call": "Task<int> f() { co_return h(co_await g(1), co_await g(2)); }",
    "a conditional": "Task<int> f() { co_return flag ? co_await g() : 1; }",
    "else, do, try": "Task<int> f() { if (a) { co_await g(); } else { co_await g(); } do { co_await g(); } while (b); co_return 1; }",
    "a member function with specifiers": "struct X { Task<int> f(Exchange& exchange, Next next) const override { co_return co_await next(exchange); } };",
    "a trailing return type": "auto f(int n) -> Task<Result<int>> { co_return co_await g(n); }",
    "a lambda coroutine without captures": "auto f() { return [](Loop& loop) -> Task<int> { co_return co_await g(loop); }; }",
    "a capturing lambda that is no coroutine": "Task<int> f() { const auto sum = [&](int n) { return n + base; }; co_return sum(co_await g()); }",
    "a view as parameter": "Task<int> f(std::string_view text, std::span<const int> list);",
    "an awaiter's own operator": "struct X { auto operator co_await() { return Awaiter{1}; } };",
    "in a comment or a text": 'const char* t = "co_await g({1})";  // co_await g({1})',
    "braces of a later statement": "Task<int> f() { co_await g(); const Pair x{1, 2}; co_return x.a; }",
    "a subscript": "Task<int> f() { co_return list[co_await g()]; }",
}


@pytest.mark.parametrize("name", BAD)
def test_refuses(tmp_path, name):
    refuses(tmp_path, "check_coroutines", {"src/net/sample.cpp": "\n" + BAD[name] + "\n"}, "src/net/sample.cpp:2: ")


@pytest.mark.parametrize("name", GOOD)
def test_accepts(tmp_path, name):
    accepts(tmp_path, "check_coroutines", {"src/net/sample.cpp": GOOD[name] + "\n"})
