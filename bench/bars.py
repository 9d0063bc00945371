# SPDX-License-Identifier: Apache-2.0
"""What was measured beside what it shall be: each row with its bar, which it must not exceed, and its aim."""
import figures

# what, costs of which load, ratio of which candidate to which, bar, aim
RATIOS = (
    ("CPU a request / relay", "short", "sallyport", "relay", 1.15, 1.05),
    ("CPU a request / haproxy", "short", "sallyport", "haproxy", 0.80, 0.70),
    ("browser's head / relay", "browser", "sallyport", "relay", 1.15, 1.05),
    ("512 connections / relay", "many", "sallyport", "relay", 1.15, 1.05),
    ("8 connections / relay", "few", "sallyport", "relay", 1.15, 1.05),
    ("access log on / off", "short", "sallyport-log", "sallyport", 1.05, 1.03),
    ("new connection with a request / haproxy", "fresh", "sallyport", "haproxy", 0.9, 0.8),
    ("answers of 64 KiB, CPU / nginx", "down", "sallyport", "nginx", 1.0, 0.8),
    ("requests of 64 KiB, CPU / nginx", "up", "sallyport", "nginx", 1.0, 0.8),
    ("answer of 1 GiB, CPU / nginx", "1 GiB down", "sallyport", "nginx", 1.0, 0.8),
    ("request of 1 GiB, CPU / nginx", "1 GiB up", "sallyport", "nginx", 1.0, 0.8),
)


def verdict(value, bar, aim):
    if aim is not None and value <= aim:
        return "met, and the aim"
    return "met" if value <= bar else "MISSED"


def ratio_rows(costs):
    for what, load, one, other, bar, aim in RATIOS:
        found = costs.get(load, {})
        if one in found and other in found:
            ratios = figures.ratios(found[one], found[other])
            yield what, figures.spread(ratios, 3), f"{bar:.2f}", f"{aim:.2f}", verdict(figures.quartiles(ratios)[1], bar, aim)


def other_rows(found):
    for what, growth in found.get("growth", {}).items():
        if "sallyport" in growth:
            mib = growth["sallyport"] / 2**20
            yield f"memory growth, {what}", f"{mib:.2f} MiB", "1 MiB", "", verdict(mib, 1, None)
    ratios = found.get("p99", {}).get("sallyport")
    if ratios:
        yield "p99 at 70 % of haproxy's peak / haproxy", figures.spread(ratios, 2), "1.00", "0.70", verdict(figures.quartiles(ratios)[1], 1, 0.7)
    held = found.get("idle", {}).get("sallyport")
    if held is not None:
        yield "idle kept connection", f"{held:.0f} bytes", "512", "205", verdict(held, 512, 205)


def table(rows, smoke):
    """Lines; none without rows. A smoke run has measured next to nothing: its rows show that they can be made, and have no verdict."""
    rows = [(*row[:-1], "not judged") if smoke else row for row in rows]
    if not rows:
        return []
    title = "bars, of a smoke run: its figures mean nothing, and nothing is judged by them" if smoke else "bars"
    return ["", title, "", *figures.table([("what", "measured", "bar", "aim", ""), *rows])]


def rows_of_requests(found):
    """Of what was measured only."""
    return [*ratio_rows(found.get("costs", {})), *other_rows(found)]
