# SPDX-License-Identifier: Apache-2.0
"""Medians and quartiles, and the tables they are printed in."""
import math
import statistics


def quartiles(values):
    """(first, median, third); of a single value that value thrice."""
    if len(values) == 1:
        return (values[0],) * 3
    return tuple(statistics.quantiles(values, n=4, method="inclusive"))


def spread(values, digits):
    """"1.09 (1.08-1.11)": the median, and between which quartiles it lies."""
    first, median, third = quartiles(values)
    return f"{median:.{digits}f} ({first:.{digits}f}-{third:.{digits}f})"


def percentile(values, share):
    """By nearest rank."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ratios(values, others):
    """Round by round: only neighbours in time compare."""
    return [value / other for value, other in zip(values, others, strict=True)]


def table(rows):
    """Lines of a Markdown table whose columns line up; the first row is its head."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in rows]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]


def cost_table(costs, beside, unit, more):
    """{candidate: [cost, one a round]} as a table, with ratios to the candidates `beside`, and `more`: {title: {candidate: cell}}."""
    rows = [("candidate", unit, *(f"x {other}" for other in beside), *more)]
    for name, values in costs.items():
        ratio_cells = ["1" if other == name else spread(ratios(values, costs[other]), 3) for other in beside]
        rows.append((name, spread(values, 1), *ratio_cells, *(column[name] for column in more.values())))
    return table(rows)
