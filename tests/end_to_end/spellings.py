# SPDX-License-Identifier: Apache-2.0
"""Spellings of /admin and of what might be taken for it, and how a lenient server could read a path.

PLAIN: none of them may ever reach a backend that somebody reads as /admin. PARAMETERS and TWICE are the two exceptions, and
test_path_spellings.py says why they are right.
"""
import itertools
import re
from urllib.parse import quote

TRIPLET = re.compile("%([0-9A-Fa-f]{2})")


def triplets(text, chosen, upper=True):
    return "".join((f"%{ord(c):02X}" if upper else f"%{ord(c):02x}") if number in chosen else c for number, c in enumerate(text))


def encoded_letters():
    """/admin with one letter encoded, with several, with all; in both cases of hex."""
    for number in range(5):
        yield "/" + triplets("admin", {number})
    for upper in (True, False):
        yield "/" + triplets("admin", {0, 1, 2, 3, 4}, upper)
        yield "/" + triplets("admin", {0, 2, 4}, upper)
        yield "/" + triplets("admin", {1, 3}, upper) + "/"


DOTS = [".", "%2e", "%2E"]
TWO_DOTS = ["".join(pair) for pair in itertools.product(DOTS, DOTS)]
SLASHES = ["%2f", "%2F"]
BACKSLASHES = ["\\", "%5c", "%5C"]

PLAIN = list(dict.fromkeys([
    # As it is, and what only looks like it.
    "/admin", "/admin/", "/admin/users", "/admin/users/", "/admin?", "/admin?a=b", "/admin/?a=/../b", "/admin?%2e%2e", "/adminx",
    "/admin-", "/admin~",
    "/Admin", "/ADMIN", "/aDMIN/users", "/%41dmin", "/admi", "/admin%20", "/admin%09", "/admin%0a", "/admin%0d%0a", "/admin+", "/%20admin",
    # Letters that need not be encoded.
    *encoded_letters(), "/%61%64min/users", "/adm%69n/%75sers", "/%61dmin?x", "/admin%2dx", "/admin%7e",
    # Dot segments, plain and encoded, before and behind it.
    "/./admin", "/././admin", "/admin/.", "/admin/./", "/admin/..", "/admin/../admin", "/admin/../admin/", "/x/../admin",
    "/x/y/../../admin",
    "/x/./../admin", "/x/../admin/users", "/x/../x/../admin", "/admin/x/..", "/admin/x/../", "/admin/x/../..", "/admin/x/../../admin",
    *(f"/x/{dots}/admin" for dots in TWO_DOTS), *(f"/{dot}/admin" for dot in DOTS), *(f"/admin/{dots}/admin" for dots in TWO_DOTS),
    *(f"/admin/{dot}" for dot in DOTS), "/x/%2e%2e/%61dmin", "/x/.%2e//admin",
    # Above the root.
    "/../admin", "/../../admin", "/x/../../admin", "/%2e%2e/admin", "/.%2e/%2e./admin", "/x/%2e%2e/%2e%2e/admin", "/..", "/../",
    # More dots than two are a name, and so is a dot behind one.
    "/.../admin", "/..../admin", "/x/.../admin", "/admin.", "/admin..", "/admin...", "/admin/...", "/admin%2e", "/admin%2e%2e", "/.admin",
    "/..admin",
    "/x/..admin", "/x/.admin",
    # Slashes in a run, at every place.
    "//admin", "///admin", "////////admin", "//admin//", "/admin//", "/admin//users", "/.//admin", "//./admin", "/x//../admin",
    "/x/..//admin",
    "//x/../admin", "/x///..///admin", "/x//..//..//admin", "//../admin", "/%2e//admin", "//%61dmin",
    # Encoded slashes.
    *(f"{slash}admin" for slash in SLASHES), *(f"/{slash}admin" for slash in SLASHES), *(f"/admin{slash}" for slash in SLASHES),
    *(f"/admin{slash}users" for slash in SLASHES), *(f"/x{slash}..{slash}admin" for slash in SLASHES),
    *(f"/x/..{slash}admin" for slash in SLASHES),
    "/x%2f%2e%2e%2fadmin", "/x/%2e%2e%2fadmin", "/.%2fadmin", "/%2fadmin%2f",
    # Backslashes.
    *(f"/{one}admin" for one in BACKSLASHES), *(f"{one}admin" for one in BACKSLASHES), *(f"/admin{one}" for one in BACKSLASHES),
    *(f"/admin{one}users" for one in BACKSLASHES), *(f"/x{one}..{one}admin" for one in BACKSLASHES),
    *(f"/x/..{one}admin" for one in BACKSLASHES),
    "/x\\../admin", "/x/%2e%2e%5cadmin", "/.\\admin",
    # Dot segments with parameters.
    "/..;/admin", "/x/..;/admin", "/x/..;a=b/admin", "/x/..%3b/admin", "/x/..%3Ba/admin", "/x/%2e%2e;/admin", "/x/%2e.;a/admin",
    "/.;/admin",
    "/x/.;a/../admin", "/.%3b/admin", "/..;", "/x/..;", "/x/..;/", "/admin/..;/", "/x/..;/..;/admin",
    # NUL and other controls, plain and encoded.
    "/admin%00", "/admin%00.html", "/%00/admin", "/admin/%00", "/x/..%00/admin", "/a\0dmin", "/admin\0", "/admin\t", "/\tadmin",
    "/ad\x7fmin", "/admin\x01",
    "/admin%7f", "/admin%1f", "/x/\t../admin", "/admin\x0b", "/admin\x0c",
    # UTF-8 that is too long, UTF-8 as it came, letters and slashes of other scripts.
    "/%c1%a1dmin", "/%c0%afadmin", "/x/%c0%ae%c0%ae/admin", "/x/%c0%ae%c0%ae%c0%afadmin", "/%e0%80%afadmin", "/%f0%80%80%afadmin",
    "/x%c1%9c..%c1%9cadmin",
    "/\xc0\xafadmin", "/\xef\xbc\x8fadmin", "/\xe1dmin", "/" + quote("ａｄｍｉｎ"), "/x/" + quote("．．／") + "admin", quote("／") + "admin",
    "/" + quote("∕") + "admin",
    "/" + quote("‥") + "/admin", "/admin" + quote("\u200b"), "/adm" + quote("ı") + "n", "/%u0061dmin", "/%u002fadmin",
    "/x/%u002e%u002e/admin",
    # Triplets that are none.
    "/admin%", "/admin%2", "/admin%zz", "/%6admin", "/%6", "/%admin", "/x/%2e%2/admin", "/x/%2e%2g/admin", "/%%36%31dmin", "/admin%%",
    # Other forms of a target.
    "http://HOST/admin", "http://HOST//admin", "http://HOST/x/../admin", "http://HOST/%61dmin", "http://HOST/./admin",
    "HTTP://HOST/admin", "http://HOST:80/admin",
    "http://HOST", "http://HOST/..;/admin", "http://HOST\\admin", "http://HOST/x\\..\\admin", "http://HOST?/admin", "http://HOST#/admin",
    "http://x@HOST/admin",
    "https://HOST/admin", "//HOST/admin", "admin", "./admin", "../admin", "*", "?/admin", "#/admin", "",
    # Fragments, queries, and what ends a path elsewhere.
    "/admin#", "/admin#x", "/x#/../admin", "/#/admin", "/x?/../admin", "/x/..?/admin", "/?/admin", "/x/../admin?x#y", "/admin /x",
    "/x /admin", "/admin%20/..",
    # Characters that a path has to encode.
    '/"admin"', "/<admin>", "/[admin]", "/{admin}", "/ad|min", "/`admin`", "/^admin", "/x/{..}/admin", "/admin&", "/admin,", "/admin:80",
    "/admin@x", "/admin$",
]))

