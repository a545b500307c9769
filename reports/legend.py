"""What the words in a report mean."""

from __future__ import annotations

from reports.verdict import Verdict

CELL = "worst ulp / worst share"
"""What a cell of a comparison table holds."""

MARK = "worst share (not of known, range), worst verdict unless exact, rounding (blind, unsupported: counted below)"
"""What a cell of the tables of many activations holds."""

MATRICES = (("Gradients", "gradient"), ("Updated weights", "update"))
"""The tables of many activations: title and quantity."""

SCANS = "Activations by themselves"
WORTH = "What the check is worth"
CONVENTIONS = "Conventions met on kinks"
DEVIATIONS = "Known deviations met"
SUSPICIOUS = "Suspicious"
ERRATA = "Printed numbers that their source has wrong"
"""What sections are called."""

PRINTED = (
    "What the source of a worked example prints is judged like a backend, published: its bound is half a unit of the "
    "last digit printed. What a source has wrong is listed in its case, with why."
)
"""What rows of printed numbers are."""

TERMS = (
    (
        "ulp",
        "Unit in the last place: the gap between neighbouring numbers of the dtype at the exact value. "
        "Half a ulp is the error of rounding once.",
    ),
    (
        "share",
        "The largest error divided by the rounding bound derived for that very entry. Up to 1, rounding can "
        "explain the error; above 1, it cannot, and the entry is wrong.",
    ),
    (
        "blind",
        "An entry whose bound is at least as large as its magnitude: not even its sign was checked.",
    ),
    (
        "exact zero",
        "An entry whose exact value is zero. These are counted apart from blind entries.",
    ),
    (
        "layer",
        "Weight matrices are counted from the input, from 1; an index counts from 0. "
        "In a chain a link without weights is no layer, and so links have numbers of their own.",
    ),
    ("published", PRINTED),
)  # fmt: skip
"""The words of the tables, each with its meaning."""


def verdicts() -> tuple[tuple[str, str, str], ...]:
    """Every verdict with what it means and what to do about it."""
    return tuple((str(verdict), verdict.meaning, verdict.remedy) for verdict in Verdict)
