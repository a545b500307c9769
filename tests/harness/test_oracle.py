"""An oracle that shares no code with the truth, the bound or the reference: mpmath, differentiating S11.

The forward pass is written out here in 120-digit numbers, and every weight is moved by a step up and down.
Two step sizes tell how far the difference quotient may be from the derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest
from mpmath import mp

from cases.case import ACTIVATIONS, TASKS, Case, make_case
from cases.chains import word_link
from cases.known import deviations
from cases.links import KINDS, widths
from cases.loader import catalogue, load
from harness.backends import Backend
from harness.bound import Bounds, bounds
from harness.exact_links import LINKS
from harness.known import known_for
from harness.stack import Stack
from harness.truth import Exact, truth

STEP = mpmath.mpf(2) ** -133
OPERATIONS = 20_000
"""More than a forward pass here takes; each errs by an eps of numbers no larger than `Oracle.reach`."""

SLIDES = load([path for path in catalogue() if path.name == "slides.toml"])
SMALL = [case for case in SLIDES if sum(w.size for w in case.weights) <= 200]
"""Cases of the deck on which a difference quotient for each weight takes no time."""

CHAINS = [case for case in load(catalogue()) if case.links is not None]

EPSILON = mpmath.mpf(2) ** -17
"""Of a normalisation: 1e-5, as a number that every format has."""

FIRST = ("sigmoid", "relu", "identity")
OTHERS = [(name, task, "float64") for name in ACTIVATIONS if name not in FIRST for task in TASKS]
OTHERS += [(n, "prediction", d) for n in ("sigmoid", "gelu", "selu") for d in ("float32", "bfloat16", "float16")]


def tanh_form(v: Any) -> Any:
    u = mpmath.sqrt(2 / mpmath.pi) * (v + mpmath.mpf(0.044715) * v**3)
    return v * (1 + mpmath.tanh(u)) / 2


LAMBDA, ALPHA = mpmath.mpf(1.0507009873554804934), mpmath.mpf(1.6732632423543772848)  # as float64 has them

SIGMA: dict[str, Callable[[Any], Any]] = {
    "sigmoid": lambda v: 1 / (1 + mpmath.exp(-v)),
    "relu": lambda v: v if v > 0 else mpmath.mpf(0),
    "tanh": lambda v: 1 - 2 / (mpmath.exp(2 * v) + 1),
    "identity": lambda v: v,
    "softplus": lambda v: mpmath.log(1 + mpmath.exp(v)),
    "silu": lambda v: v / (1 + mpmath.exp(-v)),
    "gelu": lambda v: v * (1 + mpmath.erf(v / mpmath.sqrt(2))) / 2,
    "gelu_tanh": tanh_form,
    "leaky_relu": lambda v: v if v > 0 else mpmath.mpf(0.01) * v,
    "elu": lambda v: v if v > 0 else mpmath.exp(v) - 1,
    "selu": lambda v: LAMBDA * (v if v > 0 else ALPHA * (mpmath.exp(v) - 1)),
    "hardtanh": lambda v: min(max(v, -1), 1),
    "hardsigmoid": lambda v: min(max(v + 3, 0), 6) / 6,
    "hardswish": lambda v: v * min(max(v + 3, 0), 6) / 6,
    "softsign": lambda v: v / (1 + abs(v)),
}

KINKS = {"relu": (0,), "leaky_relu": (0,), "elu": (0,), "selu": (0,)} | {"hardtanh": (-1, 1)}
KINKS |= {"hardsigmoid": (-3, 3), "hardswish": (-3, 3)}


@dataclass
class Estimate:
    """A number, and how far off it may be."""

    value: Any
    error: Any


class Oracle:
    """Total error, output, gradients and updated weights of a case, by numbers with 120 digits."""

    def __init__(self, case: Case) -> None:
        self.case, self.kinked, self.reach = case, False, mpmath.mpf(1)
        self.x, self.target = exactly(case.x), exactly(case.target)
        self.weights = [exactly(w) for w in case.weights]

    def output(self) -> list[list[Any]]:
        """Y, one row a sample (S6–S9; of a chain S15)."""
        if self.case.links is not None:
            return [self._along(row) for row in self.x]
        rows = []
        for row in self.x:
            for number, w in enumerate(self.weights, start=1):
                entering = [sum(v * w[i][j] for i, v in enumerate(row)) for j in range(len(w[0]))]
                linear = "sigmoid" if self.case.task == "classification" else "identity"
                name = linear if number == len(self.weights) else self.case.activation
                self.reach = max(self.reach, *(v * v for v in entering))
                self.kinked |= any(abs(v - kink) < 2**20 * STEP for v in entering for kink in KINKS.get(name, ()))
                row = [SIGMA[name](v) for v in entering]
            rows.append(row)
        return rows

    def _along(self, row: list[Any]) -> list[Any]:
        """One sample through every link of a chain, as the books define it."""
        weights = iter(self.weights)
        for link in self.case.chain:
            w, N = next(weights) if link.weighted else [], len(row)
            self.reach = max(self.reach, *(v * v for v in row))
            match link.kind:
                case "dense":
                    row = [sum(v * w[i][j] for i, v in enumerate(row)) for j in range(len(w[0]))]
                case "bias":
                    row = [v + b for v, b in zip(row, w[0], strict=True)]
                case "scale":
                    row = [v * s for v, s in zip(row, w[0], strict=True)]
                case "convolution":
                    row = [sum(one * row[m + i] for i, one in enumerate(w[0])) for m in range(N - len(w[0]) + 1)]
                case "normalisation":
                    mean = sum(row) / N
                    spread = sum((v - mean) ** 2 for v in row) / N + EPSILON
                    self.reach = max(self.reach, 1 / spread**2)
                    row = [(v - mean) / mpmath.sqrt(spread) for v in row]
                case "softmax":
                    whole = sum(mpmath.exp(v) for v in row)
                    row = [mpmath.exp(v) / whole for v in row]
                case "quadratic":
                    row = [sum(a * w[i][j] * b for i, a in enumerate(row) for j, b in enumerate(row))]
                case "activation":
                    self.kinked |= any(abs(v - kink) < 2**20 * STEP for v in row for kink in KINKS.get(link.sigma, ()))
                    row = [SIGMA[link.sigma](v) for v in row]
        return row

    def loss(self) -> Any:
        """S11, averaged over the samples."""
        pairs = zip(self.output(), self.target, strict=True)
        squares = [(t - y) ** 2 for ys, ts in pairs for y, t in zip(ys, ts, strict=True)]
        return mpmath.fsum(squares) / len(squares)

    def slope(self, layer: int, i: int, j: int) -> Estimate:
        """∂ℰ/∂w_ij by central differences."""
        wide, narrow = (self._quotient(layer, i, j, step) for step in (STEP, STEP / 2))
        return Estimate(narrow, abs(wide - narrow) + self._rounding() / STEP)

    def _rounding(self) -> Any:
        return OPERATIONS * mp.eps * self.reach

    def _quotient(self, layer: int, i: int, j: int, step: Any) -> Any:
        matrix, kept = self.weights[layer], self.weights[layer][i][j]
        sides = []
        for side in (step, -step):
            matrix[i][j] = kept + side
            sides.append(self.loss())
        matrix[i][j] = kept
        return (sides[0] - sides[1]) / (2 * step)

    def quantities(self) -> list[np.ndarray]:
        """Output, loss, gradients, updated weights as arrays of estimates; the shapes are the case's."""
        plain = np.frompyfunc(lambda v: Estimate(v, self._rounding()), 1, 1)
        output, loss = (plain(np.array(v, object)) for v in (self.output(), self.loss()))
        gradients = [
            np.array([[self.slope(l, i, j) for j in range(w.shape[1])] for i in range(w.shape[0])])
            for l, w in enumerate(self.case.weights)
        ]
        alpha = mpmath.mpf(self.case.learning_rate)
        updated = [
            np.frompyfunc(lambda w, g: Estimate(mpmath.mpf(float(w)) - alpha * g.value, alpha * g.error), 2, 1)(w, g)
            for w, g in zip(self.case.weights, gradients, strict=True)
        ]
        return [output, np.asarray(loss, object), *gradients, *updated]


