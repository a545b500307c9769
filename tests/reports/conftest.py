"""Rows and records made up for the tests of reports/."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import pytest

from reports.discrepancies import Key, key
from reports.lots import Lot
from reports.record import Record, Row
from reports.sums import Sums
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
def lots() -> Callable[..., tuple[Lot, ...]]:
    """Sum up rows; those with some keys are failed ones."""

    def make(rows: Iterable[Row], failed: Collection[Key] = ()) -> tuple[Lot, ...]:
        found, its = Sums(), list(rows)
        found.count(0, its, {id(row) for row in its if key(row) in failed})
        return found.ordered

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


@pytest.fixture
def scan(row: Callable[..., Row]) -> Callable[..., Row]:
    """Make a row of a scan."""

    def make(activation: str = "relu", dtype: str = "float64", **changes: Any) -> Row:
        plain = {"case": f"scan-{activation}-{dtype}", "family": "scan", "task": None, "layers": "", "batch": 0,
                 "quantity": "activation", "layer": 0, "entries": 5000, "detail": "at x = 1.5", "backend": "jax",
                 "worst_index": (7,)}  # fmt: skip
        return row(**{**plain, "activation": activation, "dtype": dtype, **changes})

    return make


@pytest.fixture
def known(scan: Callable[..., Row]) -> Callable[..., Row]:
    """Make a row of a scan that meets a known deviation."""

    def make(name: str = "jax-softsign-slope", **changes: Any) -> Row:
        plain = {"activation": "softsign", "quantity": "derivative", "share": 97.0, "worst_value": 0.00390625,
                 "worst_exact": 1.5243898808141481e-05, "verdict": Verdict.KNOWN,
                 "detail": f"{name}: at x = -255.125: 14342 of 63488 entries; at [8198] 0.0039 where exact is "
                           f"1.5e-05, 97.1 times the bound"}  # fmt: skip
        return scan(**{**plain, **changes})

    return make


@pytest.fixture
def listed() -> dict[str, Any]:
    """What ``run.json`` brings of the two tables."""
    deviation = {"id": "jax-softsign-slope", "activation": "softsign", "backend": "jax", "dtype": "float64",
                 "of": "derivative", "x": [["-inf", -255.0], [255.0, "inf"]], "limit": 4096.0,
                 "thread": "https://example.org/1", "what": "the square leaves the range",
                 "versions": "==0.10.*"}  # fmt: skip
    convention = {"activation": "relu", "backend": "torch", "member": "left", "thread": "http://example.org/2",
                  "what": "relu'(0) = 0", "versions": ">=2"}  # fmt: skip
    return {"deviations": [deviation], "conventions": [convention]}


@pytest.fixture
def visibility() -> list[dict[str, Any]]:
    """The exhibit of that name, for two precisions."""
    line = {"dtype": "bfloat16", "structure": "all", "cases": 609, "entries": 32118, "blind_share": 0.207,
            "smallest_fault": 0.23, "smallest_fault_in_one_entry": 0.37, "typical_fault": 0.46,
            "gain": 0.5}  # fmt: skip
    wide = {"dtype": "float64", "cases": 1801, "blind_share": 0.0, "smallest_fault": 7.8e-15,
            "typical_fault": "nan", "smallest_fault_in_one_entry": "inf", "gain": 1.0}  # fmt: skip
    return [line, {**line, "structure": "1-1-1", "cases": 77}, {**line, **wide},
            {**line, **wide, "structure": "3-5-2", "cases": 88}]  # fmt: skip


@pytest.fixture
def everything(
    row: Callable[..., Row],
    scan: Callable[..., Row],
    known: Callable[..., Row],
    record: Callable[..., Record],
    readings: list[dict[str, Any]],
) -> Callable[[str], Record]:
    """Make a record that has every section, each with the same foreign text wherever text can be."""

    def make(text: str) -> Record:
        rows = [row(activation=f"{i}{text}", task=text, dtype=text, backend=text, case=text) for i in range(5)]
        rows.append(row(activation=text, backend=text, verdict=Verdict.CONVENTION, detail=f"{text}, {text}"))
        rows.append(row(backend=text, verdict=Verdict.UNSUPPORTED, detail=text))
        rows.append(known(backend=text, dtype=text, activation=text, detail=f"a-b: at x = {text}: {text}"))
        worth = {"dtype": text, "structure": text, "cases": 1, "entries": 1, "blind_share": 0.5}
        names = ("activation", "backend", "dtype", "of", "limit", "what", "versions", "member")
        item = {**dict.fromkeys(names, text), "thread": f"javascript:{text}", "id": "a-b", "x": [[text, text]]}
        equation = dict.fromkeys(("id", "statement", "code", "outcome", "note"), text) | {"routes": [text]}
        for reading in readings:
            reading.update(name=text, equation=text, statement=text, sentence=text)
        exhibits = {"readings": readings, "visibility": [worth], "equations": [equation]}
        warnings = [{"case": f"{i}{text}", "backend": text, "typical": 20.0 - i} for i in range(7)]
        return record(rows, exhibits, deviations=[item], conventions=[item], suspicious=warnings)

    return make


@pytest.fixture
def terms() -> dict[str, Any]:
    """The exhibit of that name: one case of the lesson, two backends, three steps."""
    I, y = {"exact": [0.1, 0.2, 0.3, 0.4, 0.5]}, {"exact": [0.45, 0.5]}
    held = {
        "values": {"reference": [0.1] * 5, "torch": [0.25] * 5},
        "ulps": {"reference": [0.5] * 5, "torch": [1.0] * 5},
    }
    about = {"stage": "forward", "name": "I^H", "equation": "S19", "entries": [f"I^H_{n}" for n in range(1, 6)]}
    loss = about | {"term": "loss", "exact": [0.5], "entries": ["ℰ"]}
    weights = [[-0.1 if n == 1 else 0.1 * n for n in range(15)], [0.5] * 10]
    path = {"alpha": 0.5, "steps": 3, "loss": [[0.5], [0.41234], [0.30001]]}
    for l, its in enumerate(weights, start=1):
        path[f"weight{l}"] = [[round(w - t * 0.01, 5) for w in its] for t in range(4)]
        path[f"gradient{l}"] = [[0.02001] * len(its) for _ in range(3)]
    reading = {"reading": "derivative", "equations": "S11", "statement": "ΔW = ∂ℰ/∂W",
               "gradients": [[0.02] * 15, [0.02] * 10],
               "updated": [[[0.1] * 15, [0.1] * 10]], "losses": [[0.5, 0.4, 0.3]]}  # fmt: skip
    case = {
        "case": "slide-3-5-2-sigmoid-classification-float64", "family": "slide-3-5-2", "activation": "sigmoid",
        "task": "classification", "layers": [3, 5, 2], "alpha": 0.5, "x": [-0.1, 0.2, 0.3], "target": [1.0, 0.0],
        "weights": weights, "backends": ["reference", "torch"],
        "terms": [*(about | I | held | {"term": name} for name in ("I1", "h1")), about | y | {"term": "output"}, loss],
        "readings": [reading], "paths": [path],
    }  # fmt: skip
    return {"steps": 2, "decimals": 5, "cases": [case]}


@pytest.fixture
def bins() -> dict[str, Any]:
    """The exhibit ``scans``: tanh in two bins on either side of 0, where torch's σ is off in one of them."""
    lines = [{"backend": "reference", "ulps": [0.5, 0.5, 0.0, 0.5, 0.5], "outside": []},
             {"backend": "torch", "ulps": [0.5, 0.5, 0.0, 1000.0, 0.5], "outside": [3]}]  # fmt: skip
    value = {"activation": "tanh", "dtype": "float64", "quantity": "activation", "least": [2.0] * 5,
             "most": [4.0] * 5, "lines": lines}  # fmt: skip
    right = [{**line, "ulps": [1.0] * 5, "outside": []} for line in lines]
    slope = {**value, "quantity": "derivative", "lines": right}
    return {"formats": {"float64": {"bits": 53, "exponents": [-1074, 0, 1024]}}, "scans": [value, slope]}


@pytest.fixture
def with_bins(record: Callable[..., Record], scan: Callable[..., Row]) -> Callable[[Any], Record]:
    """Return a function: a record with this exhibit, and the rows and the list that belong to `bins`."""
    known = {"verdict": Verdict.KNOWN, "share": 9.0, "detail": "torch-off: at x = 2.0"}
    rows = [scan("tanh"), scan("tanh", backend="torch", **known),
            scan("tanh", backend="torch", quantity="derivative", verdict=Verdict.VIOLATION, share=2.0)]  # fmt: skip
    listed = [{"id": "torch-off", "thread": "https://example.org/off", "dtype": "float64"}]
    return lambda found: record(rows, {"scans": found}, deviations=listed)
