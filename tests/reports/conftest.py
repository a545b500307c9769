"""Rows and records made up for the tests of reports/."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from reports.record import Record, Row
from reports.verdict import Verdict

EVIL = "<script>alert(1)</script>"


def _row(**changes: Any) -> Row:
    plain: dict[str, Any] = {
        "case": "slide-3-5-2-sigmoid-classification-float64",
        "family": "slides",
        "activation": "sigmoid",
        "task": "classification",
        "dtype": "float64",
        "layers": "3-5-2",
        "batch": 1,
        "backend": "torch",
        "quantity": "gradient",
        "layer": 1,
        "entries": 15,
        "max_abs": 1e-17,
        "max_ulp": 0.5,
        "max_rel": 1e-16,
        "reference_abs": 0.0,
        "reference_ulp": 0.0,
        "share": 0.031,
        "typical": 0.1,
        "blind": 0,
        "zero": 0,
        "worst_index": (0, 1),
        "worst_value": 0.1,
        "worst_exact": 0.1,
        "verdict": Verdict.ROUNDING,
        "detail": "",
    }
    return Row(**{**plain, **changes})


@pytest.fixture
def row() -> Callable[..., Row]:
    """Make a row that agrees, but for the fields given."""
    return _row


@pytest.fixture
def valueless(row: Callable[..., Row]) -> Callable[..., Row]:
    """Make the one row of a case without values."""
    empty = dict.fromkeys(
        ("quantity", "max_abs", "max_ulp", "max_rel", "reference_abs", "reference_ulp", "share", "typical",
         "worst_index", "worst_value", "worst_exact")
    )  # fmt: skip
    return lambda **changes: row(**{**empty, "layer": 0, "entries": 0, "verdict": Verdict.CRASHED, **changes})


@pytest.fixture
def record() -> Callable[..., Record]:
    """Make a record of rows, with the outcome that they have unless told otherwise."""

    def make(rows: Iterable[Row], exhibits: dict[str, Any] | None = None, **run: Any) -> Record:
        return Record(tuple(rows), run, exhibits or {})

    return make


@pytest.fixture
def readings() -> list[dict[str, Any]]:
    """The exhibit of that name: the derivative, and one reading that is not."""
    worst = {"case": "deck", "layer": 2, "index": [0, 1], "value": -0.25, "exact": 0.25, "ratio": -1.0,
             "share": 4.2e9}  # fmt: skip
    derivative = {"name": "derivative", "equation": "S11", "statement": "ΔW = ∂ℰ/∂W", "is_derivative": True,
                  "cases": 40, "agrees": 40, "worst": {**worst, "value": 0.25, "ratio": 1.0, "share": 0.02},
                  "sentence": "It agrees everywhere."}  # fmt: skip
    sign = {"name": "sign", "equation": "S10, S18 against S26", "statement": "E = Y* − Y",
            "is_derivative": False, "cases": 40, "agrees": 0, "worst": worst,
            "sentence": "Every entry has the opposite sign."}  # fmt: skip
    return [derivative, sign]


@pytest.fixture
def evil() -> str:
    """A name that must never reach a browser as markup."""
    return EVIL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a run goes; it does not exist yet."""
    return tmp_path / "deep" / "report"
