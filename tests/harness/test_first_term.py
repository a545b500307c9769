"""The first wrong term: a fault in exactly one term of a run is named as that term, of that layer and entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case, make_case
from cases.known import deviations
from harness.backends import Backend, Evaluation, Terms
from harness.backends.reference import matrix
from harness.first_term import first_wrong
from harness.judge import Judge
from harness.known import known_for
from harness.returned import Quantity
from harness.stack import Stack
from harness.terms import Term, terms
from reference import arrays, error
from reference.activations import Formula

Spoil = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Planted:
    """The slides' run (S26) on arrays, with the terms that it really computed.

    The term ``place`` (kind and layer) is spoiled where it is computed, and used so by what comes after it.
    """

    place: Quantity | None = None
    spoil: Spoil = lambda array: array
    name: str = "planted"

    def supports(self, case: Case) -> str | None:
        return None

    def _at(self, kind: str, l: int, array: Any) -> Any:
        return self.spoil(array.copy()) if (kind, l) == self.place else array

    def _run(self, stack: Stack) -> tuple[Evaluation, list[Any], list[Any], list[Any], list[Any]]:
        case, depth = stack.first, len(stack.weights)
        last = Formula("sigmoid" if case.task == "classification" else "identity", arrays)
        sigmas = [Formula(case.activation, arrays)] * (depth - 1) + [last]
        I, h = [], [stack.x]
        for l, (W, sigma) in enumerate(zip(stack.weights, sigmas, strict=True), start=1):
            I.append(self._at("I", l, h[-1] @ W))
            h.append(self._at("h", l, sigma.value(I[-1])))
        loss = self._at("loss", 0, error.total_error(error.error(h[-1], stack.target)))
        slopes: list[Any] = [None] * depth
        deltas: list[Any] = [None] * depth
        back = error.slope(h[-1], stack.target)
        for l in range(depth, 0, -1):
            slopes[l - 1] = self._at("slope", l, sigmas[l - 1].derivative(I[l - 1], h[l]))
            deltas[l - 1] = self._at("delta", l, slopes[l - 1] * back)
            back = deltas[l - 1] @ stack.weights[l - 1].mT
        numbered = enumerate(zip(h, deltas, strict=False), start=1)
        gradients = [self._at("gradient", l, before.mT @ delta) for l, (before, delta) in numbered]
        pairs = enumerate(zip(stack.weights, gradients, strict=True), start=1)
        updated = [self._at("update", l, W - case.learning_rate * dW) for l, (W, dW) in pairs]
        return Evaluation(h[-1], loss, gradients, updated), I, h[1:], slopes, deltas

    def evaluate(self, stack: Stack) -> Evaluation:
        with np.errstate(all="ignore"):
            return self._run(stack)[0]

    def terms(self, stack: Stack) -> Terms:
        with np.errstate(all="ignore"):
            _, I, h, slopes, deltas = self._run(stack)
        return Terms(*([array[0] for array in part] for part in (I, h, deltas, slopes)))


def named(case: Case, backend: Any, k: int = 0, others: tuple[Case, ...] = ()) -> str | None:
    """What is said of case ``k`` of a stack."""
    stack = Stack((case, *others))
    judge, found = Judge(stack), backend.evaluate(stack)
    known = known_for(backend.name, case, deviations())
    rows = judge.rows(k, backend.name, found, matrix.evaluate(stack), known)
    return first_wrong(judge, k, backend, found, rows, known.here)


def places(case: Case) -> list[Term]:
    """The terms in which a fault can be planted."""
    return [term for term in terms(case) if term.kind != "error"]


def planted_in(term: Term, case: Case) -> Quantity:
    """Where `Planted` computes a term: Y is h^L."""
    return ("h", len(case.weights)) if term.kind == "output" else term.key


def one_entry(array: np.ndarray) -> np.ndarray:
    """A thousandth more in the largest entry, in each case of the stack."""
    for part in array.reshape(len(array), -1):
        part[np.argmax(np.abs(part))] *= np.asarray(1.001, array.dtype)
    return array


def sign(array: np.ndarray) -> np.ndarray:
    return -array


FAULTS: dict[str, Spoil] = {
    "a thousandth in one entry": one_entry,
    "sign": sign,
    "factor 2": lambda array: 2 * array,
    "zero": np.zeros_like,
    "not a number": lambda array: array * np.nan,
}

each_dtype = pytest.mark.parametrize("dtype", ["float64", "float32"])
each_task = pytest.mark.parametrize("task", ["classification", "prediction"])


@each_dtype
@each_task
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("widths", [(3, 5, 2), (3, 4, 6, 3, 2)], ids=str)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_one_term_is_named_as_that_term(
    draw: Callable[..., Case], fault: str, widths: tuple[int, ...], batch: int, task: str, dtype: str
) -> None:
    case = draw(*widths, batch=batch, task=task, dtype=dtype, activation="tanh", seed=5)
    order = places(case)
    assert len(order) == 6 * len(case.weights) + (task == "classification")
    for term in order:
        said = named(case, Planted(planted_in(term, case), FAULTS[fault]))
        assert said is not None, term.name
        assert said.startswith(f"first wrong term: {term.name} ({term.equation}): "), f"{term.name}: {said}"
        ending = ", which no rounding explains" if fault == "not a number" else " times the bound"
        assert said.endswith(ending)


@each_dtype
@each_task
@pytest.mark.parametrize("batch", [1, 3])
def test_the_spoiled_entry_is_the_one_that_is_named(
    draw: Callable[..., Case], batch: int, task: str, dtype: str
) -> None:
    case = draw(3, 5, 4, batch=batch, task=task, dtype=dtype, seed=6)
    for term in places(case):
        hit: list[str] = []

        def spoil(array: np.ndarray, term: Term = term, hit: list[str] = hit) -> np.ndarray:
            index = np.unravel_index(np.argmax(np.abs(array[0])), array[0].shape)
            hit[:] = [term.entry(tuple(int(i) for i in index))]
            return one_entry(array)

        said = named(case, Planted(planted_in(term, case), spoil))
        assert said is not None and f": {hit[0]} is " in said


@each_dtype
@each_task
@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu", "selu", "hardswish"])
def test_without_a_fault_nothing_is_named(draw: Callable[..., Case], activation: str, task: str, dtype: str) -> None:
    case = draw(3, 5, 2, batch=2, task=task, dtype=dtype, activation=activation, seed=7)
    assert named(case, Planted()) is None


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@each_task
def test_the_sentence_on_the_deck_s_own_network(slides: list[Case], activation: str, task: str) -> None:
    (case,) = [c for c in slides if c.name == f"slide-3-5-2-{activation}-{task}-float64"]
    said = named(case, Planted(("delta", 1), sign))
    exact = {"sigmoid": "0.0791911"}.get(activation)
    assert said is not None and said.startswith("first wrong term: Δ^H (S19, S20): δ_") and " where exact is " in said
    assert exact is None or said


def test_the_right_case_of_a_stack_is_looked_into(draw: Callable[..., Case]) -> None:
    def second(array: np.ndarray) -> np.ndarray:
        array[-1] *= 2  # the last case of a stack, be it alone or not
        return array

    pair = [draw(3, 5, 2, seed=seed) for seed in (1, 2)]
    other = replace(pair[1], name="draw-3-5-2-2-2")
    assert named(pair[0], Planted(("slope", 1), second), 0, (other,)) is None
    said = named(pair[0], Planted(("slope", 1), second), 1, (other,))
    assert said is not None and "σ'(I^H) (S19, S20)" in said


# kinks and known deviations


def on_kink(target: float = 3.0) -> Case:
    """One hidden unit exactly on ReLU's kink, one beside it."""
    return make_case("kink", "relu", "prediction", "float64", [[1.0, -1.0]], [[target]], [[[1, 2], [1, 1]], [[1], [1]]])


