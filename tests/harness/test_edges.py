"""The edges of the catalogue: on each, the verdict of reference, torch and JAX, and a number worked out by hand.

In the 1-1-1 networks with W^HO = w, target 1 and linear output: h = σ(I), Y = wh, ΔW^HO = 2(Y - 1)h and
ΔW^IH = 2(Y - 1)w·σ'(I)·x. In the 4-3-2 networks, with two samples and two outputs, 2/(B·N_O) is 1/2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest

from cases.case import Case
from cases.loader import catalogue, load
from harness.backends import Evaluation
from harness.backends import load as load_backend
from harness.gate import Answer, case_verdict
from harness.run import run
from harness.stack import Stack
from reports.record import Row

BACKENDS = ("reference", "torch", "jax")

EDGES = [
    case
    for case in load([path for path in catalogue() if path.stem == "edges"])
    if case.task == "prediction" or case.family.startswith(("zero-error-c", "blind-error", "blind-saturated-output"))
]
"""Every edge; where an edge has both tasks, prediction, which is easier to follow by hand."""

FAMILIES = tuple(dict.fromkeys(case.family for case in EDGES))


@dataclass
class Recorder:
    """A backend that keeps what it returned, case by case."""

    backend: Any
    kept: dict[str, Evaluation] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.backend.name

    def supports(self, case: Case) -> str | None:
        return self.backend.supports(case)

    def evaluate(self, stack: Stack) -> Evaluation:
        return self.keep(stack, self.backend.evaluate(stack))

    def keep(self, stack: Stack, found: Evaluation) -> Evaluation:
        assert found.gradients is not None
        assert found.updated is not None
        for k, case in enumerate(stack.cases):
            gradients, updated = ([layer[k] for layer in layers] for layers in (found.gradients, found.updated))
            self.kept[case.name] = Evaluation(found.output[k], found.loss[k], gradients, updated)
        return found


class Together(Recorder):
    """The same of one that computes many stacks at once, which costs it far less."""

    def evaluate_together(self, stacks: Sequence[Stack]) -> list[Evaluation]:
        return [self.keep(*each) for each in zip(stacks, self.backend.evaluate_together(stacks), strict=True)]


class Ran(NamedTuple):
    answer: Answer
    rows: dict[tuple[str, str], list[Row]]
    values: dict[str, dict[str, Evaluation]]


@pytest.fixture(scope="module")
def ran() -> Ran:
    """Every edge on the three backends."""
    loaded = [load_backend(name) for name in BACKENDS]
    recorders = [(Together if hasattr(b, "evaluate_together") else Recorder)(b) for b in loaded]
    outcome = run(EDGES, recorders, observers=(), mistakes=False)
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in outcome.rows:
        rows[row.case, row.backend].append(row)
    return Ran(outcome.answer, rows, {r.name: r.kept for r in recorders})


def test_the_gate_passes_every_edge(ran: Ran) -> None:
    assert [str(failure) for failure in ran.answer.failures] == []
    assert ran.answer.exit_code == 0


# ---- verdicts ----

DEVIATIONS = {
    ("torch", "hardsigmoid", "float64"): "torch-hardsigmoid-float-sixth",
    ("torch", "softplus", "float64"): "torch-softplus-threshold",
}
"""Where an edge may be `known`, and as what."""

TAKEN = {
    ("relu", "reference"): "left", ("relu", "torch"): "left", ("relu", "jax"): "left",
    ("leaky_relu", "reference"): "left", ("leaky_relu", "torch"): "left", ("leaky_relu", "jax"): "right",
    ("selu", "reference"): "left", ("selu", "torch"): "left", ("selu", "jax"): "left",
    ("hardtanh", "reference"): "left", ("hardtanh", "torch"): "outer", ("hardtanh", "jax"): "inner",
    ("hardsigmoid", "reference"): "left", ("hardsigmoid", "torch"): "outer", ("hardsigmoid", "jax"): "outer",
    ("hardswish", "reference"): "left", ("hardswish", "torch"): "outer", ("hardswish", "jax"): "outer",
}  # fmt: skip
"""The derivative that each backend takes on the kinks."""


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_verdicts(ran: Ran, family: str, backend: str) -> None:
    for case in [case for case in EDGES if case.family == family]:
        rows = ran.rows[case.name, backend]
        verdict = case_verdict(rows)
        if case.expect:
            assert verdict == case.expect, case.name
        elif verdict == "known":
            deviation = DEVIATIONS[backend, case.activation, case.dtype]
            assert all(row.detail.startswith(deviation) for row in rows if row.verdict == "known"), case.name
        elif family.startswith("kink-at-"):
            assert verdict == "convention", case.name
        else:
            allowed = {"exact", "rounding"} | ({"convention"} if family == "kink-by-sum" else set())
            assert verdict in allowed, case.name
        for row in rows:
            if row.verdict == "convention":
                assert TAKEN[case.activation, backend] in row.detail.split(", "), case.name


@pytest.mark.parametrize(
    "case", ["near-three-float64-hardsigmoid", "one-unit-hardsigmoid", "softplus-beyond-twenty-softplus"]
)
def test_known_deviations_are_seen(ran: Ran, case: str) -> None:
    name = f"{case}-prediction-float64"
    assert case_verdict(ran.rows[name, "torch"]) == "known"
    assert case_verdict(ran.rows[name, "reference"]) in ("exact", "rounding")
    assert case_verdict(ran.rows[name, "jax"]) in ("exact", "rounding")


# ---- numbers ----


class Number(NamedTuple):
    """One entry, as every backend or each one gives it; within ``within`` of it, relative to its size."""

    case: str
    quantity: str
    index: tuple[int, ...]
    values: float | tuple[float, float, float]
    within: float = 0.0


LEAKY = 0.009999999776482582  # .01 in float32

NUMBERS = [
    # on a kink ΔW^IH = (h/2 - 1)·σ'(I)
    Number("kink-at-zero-relu-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("kink-at-zero-leaky_relu-prediction-float32", "gradient 1", (0, 0), (-LEAKY, -LEAKY, -1.0)),
    Number("kink-at-zero-selu-prediction-float64", "gradient 1", (0, 0), -1.7580993408473766, 1e-15),
    Number("kink-at-minus-zero-leaky_relu-prediction-float32", "gradient 1", (0, 0), (-LEAKY, -LEAKY, -1.0)),
    Number("kink-at-one-hardtanh-prediction-float16", "gradient 1", (0, 0), (-0.5, 0.0, -0.5)),
    Number("kink-at-minus-one-hardtanh-prediction-float32", "gradient 1", (0, 0), (0.0, 0.0, -1.5)),
    Number("kink-at-three-hardsigmoid-prediction-float32", "gradient 1", (0, 0), (-1 / 12, 0.0, 0.0), 1e-7),
    Number("kink-at-three-hardswish-prediction-bfloat16", "gradient 1", (0, 0), (0.75, 0.5, 0.5)),
    Number("kink-at-minus-three-hardswish-prediction-float64", "gradient 1", (0, 0), 0.0),
    # h = (0, 7/2, 1) and (2, 0, 1/8); the second sample alone: 9/16·1/2 - 7/32·1/4
    Number("kink-by-sum-relu-prediction-float32", "gradient 1", (0, 0), 0.2265625),
    # σ' of the smallest positive number: kept, or flushed with its number
    Number("near-zero-float64-relu-prediction-float64", "gradient 1", (0, 1), (-0.125, -0.125, 0.0)),
    Number("near-zero-float32-relu-prediction-float32", "gradient 1", (0, 1), (-0.125, -0.125, 0.0)),
    Number("near-zero-bfloat16-relu-prediction-bfloat16", "gradient 1", (0, 1), (-0.125, -0.125, 0.0)),
    Number("near-zero-float16-relu-prediction-float16", "gradient 1", (0, 1), -0.125),
    # e = (1/4, 0) and (-5/4, -1)
    Number("near-one-float64-hardtanh-prediction-float64", "gradient 1", (0, 0), 0.0625, 1e-14),
    Number("near-one-float64-hardtanh-prediction-float64", "gradient 1", (0, 1), 0.0),
    Number("near-one-float32-hardtanh-prediction-float32", "gradient 1", (1, 0), 0.4375, 1e-6),
    Number("near-one-bfloat16-hardtanh-prediction-bfloat16", "gradient 1", (1, 1), 0.0),
    Number("near-one-float16-hardtanh-prediction-float16", "gradient 1", (1, 0), 0.4375, 1e-2),
    # Y = (61/24, -29/48) in the first sample: left of 3 the slope is 3/2, or 1 where x + 3 rounds to 6
    Number(
        "near-three-float64-hardswish-prediction-float64",
        "gradient 1",
        (0, 0),
        (0.46484375, 0.46484375, 0.309895833),
        1e-8,
    ),
    Number("near-three-float64-hardswish-prediction-float64", "gradient 1", (0, 1), 0.34375, 1e-14),
    Number("near-three-float32-hardsigmoid-prediction-float32", "gradient 1", (0, 1), 0.0),
    Number("near-three-bfloat16-hardsigmoid-prediction-bfloat16", "gradient 1", (0, 1), 0.0),
    Number("near-three-float16-hardsigmoid-prediction-float16", "gradient 1", (0, 1), 0.0),
    # saturation: w = 1/64 at ±40, 1/16 at -8
    Number("saturated-high-sigmoid-prediction-float64", "gradient 2", (0, 0), -1.96875),
    Number("saturated-high-tanh-prediction-bfloat16", "gradient 2", (0, 0), -1.96875),
    Number("saturated-high-hardtanh-prediction-float16", "gradient 1", (0, 0), 0.0),
    Number("saturated-low-sigmoid-prediction-float64", "gradient 1", (0, 0), -4.248354255291589e-18 / 32, 1e-13),
    Number("saturated-low-elu-prediction-float32", "gradient 2", (0, 0), 2.03125),
    Number("saturated-low-float16-hardtanh-prediction-float16", "gradient 2", (0, 0), 2.125),
    # 41/64 and (e^-20.5)/32 more, which torch leaves out
    Number(
        "softplus-beyond-twenty-softplus-prediction-float64",
        "output",
        (0, 0),
        (0.64062500003906727, 0.640625, 0.64062500003906727),
        1e-15,
    ),
    Number("overflow-high-float64-sigmoid-prediction-float64", "gradient 2", (0, 0), -1.998046875),
    Number("overflow-low-float64-elu-prediction-float64", "gradient 2", (0, 0), 2.001953125),
    Number("overflow-low-float64-sigmoid-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("overflow-high-float32-silu-prediction-float32", "gradient 2", (0, 0), -43.75),
    Number("overflow-high-float32-silu-prediction-bfloat16", "gradient 2", (0, 0), -43.75),
    Number("overflow-low-float32-elu-prediction-float32", "gradient 2", (0, 0), 2.015625),
    Number("overflow-high-float16-elu-prediction-float16", "gradient 2", (0, 0), -6.0),
    Number("overflow-low-float16-elu-prediction-float16", "gradient 2", (0, 0), 2.125),
    # subnormal numbers: σ(0) = 1/2 for sigmoid, σ'(0) = 1 for tanh
    Number("subnormal-input-float64-sigmoid-prediction-float64", "gradient 2", (0, 0), -0.75),
    Number("subnormal-input-float32-sigmoid-prediction-float32", "gradient 2", (0, 0), -0.75),
    Number("subnormal-input-float16-sigmoid-prediction-float16", "gradient 2", (0, 0), -0.75),
    Number("subnormal-weight-float64-tanh-prediction-float64", "gradient 1", (0, 0), -1.0),
    Number("subnormal-weight-float32-tanh-prediction-bfloat16", "gradient 1", (0, 0), -1.0),
    Number("subnormal-weight-float16-tanh-prediction-float16", "gradient 1", (0, 0), -1.0, 2**-10),
    Number("subnormal-gradient-float64-identity-prediction-float64", "gradient 2", (0, 0), -1e-160),
    Number("subnormal-gradient-float32-identity-prediction-float32", "gradient 2", (0, 0), -1e-20, 1e-7),
    Number("subnormal-gradient-float16-identity-prediction-float16", "gradient 1", (0, 0), -(2.0**-17)),
    # cancellation: what is left is the second sample, h = (3/8, 3/4, 0), or (1/4, 3/4, 0) in float16
    Number("cancellation-relu-prediction-float64", "gradient 2", (0, 0), 0.0703125, 1e-15),
    Number("cancellation-float16-relu-prediction-float16", "gradient 2", (0, 0), 0.0390625, 1e-2),
    Number("cancellation-large-sigmoid-prediction-float64", "output", (1, 0), 1.089303829603246, 1e-14),
    Number("cancellation-last-bit-identity-prediction-float64", "output", (0, 0), 0.75 * 2**-52),
    Number("cancellation-last-bit-identity-prediction-float64", "output", (0, 1), 2.0**-52),
    # nothing to learn
    Number("dead-layer-relu-prediction-float32", "gradient 2", (0, 0), 0.0),
    Number("dead-slope-hardtanh-prediction-bfloat16", "gradient 2", (0, 0), 2.25),
    Number("dead-slope-hardtanh-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("dead-unit-relu-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("dead-unit-relu-prediction-float64", "gradient 2", (2, 0), 1.8671875),
    Number("dead-unit-relu-prediction-float32", "gradient 2", (2, 1), -0.02734375),
    Number("zero-weights-sigmoid-prediction-bfloat16", "gradient 2", (0, 0), -1.0),
    Number("zero-weights-sigmoid-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("zero-input-sigmoid-prediction-float16", "gradient 2", (0, 0), -0.75),
    Number("zero-input-silu-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("zero-error-prediction-gelu-prediction-float64", "update 1", (0, 0), 0.5),
    Number("zero-error-classification-gelu-classification-float64", "output", (0, 0), 0.5),
    Number("zero-error-classification-gelu-classification-float64", "gradient 2", (0, 0), 0.0),
    Number("zero-error-batch-relu-prediction-bfloat16", "output", (1, 1), 10.0),
    Number("zero-error-batch-relu-prediction-bfloat16", "loss", (), 0.0),
    Number("zero-error-last-bit-float64-relu-prediction-float64", "gradient 2", (0, 0), -(2.0**-50)),
    Number("zero-error-last-bit-float32-relu-prediction-float32", "gradient 2", (0, 0), -(2.0**-21)),
    Number("zero-error-last-bit-bfloat16-relu-prediction-bfloat16", "gradient 2", (0, 0), -(2.0**-5)),
    Number("zero-error-last-bit-float16-relu-prediction-float16", "gradient 2", (0, 0), -(2.0**-8)),
    # one unit
    Number("one-unit-relu-prediction-bfloat16", "gradient 1", (0, 0), -0.5),
    Number(
        "one-unit-hardsigmoid-prediction-float64",
        "gradient 1",
        (0, 0),
        (-11 / 144, -11 / 24 * 0.1666666716337204, -11 / 144),
        1e-15,
    ),
    Number("negative-unit-hardtanh-prediction-float16", "gradient 1", (0, 0), -1.0),
    Number("negative-unit-hardtanh-prediction-float32", "gradient 2", (0, 0), 1.0),
    # 1/2 + α/2
    Number("large-rate-relu-prediction-float64", "update 1", (0, 0), 500000.5),
    Number("large-rate-relu-prediction-float32", "update 1", (0, 0), 500000.5),
    Number("large-rate-relu-prediction-bfloat16", "update 1", (0, 0), 499712.0),
    Number("large-rate-float16-relu-prediction-float16", "update 1", (0, 0), 30000.0),
    Number("zero-rate-sigmoid-prediction-float32", "update 2", (0, 0), 0.5),
    Number("signed-zero-sigmoid-prediction-float32", "gradient 2", (0, 0), -0.75),
    Number("signed-zero-tanh-prediction-float64", "gradient 1", (0, 0), 0.0),
    Number("signed-zeros-identity-prediction-float64", "gradient 2", (0, 0), 0.0625),
    Number("signed-zeros-identity-prediction-bfloat16", "gradient 2", (2, 1), -0.046875),
    # blind: the gradients cannot be told, but they are numbers, and so is what they come from
    Number("blind-saturated-output-identity-classification-float32", "output", (0, 0), 1.0),
    Number("blind-error-float64-sigmoid-classification-float64", "output", (0, 0), 0.5, 1e-15),
    Number("blind-error-float32-sigmoid-classification-float32", "output", (0, 0), 0.5, 1e-6),
    Number("blind-error-bfloat16-softplus-classification-bfloat16", "output", (0, 0), 0.5, 1e-2),
    Number("blind-error-float16-softplus-classification-float16", "output", (0, 0), 0.5, 1e-2),
    Number("blind-subnormal-float64-tanh-prediction-float64", "loss", (), 1.0),
    Number("blind-subnormal-float32-relu-prediction-bfloat16", "loss", (), 1.0),
    Number("blind-saturated-low-gelu_tanh-prediction-float64", "loss", (), 1.0),
    Number("blind-saturated-low-float16-sigmoid-prediction-float16", "loss", (), 1.0),
    Number("blind-overflow-float64-gelu_tanh-prediction-float64", "loss", (), 1.0),
    Number("blind-overflow-float32-sigmoid-prediction-float32", "loss", (), 1.0),
    Number("blind-overflow-float16-silu-prediction-float16", "loss", (), 1.0),
    # out of range: the loss is infinite, the gradients are 2(a² - 1)a
    Number("range-loss-float64-identity-prediction-float64", "loss", (), np.inf),
    Number("range-loss-float64-relu-prediction-float64", "gradient 1", (0, 0), 2e270, 1e-14),
    Number("range-loss-float32-identity-prediction-float32", "loss", (), np.inf),
    Number("range-loss-float32-relu-prediction-float32", "gradient 2", (0, 0), 2e33, 1e-6),
    Number("range-loss-float16-relu-prediction-float16", "loss", (), np.inf),
    Number("range-loss-float16-relu-prediction-float16", "gradient 1", (0, 0), 15960.0),
]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda n: f"{n.case}-{n.quantity.replace(' ', '-')}-{n.index}")
def test_numbers_worked_out_by_hand(ran: Ran, number: Number) -> None:
    wanted = number.values if isinstance(number.values, tuple) else (number.values,) * 3
    for backend, value in zip(BACKENDS, wanted, strict=True):
        found = _entry(ran.values[backend][number.case], number)
        assert np.isclose(found, value, rtol=number.within, atol=0.0), f"{backend}: {found!r}, by hand {value!r}"


def _entry(found: Evaluation, number: Number) -> float:
    name, _, layer = number.quantity.partition(" ")
    array: Any = {"gradient": found.gradients, "update": found.updated, "output": found.output, "loss": found.loss}[
        name
    ]
    return float((array[int(layer) - 1] if layer else array)[number.index])


def test_every_edge_has_a_number() -> None:
    numbered = {case.family for case in EDGES if case.name in {number.case for number in NUMBERS}}
    assert set(FAMILIES) - numbered == set()


def test_dead_layers_and_zero_errors_have_no_gradient_at_all(ran: Ran) -> None:
    names = ("dead-layer", "zero-error-prediction", "zero-error-classification", "zero-error-batch")
    for case in [case for case in EDGES if case.family in names]:
        for backend in BACKENDS:
            gradients = ran.values[backend][case.name].gradients
            assert gradients is not None
            assert not any(np.any(g) for g in gradients), (case.name, backend)


def test_blind_cases_have_no_nan(ran: Ran) -> None:
    for case in [case for case in EDGES if case.expect == "blind"]:
        for backend in BACKENDS:
            found = ran.values[backend][case.name]
            assert found.gradients is not None
            assert all(np.isfinite(np.asarray(a, np.float64)).all() for a in (found.output, *found.gradients))
