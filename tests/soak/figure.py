# SPDX-License-Identifier: Apache-2.0
"""One line of what a soak found: a figure, the bar that it has to keep, and whether it did."""
import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Figure:
    what: str
    found: str
    bar: str = "-"
    kept: bool = True

    @property
    def verdict(self):
        return "ok" if self.kept else "MISSED"


def written(number, unit):
    return f"{number:,}{unit}" if isinstance(number, int) else f"{number:.4g}{unit}"


def at_most(what, found, bar, unit=""):
    """What could not be measured is infinite, and no bar lets that pass."""
    return Figure(what, written(found, unit), f"<= {written(bar, unit)}", found <= bar and math.isfinite(found))


def at_least(what, found, bar, unit=""):
    return Figure(what, written(found, unit), f">= {written(bar, unit)}", found >= bar)