def test_any_legal_derivative_on_a_kink_is_right() -> None:
    case = on_kink()
    for member in (0.0, 0.5, 1.0):

        def at_kink(slope: np.ndarray, member: float = member) -> np.ndarray:
            slope[..., 0] = member
            return slope

        @dataclass(frozen=True)
        class Both(Planted):
            spoiled: Spoil = at_kink

            def _at(self, kind: str, l: int, array: Any) -> Any:
                changed = self.spoiled(array.copy()) if (kind, l) == ("slope", 1) else array
                return super()._at(kind, l, changed)

        assert named(case, Both()) is None
        said = named(case, Both(("update", 1), sign))
        assert said is not None and "W'^IH" in said

    def illegal(slope: np.ndarray) -> np.ndarray:
        slope[..., 0] = 2.0
        return slope

    said = named(case, Planted(("slope", 1), illegal))
    assert said is not None and said.startswith("first wrong term: σ'(I^H) (S19, S20): σ'(I^H_1) is 2 where exact is 0")


def test_a_listed_deviation_is_not_the_first_wrong_term(
    draw: Callable[..., Case], backends: dict[str, Backend]
) -> None:
    case, real = draw(3, 5, 2, activation="hardsigmoid", task="prediction", seed=8), backends["torch"]

    class Spoiled:
        name = "torch"

        def evaluate(self, stack: Stack) -> Evaluation:
            found = real.evaluate(stack)
            return replace(found, updated=[-w for w in found.updated or ()])

        def terms(self, stack: Stack) -> Terms:
            its: Terms = real.terms(stack)  # type: ignore[attr-defined]
            return its

    assert known_for("torch", case, deviations()).here, "torch's hardsigmoid is listed"
    said = named(case, Spoiled())
    assert said is not None and said.startswith("first wrong term: W'^HO")


