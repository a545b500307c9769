"""How times, sizes and ratios are written, and the lines of the tables, which are the same everywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from reports.bench.record import MEMORY, QUANTITIES, WORKER, Bench, Figure, Part, Ratio, Target
from reports.wording import NOTHING

QUARTILES = "Medians over the rounds, quartiles in brackets; a ratio is the median of the rounds' own ratios."

TARGET_HEADER = ("part", "target", "measured", "judged")

TIMES = ((1.0, "s", 1.0), (1e-3, "ms", 1e3), (1e-6, "µs", 1e6), (0.0, "ns", 1e9))
BYTES = ((1e9, "GB", 1e-9), (1e6, "MB", 1e-6), (0.0, "kB", 1e-3))


def amount(quantity: str, *values: float) -> str:
    """``3.21 ms``, or with quartiles ``3.21 (3.1 – 3.4) ms``: three digits, the unit that of the first."""
    value = values[0]
    if math.isnan(value):
        return NOTHING
    sizes = BYTES if quantity in (MEMORY, WORKER) else TIMES
    _, unit, factor = next(size for size in sizes if value >= size[0] or not size[0])
    return f"{ranged(*(digits(one * factor) for one in values))} {unit}"


def ranged(value: str, *quartiles: str) -> str:
    """``3.21 (3.1 – 3.4)``; the first alone where there is nothing else."""
    return f"{value} ({' – '.join(quartiles)})" if quartiles else value


def digits(value: float) -> str:
    """Three digits, without an exponent wherever that can be."""
    if not math.isfinite(value):
        return NOTHING if math.isnan(value) else "∞"
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.3g}"


def spread(figure: Figure) -> str:
    """The median and its quartiles; the median alone where there was one round."""
    return amount(figure.quantity, figure.median, *(figure.spread if len(figure.values) > 1 else ()))


def times(ratio: Ratio) -> str:
    """``1.5 (1.4 – 1.6) × gradcheck``."""
    quartiles = map(digits, ratio.spread if len(ratio.values) > 1 else ())
    return f"{ranged(digits(ratio.median), *quartiles)} × {ratio.against}"


def header(part: Part) -> tuple[str, ...]:
    """Names of the columns of a part's table: its quantities, and which of them are told as multiples."""
    had, told = _columns(part)
    return ("setting", "what", *had, *(f"{quantity}, as a multiple" for quantity in told))


def lines(part: Part) -> list[tuple[str, ...]]:
    """A line for each setting and contestant; a setting stands where it changes."""
    had, told = _columns(part)
    figures = {(one.setting, one.name, one.quantity): spread(one) for one in part.figures}
    ratios: dict[tuple[str, str, str], list[str]] = {}
    for ratio in part.ratios:
        ratios.setdefault((ratio.setting, ratio.name, ratio.quantity), []).append(times(ratio))
    found, last = [], ""
    for setting, name in dict.fromkeys((one.setting, one.name) for one in part.figures):
        values = [figures.get((setting, name, quantity), NOTHING) for quantity in had]
        multiples = [", ".join(ratios.get((setting, name, quantity), ())) for quantity in told]
        found.append((setting if setting != last else "", name, *values, *multiples))
        last = setting
    return found


def _columns(part: Part) -> tuple[list[str], list[str]]:
    """Quantities that figures are of, and those that ratios are of."""
    had, told = {one.quantity for one in part.figures}, {one.quantity for one in part.ratios}
    return [q for q in QUANTITIES if q in had], [q for q in QUANTITIES if q in told]


def measured(target: Target) -> str:
    """The value as a target is told: ``5.1 times (at most 8)``."""
    bound = "at least" if target.least else "at most"
    return f"{digits(target.value)} {target.unit} ({bound} {digits(target.limit)})"


def judged(bench: Bench) -> list[tuple[str, str, str, str]]:
    """Lines of TARGET_HEADER, with a mark for each."""
    return [
        (part.name, target.statement, measured(target), f"{'✓' if target.reached else '✗'} {target.word}")
        for part in bench.parts
        for target in part.targets
    ]


def sentence(bench: Bench) -> str:
    """``3 of 5 targets reached``."""
    targets = [target for part in bench.parts for target in part.targets]
    if not targets:
        return "no target belongs to what was measured"
    return f"{sum(target.reached for target in targets)} of {len(targets)} targets reached"


def circumstances(about: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Machine, versions and times, as far as they are known."""
    versions = about.get("versions")
    found = {
        "machine": about.get("machine"),
        "versions": ", ".join(f"{k} {v}" for k, v in versions.items()) if isinstance(versions, Mapping) else None,
        "load before": about.get("load"),
        "started": about.get("started"),
        "seconds": about.get("seconds"),
        "command": about.get("command"),
    }
    return [(name, str(value)) for name, value in found.items() if value is not None]