# Parameters of a segment (RFC 3986 3.3).
PARAMETERS = [
    "/admin;", "/admin;x", "/admin;a=b/users", "/admin;/", "/admin;/../admin;", "/admin%3b", "/admin%3Bx", "/%61dmin;x",
    "/;/admin", "/;x/admin", "/;a=b//admin", "/x/../admin;x", "/x/../;/admin", "/;%2e/admin", "/admin;..", "/%3b/admin",
]

# A percent sign that is encoded itself.
TWICE = [
    "/%2561dmin", "/%2561%2564min", "/admi%256e", "/%2561dmin/users", "/x/%252e%252e/admin", "/x/%252e./admin", "/x/.%252e/admin",
    "/%252e/admin", "/%252fadmin", "/%252Fadmin", "/x%252f..%252fadmin", "/x/..%252fadmin", "/%255cadmin", "/x%255c..%255cadmin",
    "/admin%252f", "/admin%255c", "/x/..%255cadmin", "/%25252fadmin", "/%2525252e/admin", "/admin%253bx", "/admin%2500",
    "/x/..%253b/admin", "/x/%252e%252e%252fadmin",
]


def without_dots(path):
    """RFC 3986 5.2.4, and no further up than the root."""
    kept = []
    segments = path.split("/")[1:]
    for number, segment in enumerate(segments):
        last = number + 1 == len(segments)
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
        if segment in (".", "..") and last:
            kept.append("")
    return "/" + "/".join(kept)


def with_decoded(path):
    """Once, and triplets that are none stay."""
    return TRIPLET.sub(lambda found: chr(int(found.group(1), 16)), path)


def without_parameters(path):
    return "/".join(segment.split(";")[0] for segment in path.split("/"))


def with_merged_slashes(path):
    while "//" in path:
        path = path.replace("//", "/")
    return path


def readings(target, decodings=2, parameters=True):
    """Every path that a server may take the target for: it decodes so often, takes a backslash for a slash, cuts at NUL, merges
    slashes, resolves dot segments, drops parameters; in any order, each any number of times."""
    path = target.split("?")[0].split("#")[0]
    steps = [with_merged_slashes, without_dots, lambda one: one.replace("\\", "/"), lambda one: one.split("\0")[0]]
    if parameters:
        steps.append(without_parameters)
    seen, open_ends = {(path, 0)}, [(path, 0)]
    while open_ends:
        one, decoded = open_ends.pop()
        more = [(step(one), decoded) for step in steps]
        if decoded < decodings:
            more.append((with_decoded(one), decoded + 1))
        for state in more:
            if state not in seen:
                seen.add(state)
                open_ends.append(state)
    return {one for one, _ in seen}
