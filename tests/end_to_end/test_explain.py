# SPDX-License-Identifier: Apache-2.0
"""`sallyport explain`: where a request would go, and why there."""
import json

import pytest
from folder import ingress, path, rule, served, service
from gateway import once_done


@pytest.fixture
def shop(folder):
    folder.write("web.yaml", *served("web", 8080), *served("cart", 8081), service("empty"))
    folder.write("shop.yaml", ingress("shop", rule("shop.test", path("/", "web"), path("/cart", "cart"), path("/cart", "web", kind="Exact")),
                                      created="2024-01-01T00:00:00Z"))
    folder.write("late.yaml", ingress("late", rule("*.test", path("/cart/now", "web")), rule("shop.test", path("/empty", "empty")),
                                      created="2025-01-01T00:00:00Z"))
    return folder


def explained(folder, url, *options, method="GET"):
    code, said, errors = once_done("explain", folder.path, method, url, "--output", "json", *options)
    assert errors == ""
    return code, json.loads(said)


def test_the_rule_its_object_and_its_endpoints(shop):
    code, said = explained(shop, "http://shop.test/cart/1")
    origin = said["rule"]["origin"]
    assert code == 0 and said["served"]
    assert (origin["kind"], origin["name"], origin["file"], origin["field"]) == ("Ingress", "shop", "shop.yaml", "spec.rules[0].http.paths[1]")
    assert (said["rule"]["host"], said["rule"]["path"], said["rule"]["matched_prefix"]) == ("shop.test", "prefix /cart", "/cart")
    assert said["destinations"][0]["endpoints"] == [{"address": "127.0.0.1:8081", "state": "active"}]
    assert said["listener"]["chain"] == ["forwarded-headers", "request-id"]


def test_who_lost_and_by_what(shop):
    _, said = explained(shop, "http://shop.test/cart/now")
    assert said["rule"]["path"] == "prefix /cart"
    beaten = {(one["host"], one["path"]): one["by"] for one in said["beaten"]}
    assert beaten == {("shop.test", "prefix /"): "a more specific path", ("*.test", "prefix /cart/now"): "a more specific host"}


def test_a_rule_for_the_same_requests_is_named_as_shadowed(shop):
    shop.write("twin.yaml", ingress("twin", rule("shop.test", path("/cart", "web")), created="2026-01-01T00:00:00Z"))
    code, said, errors = once_done("explain", shop.path, "GET", "http://shop.test/cart/1", "--output", "json")
    assert code == 0 and "1 rejected object" in errors
    said = json.loads(said)
    assert [one["origin"]["name"] for one in said["shadowed"]] == ["twin"], said
    text = once_done("explain", shop.path, "GET", "http://shop.test/cart/1")[1]
    assert "shadowed: Ingress default/twin (twin.yaml:" in text and "the rule above has an older object" in text, text


def test_where_no_path_fits_the_hosts_nearest_rules_are_named(folder):
    folder.write("web.yaml", *served("web", 8080))
    folder.write("shop.yaml", ingress("shop", rule("shop.test", path("/checkout", "web", kind="Exact"), path("/about", "web"))))
    code, said, _ = once_done("explain", folder.path, "GET", "http://shop.test/checkout/")
    nearby = [line for line in said.splitlines() if line.startswith("nearby: ")]
    assert code == 1 and len(nearby) == 2, said
    assert "path exact /checkout: its path does not fit" in nearby[0], said


def test_a_header_counts_and_the_text_names_it_all(shop):
    code, said, _ = once_done("explain", shop.path, "GET", "http://127.0.0.1/cart", "-H", "Host: shop.test", "-H", "X-A: b")
    lines = said.splitlines()
    assert code == 0
    assert lines[0] == "request   GET /cart of host shop.test from 127.0.0.1"
    assert any(line.startswith("path      exact /cart") for line in lines)
    assert any(line.startswith("rule      Ingress default/shop (shop.yaml:") for line in lines)
    assert sum(line.startswith("beat: ") for line in lines) == 2, said