def exactly(array: np.ndarray) -> list[list[Any]]:
    return [[mpmath.mpf(float(v)) for v in row] for row in array]


def outside(exact: Exact, estimates: np.ndarray) -> list[tuple[Any, ...]]:
    """Entries where truth and oracle cannot be the same number.

    high + low stands for a number to within radius, but for what the last bit of low leaves out.
    """
    pieces = zip(exact.high.flat, exact.low.flat, exact.radius.flat, estimates.flat, strict=True)
    found = []
    for high, low, radius, estimate in pieces:
        allowed = mpmath.mpf(radius) + abs(mpmath.mpf(low)) * mpmath.mpf(2) ** -53 + estimate.error
        if not abs(mpmath.mpf(high) + mpmath.mpf(low) - estimate.value) <= allowed:
            found.append((high, low, radius, estimate))
    return found


def beyond(values: np.ndarray, bound: np.ndarray, estimates: np.ndarray) -> list[tuple[Any, ...]]:
    """Entries of a backend that are further from the oracle than the bound, and the oracle's own error."""
    triples = zip(np.ravel(values), np.ravel(bound), estimates.flat, strict=True)
    return [
        (value, limit, estimate)
        for value, limit, estimate in triples
        if not abs(mpmath.mpf(float(value)) - estimate.value) <= mpmath.mpf(float(limit)) + estimate.error
    ]