# what a backend of somebody's may do


@dataclass(frozen=True)
class Telling:
    """A planted fault, and terms made into something else."""

    real: Planted
    tell: Callable[[Terms], Any]
    name: str = "telling"

    def evaluate(self, stack: Stack) -> Evaluation:
        return self.real.evaluate(stack)

    def terms(self, stack: Stack) -> Any:
        return self.tell(self.real.terms(stack))


def raising(its: Terms) -> Any:
    raise RuntimeError("no terms today")


TOLD: dict[str, tuple[Callable[[Terms], Any], str]] = {
    "raises": (raising, "its terms() raised RuntimeError"),
    "leaves": (lambda its: exit(), "its terms() raised SystemExit"),
    "nothing": (lambda its: None, "its terms() returned NoneType, expected Terms"),
    "a dictionary": (lambda its: {"I": its.I}, "its terms() returned dict, expected Terms"),
    "one short": (lambda its: replace(its, h=its.h[:1]), "its terms() gave 1 h, expected 2"),
    "numbers": (lambda its: replace(its, I=3.0), "its terms() raised TypeError"),
    "flat": (
        lambda its: replace(its, I=[a[0] for a in its.I]),
        "its terms() gave I of shape (5,) and dtype float64 for layer 1, expected (1, 5) and float64",
    ),
    "complex": (
        lambda its: replace(its, deltas=[a + 0j for a in its.deltas]),
        "its terms() gave deltas of shape (1, 5) and dtype complex128 for layer 1, expected (1, 5) and float64",
    ),
    "ragged": (lambda its: replace(its, h=[[[1.0], [2.0, 3.0]], its.h[1]]), "its terms() raised ValueError"),
}


@pytest.mark.parametrize("told", TOLD)
def test_without_usable_terms_what_was_returned_speaks_and_says_why(draw: Callable[..., Case], told: str) -> None:
    tell, why = TOLD[told]
    said = named(draw(3, 5, 2, batch=1, seed=9), Telling(Planted(("delta", 1), sign), tell))
    assert said is not None and said.startswith("first wrong term: Δ^H (S19, S20), as ΔW^IH shows: Δw_")
    assert said.endswith(f" ({why})")


