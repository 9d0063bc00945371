# SPDX-License-Identifier: Apache-2.0
"""`sallyport explain` of what a cluster has: as of a folder with the same objects, and with the errors of `check`."""
import json

import pytest
from cluster_world import POD
from folder import Folder, described, ingress, path, rule
from gateway import once_done

OURS = ("--watch-without-class", "on")

pytestmark = pytest.mark.usefixtures("pod_network")


def explained(*place_and_request):
    code, said, errors = once_done("explain", *place_and_request, "--output", "json", *OURS)
    assert errors == ""
    return code, json.loads(said)


def test_it_says_what_it_says_of_a_folder_with_the_same_objects(cluster, tmp_path):
    cluster.api.put(ingress("more", rule("web.test", path("/cart", "web")), created="2024-01-01T00:00:00Z"))
    folder = Folder(tmp_path / "folder")
    folder.write("all.yaml", *cluster.site(), ingress("more", rule("web.test", path("/cart", "web")), created="2024-01-01T00:00:00Z"))
    request = "GET", "http://web.test/cart/1"
    code, said = explained("--kubeconfig", cluster.config, *request)
    assert code == 0 and said["rule"]["origin"]["name"] == "more"
    assert said["destinations"][0]["endpoints"] == [{"address": f"{POD}:{cluster.origin.port}", "state": "active"}]
    assert [one["origin"]["name"] for one in said["beaten"]] == ["web"]
    of_folder = explained(folder.path, *request)[1]

    def without_places(value):
        if isinstance(value, dict):
            return {name: without_places(one) for name, one in value.items() if name not in ("file", "line")}
        return [without_places(one) for one in value] if isinstance(value, list) else value
    assert without_places(said) == without_places(of_folder)


def test_options_may_stand_anywhere_and_namespaces_count(cluster):
    request = "GET", "http://web.test/"
    assert explained(*request, "--kubeconfig", cluster.config)[0] == 0
    assert explained("GET", "--kubeconfig", cluster.config, "--context", "test", "http://web.test/", "--namespace", "default")[0] == 0
    assert explained("--kubeconfig", cluster.config, "--namespace", "other", *request)[0] == 1


def test_a_certificate_is_fetched_for_it(cluster):
    pair = cluster.authority.pair("tls.test")
    cluster.api.put(pair.secret("tls"), ingress("tls", rule("tls.test", path("/", "web")), tls=[{"hosts": ["tls.test"], "secretName": "tls"}]))
    code, said, errors = once_done("explain", "--kubeconfig", cluster.config, *OURS, "GET", "https://tls.test/")
    assert (code, errors) == (0, "") and "default/tls" in said, said


def test_what_is_left_out_is_counted_and_check_is_named(cluster):
    cluster.api.put(ingress("bad", rule("bad.test", path("/", "none"))))
    cluster.api.rule("* */configmaps?*", code=403)
    code, _, errors = once_done("explain", "--kubeconfig", cluster.config, *OURS, "GET", "http://web.test/")
    told = f"1 unreadable kind or object, 1 rejected object: see sallyport check --kubeconfig {cluster.config}"
    assert (code, errors) == (0, f"sallyport explain: {told}\n")


def test_what_cannot_be_read_gives_two_and_says_why(cluster, tmp_path):
    request = "GET", "http://web.test/"
    with open(tmp_path / "none.conf", "w", encoding="utf-8") as written:
        written.write(cluster.config.read_text().replace(cluster.api.url, "https://127.0.0.1:1"))
    for place in (("--kubeconfig", tmp_path / "absent"), ("--kubeconfig", tmp_path / "none.conf"),
                  ("--kubeconfig", cluster.config, "--context", "nobody")):
        code, said, errors = once_done("explain", *place, *request)
        assert (code, said) == (2, "") and errors.startswith("sallyport explain: "), errors
        of_check = once_done("check", *place)
        assert of_check[0] == 2 and of_check[2].removeprefix("sallyport check: ") == errors.removeprefix("sallyport explain: ")


@pytest.mark.parametrize(("arguments", "told"), [
    (("--kubeconfig", "CONFIG"), "METHOD and URL are required"),
    (("--kubeconfig", "CONFIG", "GET"), "METHOD and URL are required"),
    (("--kubeconfig", "CONFIG", "DIR", "GET", "http://web.test/"), "not both"),
    (("GET", "http://web.test/"), "instead of DIR"),
    (("DIR", "GET", "http://web.test/", "--context", "test"), "--context: it needs"),
    (("--kubeconfig", "CONFIG", "--namespace", "a", "--namespace-selector", "b=c", "GET", "http://web.test/"), "named or selected"),
    (("--kubeconfig", "CONFIG", "GET", "web.test/"), "http://"),
], ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_a_wrong_command_line_gives_two(cluster, arguments, told):
    words = {"CONFIG": str(cluster.config), "DIR": str(cluster.where)}
    code, said, errors = once_done("explain", *(words.get(one, one) for one in arguments))
    assert (code, said) == (2, "") and told in errors, errors


def test_what_others_may_write_there_names_no_loopback(cluster):
    cluster.api.put(described("discovery.k8s.io/v1", "EndpointSlice", "web-1", labels={"kubernetes.io/service-name": "web"})
                    | {"addressType": "IPv4", "ports": [{"port": 80}], "endpoints": [{"addresses": ["127.0.0.1"]}]})
    code, said, _ = once_done("explain", "--kubeconfig", cluster.config, *OURS, "GET", "http://web.test/")
    assert code == 1 and "no endpoint is ready" in said, said