def listed(limits: Bounds) -> list[np.ndarray]:
    """Bounds of output, loss, gradients, updated weights of the first case."""
    return [limit.bound[0] for limit in (limits.output, limits.loss, *limits.gradients, *limits.updated)]


def examine(case: Case, backends: list[Backend]) -> None:
    """Hold the truth, then every backend, against the oracle."""
    with mp.workdps(120):
        oracle = Oracle(case)
        estimates = oracle.quantities()
        if oracle.kinked:
            pytest.skip("a unit is on its kink: no derivative there")
        stack = Stack((case,))
        wanted = listed(bounds(stack))
        found = truth(case, wanted)
        exact = [found.output, found.loss, *found.gradients, *found.updated]
        assert [outside(e, o) for e, o in zip(exact, estimates, strict=True)] == [[]] * len(exact)
        for backend in backends:
            if backend.supports(case) is not None or (case.links is not None and not getattr(backend, "chains", False)):
                continue
            result, limit = backend.evaluate(stack), wanted
            if known := known_for(backend.name, case, deviations()).here:
                limit = listed(bounds(stack, known=known))
            values = [result.output, result.loss, *result.gradients, *result.updated]
            strays = [beyond(v, b, o) for v, b, o in zip(values, limit, estimates, strict=True)]
            assert strays == [[]] * len(values), backend.name


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_truth_and_every_backend_agree_with_the_oracle_on_the_catalogue(
    case: Case, backends: dict[str, Backend]
) -> None:
    examine(case, list(backends.values()))


@pytest.mark.parametrize("case", CHAINS, ids=lambda case: case.name)
def test_truth_and_every_backend_agree_with_the_oracle_on_every_chain(case: Case, backends: dict[str, Backend]) -> None:
    examine(case, list(backends.values()))


EACH_KIND = {
    "dense": "dense 3, dense 2",
    "bias": "bias, dense 2, bias",
    "activation": "scale, activation, dense 2",
    "scale": "scale, dense 3, scale",
    "convolution": "convolution 2, convolution 3",
    "normalisation": "scale, normalisation, dense 2, normalisation, bias",
    "softmax": "scale, softmax, dense 3, softmax",
    "quadratic": "dense 3, quadratic",
    "all": "scale, dense 6, bias, activation, convolution 3, normalisation, softmax, quadratic",
}
"""A chain for each kind of link, from four nodes in."""