@pytest.mark.parametrize(
    "tell",
    [
        lambda its: replace(its, slopes=None),
        lambda its: replace(its, I=[a.tolist() for a in its.I], deltas=tuple(its.deltas)),
        lambda its: replace(its, h=[a.astype(np.longdouble) for a in its.h]),
    ],
    ids=["no slopes", "lists", "wider numbers"],
)
def test_terms_of_another_form_are_taken(draw: Callable[..., Case], tell: Callable[[Terms], Any]) -> None:
    said = named(draw(3, 5, 2, batch=2, seed=9), Telling(Planted(("slope", 1), sign), tell))
    term = "Δ^H" if "None" in str(tell(Terms([], [], [], [])).slopes) else "σ'(I^H)"
    assert said is not None and said.startswith(f"first wrong term: {term} (S19, S20): ")


# backends without terms


@dataclass(frozen=True)
class Silent:
    """A planted fault, and no terms."""

    real: Planted
    name: str = "silent"

    def evaluate(self, stack: Stack) -> Evaluation:
        return self.real.evaluate(stack)


def column(array: np.ndarray) -> np.ndarray:
    array[..., -1] *= 1.5
    return array


SILENT: dict[str, tuple[Quantity, Spoil, int, str]] = {
    "h": (("h", 1), column, 1, "Y (S7, S8) or a term before it: y_"),
    "loss": (("loss", 0), sign, 1, "ℰ (S11): ℰ is "),
    "output's delta": (("delta", 2), column, 1, "Δ^O (S18), as ΔW^HO shows: Δw_"),
    "hidden delta": (("delta", 1), column, 1, "Δ^H (S19, S20), as ΔW^IH shows: Δw_"),
    "hidden slope": (("slope", 1), column, 1, "Δ^H (S19, S20), as ΔW^IH shows: Δw_"),
    "left factor": (("gradient", 1), lambda a: column(a.mT).mT, 1, "ΔW^IH (S22, S23), its left factor: Δw_"),
    "one entry": (("gradient", 2), one_entry, 1, "ΔW^HO (S22, S23): Δw_"),
    "samples": (("delta", 1), column, 3, "Δ^H (S19, S20) or ΔW^IH (S22, S23): Δw_"),
    "update": (("update", 1), sign, 1, "W'^IH (S13, S26): w'_"),
}


@pytest.mark.parametrize("fault", SILENT)
def test_without_terms_what_was_returned_speaks(draw: Callable[..., Case], fault: str) -> None:
    place, spoil, batch, words = SILENT[fault]
    said = named(draw(3, 5, 4, batch=batch, alpha=0.5, seed=10), Silent(Planted(place, spoil)))
    assert said is not None and said.startswith(f"first wrong term: {words}"), said


FORMS: dict[str, tuple[Callable[[list[Any]], Any], str]] = {
    "transposed": (lambda g: [g[0], g[1].mT], "shape (2, 5), expected (5, 2)"),
    "narrower": (lambda g: [g[0], g[1].astype(np.float32)], "dtype float32, expected float64"),
    "one short": (lambda g: g[:1], "1 arrays, expected 2: one a weight matrix"),
    "none": (lambda g: [g[0], None], "None, expected an array"),
}


@pytest.mark.parametrize("real", [Planted, Silent], ids=["with terms", "without"])
@pytest.mark.parametrize("form", FORMS)
def test_an_array_of_another_form_is_named_as_such(draw: Callable[..., Case], form: str, real: Any) -> None:
    change, words = FORMS[form]

    class Misshapen(real):  # type: ignore[misc]
        def evaluate(self, stack: Stack) -> Evaluation:
            found = super().evaluate(stack)
            return replace(found, gradients=change(list(found.gradients or ())))

    backend = Misshapen() if real is Planted else Misshapen(Planted())
    assert named(draw(3, 5, 2, seed=11), backend) == f"first wrong term: ΔW^HO (S22, S23): {words}"
