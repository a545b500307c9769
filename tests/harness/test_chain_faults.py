"""A fault in one link of a chain, forward or in a pullback, is a violation, and what is said of it names the link.

Each fault is planted in one link of its kind, in the reference otherwise as it is; the same faults once more in a
backend that shows nothing of what happens along the chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from cases.case import Case, make_case
from cases.chains import word_link
from cases.links import KINDS, widths
from cases.loader import catalogue, load
from harness.backends import Evaluation, Linked
from harness.backends.reference import MatrixForm, matrix
from harness.run import Outcome, run
from harness.stack import Stack
from reference.layers import Layer
from reference.layers.normalisation import EPSILON
from reports.record import Row
from reports.verdict import Verdict

Wrong = Callable[[Layer, Any, Any, Any, Any], Any]
"""What a fault makes of the layer as it should be, w, x, y and Δ (y and Δ are None forward)."""

FINE = {Verdict.EXACT, Verdict.ROUNDING}

SLIGHT = 1 + 2.0**-20


def mean(x: Any) -> Any:
    return x.mean(axis=-1, keepdims=True, dtype=x.dtype)


def total(x: Any) -> Any:
    return x.sum(axis=-1, keepdims=True)


def r(x: Any) -> Any:
    return 1 / np.sqrt(mean((x - mean(x)) ** 2) + EPSILON)


def next_sample(x: Any) -> Any:
    return np.roll(x, 1, axis=-2)


def first_sample(x: Any) -> Any:
    return x[..., :1, :]


def softened(x: Any) -> Any:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / total(e)


def squared(w: Any) -> bool:
    return bool(w.shape[-1] == w.shape[-2])


FORWARD: dict[str, dict[str, Wrong]] = {
    "dense": {
        "the next node's weights": lambda its, W, h, y, d: h @ np.roll(W, 1, axis=-2),
        "transposed where square": lambda its, W, h, y, d: h @ (W.mT if squared(W) else W),
    },
    "bias": {
        "left out": lambda its, b, h, y, d: h,
        "subtracted": lambda its, b, h, y, d: h - b,
    },
    "activation": {"left out": lambda its, w, x, y, d: x},
    "scale": {
        "added": lambda its, s, x, y, d: x + s,
        "next node's": lambda its, s, x, y, d: x * np.roll(s, 1, axis=-1),
    },
    "convolution": {
        "w reversed": lambda its, w, x, y, d: its.forward(w[..., ::-1], x),
        "one place on": lambda its, w, x, y, d: its.forward(w, np.roll(x, 1, axis=-1)),
    },
    "normalisation": {
        "mean left in": lambda its, w, x, y, d: x * r(x),
        "variance of N − 1": lambda its, w, x, y, d: (x - mean(x)) / np.sqrt(
            total((x - mean(x)) ** 2) / max(x.shape[-1] - 1, 1) + EPSILON
        ),
        "ε of 1e-5": lambda its, w, x, y, d: (x - mean(x)) / np.sqrt(mean((x - mean(x)) ** 2) + x.dtype.type(1e-5)),
        "ε left out": lambda its, w, x, y, d: (x - mean(x)) / np.sqrt(mean((x - mean(x)) ** 2)),
        "over the samples": lambda its, w, x, y, d: its.forward(w, x.mT).mT,
    },
    "softmax": {
        "over the samples": lambda its, w, x, y, d: softened(x.mT).mT,
        "of 2x": lambda its, w, x, y, d: softened(2 * x),
    },
    "quadratic": {
        "halved": lambda its, A, x, y, d: its.forward(A, x) / 2,
        "diagonal alone": lambda its, A, x, y, d: its.forward(A * np.eye(A.shape[-1], dtype=A.dtype), x),
    },
}  # fmt: skip
"""Faults in f(w, x), by kind of link."""

INPUT: dict[str, dict[str, Wrong]] = {
    "dense": {
        "W for Wᵀ where square": lambda its, W, h, y, d: d @ (W if squared(W) else W.mT),
        "the next node's weights": lambda its, W, h, y, d: d @ np.roll(W, 1, axis=-2).mT,
    },
    "bias": {
        "negated": lambda its, b, h, y, d: -d,
        "times b": lambda its, b, h, y, d: d * b,
    },
    "activation": {
        "σ' left out": lambda its, w, x, y, d: d,
        "σ'(h) for σ'(I)": lambda its, w, x, y, d: its.pullback_input(w, y, its.forward(w, y), d),
    },
    "scale": {
        "s left out": lambda its, s, x, y, d: d,
        "x for s": lambda its, s, x, y, d: d * x,
    },
    "convolution": {
        "w not reversed": lambda its, w, x, y, d: its.pullback_input(w[..., ::-1], x, y, d),
        "one place on": lambda its, w, x, y, d: np.roll(its.pullback_input(w, x, y, d), 1, axis=-1),
    },
    "normalisation": {
        "mean of Δ missing": lambda its, w, x, y, d: r(x) * (d - y * mean(d * y)),
        "variance's part missing": lambda its, w, x, y, d: r(x) * (d - mean(d)),
        "statistics as constants": lambda its, w, x, y, d: r(x) * d,
        "r left out": lambda its, w, x, y, d: d - mean(d) - y * mean(d * y),
    },
    "softmax": {
        "Σ missing": lambda its, w, x, y, d: y * d,
        "diagonal alone": lambda its, w, x, y, d: y * (1 - y) * d,
        "Σ without y": lambda its, w, x, y, d: y * (d - total(d)),
    },
    "quadratic": {
        "A for A + Aᵀ": lambda its, A, x, y, d: d * (x @ A),
        "2A for A + Aᵀ": lambda its, A, x, y, d: d * (x @ A) * 2,
    },
}
"""Faults in the pullback to x."""

WEIGHT: dict[str, dict[str, Wrong]] = {
    "dense": {
        "transposed where square": lambda its, W, h, y, d: d.mT @ h if squared(W) else h.mT @ d,
        "Δ of another sample": lambda its, W, h, y, d: h.mT @ next_sample(d),
        "one sample only": lambda its, W, h, y, d: first_sample(h).mT @ first_sample(d),
        "averaged again": lambda its, W, h, y, d: h.mT @ d / h.shape[-2],
    },
    "bias": {
        "one sample only": lambda its, b, h, y, d: first_sample(d),
        "averaged again": lambda its, b, h, y, d: d.mean(axis=-2, keepdims=True, dtype=d.dtype),
        "times h": lambda its, b, h, y, d: (d * h).sum(axis=-2, keepdims=True),
    },
    "scale": {
        "y for x": lambda its, s, x, y, d: (d * y).sum(axis=-2, keepdims=True),
        "x left out": lambda its, s, x, y, d: d.sum(axis=-2, keepdims=True),
        "one sample only": lambda its, s, x, y, d: first_sample(d * x),
    },
    "convolution": {
        "reversed": lambda its, w, x, y, d: its.pullback_weight(w, x, y, d)[..., ::-1],
        "one place on": lambda its, w, x, y, d: its.pullback_weight(w, np.roll(x, 1, axis=-1), y, d),
        "one sample only": lambda its, w, x, y, d: its.pullback_weight(w, first_sample(x), y, first_sample(d)),
        "last place left out": lambda its, w, x, y, d: its.pullback_weight(w, x[..., :-1], y, d[..., :-1]),
    },
    "quadratic": {
        "one sample only": lambda its, A, x, y, d: its.pullback_weight(A, first_sample(x), y, first_sample(d)),
        "Δ left out": lambda its, A, x, y, d: x.mT @ x,
        "Δ of another sample": lambda its, A, x, y, d: its.pullback_weight(A, x, y, next_sample(d)),
        "diagonal alone": lambda its, A, x, y, d: its.pullback_weight(A, x, y, d) * np.eye(A.shape[-1], dtype=A.dtype),
    },
}
"""Faults in the pullback to w."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with the last link of a kind, in which of a layer's three functions."""

    kind: str
    where: str
    name: str
    wrong: Wrong = field(repr=False)

    @property
    def slug(self) -> str:
        return f"{self.kind}, {self.where}, {self.name}"

    def place(self, case: Case) -> int | None:
        """Its link, counted from 1; the pullback to x of the first link is never asked for."""
        its = 2 if self.where == "input" else 1
        links = list(enumerate(case.chain[: len(case.links or ())], start=1))
        return max((i for i, link in links if link.kind == self.kind and i >= its), default=None)

    def called(self, case: Case) -> str:
        i = self.place(case)
        assert i is not None
        link = case.chain[i - 1]
        return f"link {i} ({link.sigma or link.kind})"