@pytest.mark.parametrize(("task", "dtype"), [("prediction", "float64"), ("classification", "float32")])
@pytest.mark.parametrize("kind", EACH_KIND)
def test_truth_and_every_backend_agree_with_the_oracle_on_each_kind_of_link(
    backends: dict[str, Backend], kind: str, task: str, dtype: str
) -> None:
    for seed, size in enumerate((1.0, 8.0)):
        examine(drawn(EACH_KIND[kind], task, dtype, seed, size), list(backends.values()))


def drawn(words: str, task: str, dtype: str, seed: int, size: float) -> Case:
    """A random chain of three samples, x even in ± ``size``."""
    links, rng = [word_link(word, words) for word in words.split(", ")], np.random.default_rng(seed)
    nodes = widths(4, links)
    shapes = [shape for link, width in zip(links, nodes, strict=False) if (shape := link.weight(width))]
    x, target = rng.uniform(-size, size, (3, 4)), rng.uniform(0, 1, (3, nodes[-1]))
    weights = [rng.uniform(-1, 1, shape) for shape in shapes]
    return make_case(f"drawn-{seed}", "silu", task, dtype, x, target, weights, links=links)


def test_the_oracle_sees_a_wrong_link_in_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Softmax of the softmax, scale for bias, a convolution reversed, …: each is another number here too."""
    assert set(EACH_KIND) - {"all"} == set(KINDS)
    wrong = {"bias": "scale", "scale": "bias", "softmax": "normalisation", "normalisation": "softmax"}
    for kind, other in wrong.items():
        case = drawn(EACH_KIND[kind], "prediction", "float64", 0, 1.0)
        with monkeypatch.context() as patch:
            patch.setitem(LINKS, kind, LINKS[other])
            with pytest.raises(AssertionError):
                examine(case, [])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("task", ["classification", "prediction"])
@pytest.mark.parametrize("activation", FIRST)
@pytest.mark.parametrize(
    ("widths", "batch"),
    [((4, 3, 1), 3), ((2, 6, 3), 2), ((2, 3, 2, 3, 2, 2, 3), 1)],
    ids=["one-output", "three-outputs", "six-layers"],
)
def test_truth_and_every_backend_agree_with_the_oracle_on_random_networks(
    draw: Callable[..., Case],
    backends: dict[str, Backend],
    widths: tuple[int, ...],
    batch: int,
    activation: str,
    task: str,
    dtype: str,
) -> None:
    case = draw(*widths, batch=batch, activation=activation, task=task, dtype=dtype, seed=7)
    examine(case, list(backends.values()))


@pytest.mark.parametrize(("activation", "task", "dtype"), OTHERS, ids=["-".join(choice) for choice in OTHERS])
def test_truth_and_every_backend_agree_with_the_oracle_on_every_activation(
    draw: Callable[..., Case], backends: dict[str, Backend], activation: str, task: str, dtype: str
) -> None:
    examine(draw(2, 6, 3, activation=activation, task=task, dtype=dtype, seed=8), list(backends.values()))


def test_the_oracle_sees_a_truth_that_is_off_in_its_last_bits(draw: Callable[..., Case]) -> None:
    assert set(SIGMA) == set(ACTIVATIONS)
    case = draw(2, 3, 3, seed=1)
    with mp.workdps(120):
        estimates = Oracle(case).quantities()
        wanted = [np.full(e.shape, 1e-18) for e in estimates]
        exact = truth(case, wanted).gradients[0]
        nudged = Exact(exact.high, exact.low * (1 + 2.0**-50), exact.radius)
        assert len(outside(nudged, estimates[2])) == exact.high.size
        wrong = np.nextafter(exact.high, np.inf)
        assert len(beyond(wrong, np.zeros(wrong.shape), estimates[2])) == wrong.size


@pytest.mark.parametrize("factor", [-1, 2, 1.0005])
def test_the_oracle_sees_a_wrong_gradient(
    draw: Callable[..., Case], backends: dict[str, Backend], spoiled: Callable[..., Backend], factor: float
) -> None:
    case = draw(2, 3, 3, seed=1)
    wrong = spoiled(lambda e: type(e)(e.output, e.loss, [g * factor for g in e.gradients], e.updated))
    with pytest.raises(AssertionError, match="spoiled"):
        examine(case, [backends["torch"], wrong])