def test_a_redirect_that_the_rule_asks_for_serves_the_request(shop):
    code, said = explained(shop, "http://shop.test/cart/1", "--https-redirect", "--default-certificate", "default/any")
    assert (code, said["served"]) == (0, True)
    assert said["answer"] == {"status": 308, "location": "https://shop.test/cart/1"}


@pytest.mark.parametrize(("url", "code", "answer"), [
    ("http://nobody.example/", 1, {"status": 404, "error": "no_host"}),
    ("http://a.test/other", 1, {"status": 404, "error": "no_path"}),
    ("http://shop.test/%2F", 1, {"status": 400, "error": "bad_path", "error_rule": "H1-20"}),
    ("http://shop.test/%00", 1, {"status": 400, "error": "bad_path", "error_rule": "H1-20"}),
    ("http://shop..test/", 1, {"status": 400, "error": "bad_request", "error_rule": "H1-9"}),
])
def test_what_is_not_served(shop, url, code, answer):
    exit_code, said = explained(shop, url)
    assert (exit_code, said["served"]) == (code, False)
    assert {name: said["answer"].get(name) for name in answer} == answer, said


def test_options_of_reading_count(shop):
    assert explained(shop, "http://shop.test/a%2Fb", "--encoded-slash", "keep")[0] == 0
    assert explained(shop, "http://shop.test//cart")[1]["rule"]["path"] == "exact /cart"
    assert explained(shop, "http://shop.test//cart", "--merge-slashes", "off")[1]["rule"]["path"] == "prefix /"


def test_the_options_of_run_that_change_the_answer_count(shop):
    code, said, _ = once_done("explain", shop.path, "GET", "http://shop.test:8080/cart")
    assert code == 1 and "nothing listens on port 8080; --port-map" in said
    assert explained(shop, "http://shop.test:8080/cart", "--port-map", "80=8080")[0] == 0
    underscore = ("-H", "X_A: b", "--underscores")
    assert explained(shop, "http://shop.test/cart", *underscore, "reject")[1]["answer"]["status"] == 400
    assert explained(shop, "http://shop.test/cart", *underscore, "drop")[0] == 0
    assert explained(shop, "http://shop.test/cart", "--limit", "uri-bytes=4")[1]["answer"]["status"] == 414
    assert once_done("explain", shop.path, "GET", "http://shop.test/", "--limit", "no-such=4")[0] == 2


def test_what_is_left_out_is_counted(shop):
    shop.write_text("broken.yaml", "a: [\n")
    shop.write("bad.yaml", ingress("bad", rule("bad.test", path("no-slash", "web"))))
    code, _, errors = once_done("explain", shop.path, "GET", "http://shop.test/")
    assert (code, errors) == (0, f"sallyport explain: 1 broken file, 1 rejected object: see sallyport check {shop.path}\n")


def test_the_client_is_whom_a_trusted_proxy_names(shop):
    options = ("--trusted-proxies", "10.0.0.0/8", "-H", "X-Forwarded-For: 192.0.2.7", "--from")
    assert explained(shop, "http://shop.test/", *options, "10.0.0.1")[1]["request"]["client"] == "192.0.2.7"
    assert explained(shop, "http://shop.test/", *options, "192.0.2.9")[1]["request"]["client"] == "192.0.2.9"


@pytest.mark.parametrize("arguments", [
    (), ("DIR",), ("DIR", "GET"), ("DIR", "GET", "shop.test/"), ("DIR", "GET", "ftp://shop.test/"), ("DIR/none", "GET", "http://shop.test/"),
    ("DIR", "GET", "http://shop.test/", "--from", "here"), ("DIR", "GET", "http://shop.test/", "--output", "xml"),
    ("DIR", "GET", "http://shop.test/", "--fly"),
], ids=lambda value: " ".join(value))
def test_a_wrong_command_line_gives_two(shop, arguments):
    code, said, errors = once_done("explain", *(argument.replace("DIR", str(shop.path)) for argument in arguments))
    assert (code, said) == (2, "") and errors