def slight(where: str) -> Wrong:
    """All of it by a millionth too large."""

    def wrong(its: Any, w: Any, x: Any, y: Any, d: Any) -> Any:
        right = its.forward(w, x) if where == "forward" else getattr(its, f"pullback_{where}")(w, x, y, d)
        return right * right.dtype.type(SLIGHT)

    return wrong


FAULTS = [
    Fault(kind, where, name, wrong)
    for where, table in {"forward": FORWARD, "input": INPUT, "weight": WEIGHT}.items()
    for kind, row in table.items()
    for name, wrong in {**row, "a millionth": slight(where)}.items()
]


@dataclass(frozen=True)
class Faulty:
    """A layer with one of its three functions replaced."""

    right: Layer
    fault: Fault

    def forward(self, w: Any, x: Any) -> Any:
        wrong = self.fault.where == "forward"
        return self.fault.wrong(self.right, w, x, None, None) if wrong else self.right.forward(w, x)

    def pullback_input(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        wrong = self.fault.where == "input"
        return self.fault.wrong(self.right, w, x, y, delta) if wrong else self.right.pullback_input(w, x, y, delta)

    def pullback_weight(self, w: Any, x: Any, y: Any, delta: Any) -> Any:
        wrong = self.fault.where == "weight"
        return self.fault.wrong(self.right, w, x, y, delta) if wrong else self.right.pullback_weight(w, x, y, delta)


@dataclass(frozen=True)
class Planted(MatrixForm):
    """The reference with a fault in one link."""

    fault: Fault = FAULTS[0]

    def layers(self, case: Case) -> list[Layer]:
        found, i = super().layers(case), self.fault.place(case)
        if i is not None:
            found[i - 1] = Faulty(found[i - 1], self.fault)
        return found


@dataclass(frozen=True)
class Mute:
    """The results of another backend, and nothing of what is inside."""

    real: MatrixForm
    name: str
    chains: bool = True

    def supports(self, case: Case) -> str | None:
        return self.real.supports(case)

    def evaluate(self, stack: Stack) -> Evaluation:
        return self.real.evaluate(stack)


def drawn(words: str, inputs: int, seed: int) -> Case:
    """A chain of these links, of three samples, in float64."""
    links, rng = [word_link(word, words) for word in words.split(", ")], np.random.default_rng(seed)
    nodes = widths(inputs, links)
    shapes = [shape for link, width in zip(links, nodes, strict=False) if (shape := link.weight(width))]
    x, target = rng.uniform(-1, 1, (3, inputs)), rng.uniform(0, 1, (3, nodes[-1]))
    weights = [rng.uniform(0.3, 1.2, shape) * rng.choice([-1, 1], shape) for shape in shapes]
    return make_case(f"drawn-{seed}", "tanh", "prediction", "float64", x, target, weights, links=links)


EVERY_KIND = [
    drawn("dense 4, dense 4, bias, activation, dense 4, scale", 4, 1),
    drawn("scale, normalisation, convolution 2, softmax, dense 3, quadratic", 6, 2),
    drawn("bias, convolution 3, scale, softmax, normalisation, scale, dense 3, bias", 7, 3),
    drawn("scale, quadratic, bias, activation, dense 3", 4, 4),
    drawn("dense 3, normalisation, bias, quadratic", 4, 5),
    drawn("scale, softmax, bias, normalisation, dense 3", 5, 6),
]
"""Chains in which every kind has a link behind and a link before it, and dense links are square."""

HIDDEN = {"normalisation, forward, mean left in": ("drawn-2-tanh-prediction-float64",)}
"""Faults forward that the output does not show: softmax takes a constant away; the pullback then works on a wrong y."""

CATALOGUE = [case for case in load(catalogue()) if case.family.startswith("chain-")]


@pytest.fixture(scope="module")
def chains() -> list[Case]:
    return [*(case for case in CATALOGUE if case.dtype == "float64"), *EVERY_KIND]


@pytest.fixture(scope="module")
def outcome(chains: list[Case]) -> Outcome:
    """Every fault on every chain, in a backend that shows its terms and in one that does not."""
    shown = [Planted(f"shown: {fault.slug}", fault=fault) for fault in FAULTS]
    mute = [Mute(its, its.name.replace("shown", "mute")) for its in shown]
    assert all(isinstance(its, Linked) for its in shown) and not any(isinstance(its, Linked) for its in mute)
    return run(chains, [*shown, *mute, matrix], observers=(), mistakes=False)


def wrong_rows(outcome: Outcome, backend: str) -> dict[str, list[Row]]:
    """The wrong rows of a backend, by case."""
    found: dict[str, list[Row]] = {}
    for row in outcome.rows:
        if row.backend == backend and row.verdict not in FINE:
            found.setdefault(row.case, []).append(row)
    return found


each_fault = pytest.mark.parametrize("fault", FAULTS, ids=[fault.slug for fault in FAULTS])


@each_fault
def test_a_fault_is_a_violation_where_its_kind_is_and_nowhere_else(
    outcome: Outcome, chains: list[Case], fault: Fault
) -> None:
    wrong = wrong_rows(outcome, f"shown: {fault.slug}")
    assert wrong and {row.verdict for rows in wrong.values() for row in rows} <= {Verdict.VIOLATION, Verdict.NONFINITE}
    assert wrong.keys() <= {case.name for case in chains if fault.place(case) is not None}
    assert {failure.backend for failure in outcome.answer.failures} >= {f"shown: {fault.slug}", f"mute: {fault.slug}"}
    assert outcome.answer.exit_code == 1


def test_most_faults_show_on_the_catalogue_alone(outcome: Outcome) -> None:
    """But for those that need a square matrix behind another link, which no case of the catalogue has."""
    ours = {case.name for case in EVERY_KIND}
    hidden = {f.slug for f in FAULTS if not wrong_rows(outcome, f"shown: {f.slug}").keys() - ours}
    assert hidden == {"dense, input, W for Wᵀ where square"}


@each_fault
def test_the_first_wrong_term_is_that_of_the_link_and_the_function(
    outcome: Outcome, chains: list[Case], fault: Fault
) -> None:
    by_name = {case.name: case for case in chains}
    for name, rows in wrong_rows(outcome, f"shown: {fault.slug}").items():
        case = by_name[name]
        i, called = fault.place(case), fault.called(case)
        value = f"Y, of {called}" if i == len(case.chain) else f"x_{i}, of {called}"
        whole = {"forward": value, "input": f"∂ℰ/∂x_{(i or 0) - 1}, the pullback to x of {called}",
                 "weight": f"Δw of {called}, its pullback to w"}[fault.where]  # fmt: skip
        assert all(f"first wrong term: {whole} (" in row.detail for row in rows), (name, rows[0].detail)


@each_fault
def test_without_terms_the_culprit_is_among_the_suspects(outcome: Outcome, chains: list[Case], fault: Fault) -> None:
    by_name = {case.name: case for case in chains}
    for name, rows in wrong_rows(outcome, f"mute: {fault.slug}").items():
        called = fault.called(by_name[name])
        before = "or a term before it"
        if name in HIDDEN.get(fault.slug, ()):
            before = called
        culprit = {"forward": before, "input": f"to x of {called}", "weight": f"to w of {called}"}
        said = {row.detail.partition("first wrong term: ")[2].partition(":")[0] for row in rows}
        assert len(said) == 1 and culprit[fault.where] in next(iter(said)), (name, said)


def test_without_a_fault_every_chain_agrees(outcome: Outcome) -> None:
    assert wrong_rows(outcome, "reference") == {}
    assert len({row.case for row in outcome.rows if row.backend == "reference"}) == len(CATALOGUE) // 2 + len(
        EVERY_KIND
    )


def test_a_millionth_shows_in_float32_in_some_links_alone() -> None:
    """What rounding hides in one format and not in the other: in float64 every one of them shows."""
    slightly = [Planted(f"shown: {fault.slug}", fault=fault) for fault in FAULTS if fault.name == "a millionth"]
    narrow = [case for case in CATALOGUE if case.dtype == "float32"]
    found = run(narrow, slightly, observers=(), mistakes=False)
    seen = {row.backend for row in found.rows if row.verdict not in FINE}
    assert 0 < len(seen) < len(slightly)


def test_every_kind_has_faults_in_everything_that_it_computes() -> None:
    assert set(FORWARD) == set(INPUT) == set(KINDS)
    assert set(WEIGHT) == {kind for kind, its in KINDS.items() if its.weight}
