"""Cases whose numbers a source prints: right ones, and Mazur's, whose error after the step is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from cases.case import Case, make_case
from cases.links import Link
from cases.published import Erratum, Place, Printed, Published
from harness.printed import published_rows
from reports.record import Row

DENSE, BIAS, SIGMA = Link("dense", 2), Link("bias"), Link("activation")


def of(quantity: str, rows: Sequence[Sequence[str]], layer: int = 0) -> list[tuple[Place, Printed]]:
    """A matrix of printed numbers; "" where nothing is printed."""
    found = []
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            if text:
                found.append((Place(quantity, layer, (i, j)), read(text)))
    return found


def one(quantity: str, text: str) -> list[tuple[Place, Printed]]:
    """A single printed number, or none."""
    return [(Place(quantity), read(text))] if text else []


def read(text: str) -> Printed:
    found = Printed.read(text)
    assert found is not None
    return found


def linear(output: str, target: float = 0.0, **more: object) -> Case:
    """y = 0.5 · 0.25 = 0.125."""
    return make_case(
        "line", "identity", "prediction", "float64", [[0.5]], [[target]], [[[0.25]]],
        published=Published(tuple(of("output", [[output]])), **more),  # type: ignore[arg-type]
    )  # fmt: skip


def mazur(after: str = "0.291027924", *errata: Erratum, w8: str = "0.561370121") -> Case:
    """M. Mazur, A step by step backpropagation example (2015): every number that it prints of the first step."""
    found = [
        *of("output", [["0.75136507", "0.772928465"]]),
        *one("total_error", "0.298371109"),
        *of("gradients", [["0.000438568", ""], ["", ""]], 1),
        *of("gradients", [["0.082167041", ""], ["", ""]], 3),
        *of("updated_weights", [["0.149780716", "0.24975114"], ["0.19956143", "0.29950229"]], 1),
        *of("updated_weights", [["0.35891648", "0.511301270"], ["0.408666186", w8]], 3),
        *one("total_error_after", after),
    ]
    return make_case(
        "mazur", "sigmoid", "classification", "float64", [[0.05, 0.10]], [[0.01, 0.99]],
        [[[0.15, 0.25], [0.20, 0.30]], [[0.35, 0.35]], [[0.40, 0.50], [0.45, 0.55]], [[0.60, 0.60]]], 0.5,
        links=(DENSE, BIAS, SIGMA, DENSE, BIAS), published=Published(tuple(found), fixed=(2, 4), errata=errata),
    )  # fmt: skip


def row_of(case: Case, quantity: str, layer: int = 0) -> Row:
    return next(row for row in published_rows(case) if (row.quantity, row.layer) == (quantity, layer))
