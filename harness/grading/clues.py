"""Where no mistake fits: what wrong numbers have in common with the right ones.

A constant ratio between what was returned and what is exact, or one that depends on a size alone; a constant
multiple of the weights that was added; numbers of fewer digits than the format has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from cases.case import DTYPES, Case
from harness.factors import quotients
from harness.grading.answers import Answer
from harness.numbers.running import Floats
from harness.precision import PRECISIONS
from harness.returned import Quantity

SIZES: dict[str, Callable[[Case], float]] = {
    "": lambda case: 1.0,
    "B": lambda case: case.batch,
    "1/B": lambda case: 1 / case.batch,
    "N_O": lambda case: case.layers[-1],
    "1/N_O": lambda case: 1 / case.layers[-1],
    "B·N_O": lambda case: case.batch * case.layers[-1],
    "1/(B·N_O)": lambda case: 1 / (case.batch * case.layers[-1]),
    "N_O/N_I": lambda case: case.layers[-1] / case.layers[0],
    "N_O/N_1": lambda case: case.layers[-1] / case.layers[1],
    "N_I": lambda case: case.layers[0],
    "1/N_I": lambda case: 1 / case.layers[0],
    "N_1": lambda case: case.layers[1],
    "1/N_1": lambda case: 1 / case.layers[1],
    "N_O/B": lambda case: case.layers[-1] / case.batch,
    "B/N_O": lambda case: case.batch / case.layers[-1],
    "1/B²": lambda case: 1 / case.batch**2,
    "L": lambda case: len(case.weights),
    "1/L": lambda case: 1 / len(case.weights),
    "α": lambda case: case.learning_rate,
    "1/α": lambda case: 1 / case.learning_rate if case.learning_rate else math.nan,
}
"""What a ratio may depend on: samples B, nodes N_I, N_1 … N_O, weight matrices L, the learning rate α."""

DECIMALS = {"float64": 9, "float32": 4}
"""Numbers of no more decimals than this are called rounded."""

Numbers = tuple[Floats, Floats, Floats]
"""What was found, what it should be, and how far rounding may take it from that."""


def clues(answers: Sequence[Answer]) -> list[str]:
    """Sentences about the wrong numbers, each true of every case in which they are wrong."""
    if any(("output", 0) in answer.wrong for answer in answers):
        return list(_digits(answers))  # what follows from a wrong output says nothing of the steps after it
    return [*_ratios(answers), *_added(answers), *_digits(answers)]


def _ratios(answers: Sequence[Answer]) -> Iterator[str]:
    """A constant ratio of the total error, of gradients, or of steps where the gradients are right."""
    for what, pick in (("total error", _loss), ("gradient", _gradient), ("step W − W'", _step)):
        wrong = [(a.case, q, n) for a in answers for q in a.wrong if (n := pick(a, q)) is not None]
        if not wrong:
            continue
        places = dict.fromkeys(_place(case, q) for case, q, _ in wrong)
        if (every := ratio([(case, n) for case, _, n in wrong])) is not None:
            where = f" of the {next(iter(places))}" if len(places) == 1 and what != "total error" else ""
            yield f"Every wrong {what}{where} is {_told(every)}."
            continue
        for place in places if len(places) > 1 else ():
            one = ratio([(case, n) for case, q, n in wrong if _place(case, q) == place])
            if one is not None:
                yield f"Every wrong {what} of the {place} is {_told(one)}."


def _added(answers: Sequence[Answer]) -> Iterator[str]:
    """A constant multiple of W that was added, as weight decay does."""
    for what, pick in (("gradient", _gradient), ("step", _step)):
        found = []
        for answer in answers:
            for quantity in answer.wrong:
                numbers = pick(answer, quantity)
                if numbers is not None:
                    value, exact, bound = numbers
                    weight = np.asarray(answer.case.weights[quantity[1] - 1], np.float64)
                    # the multiple, its constant and the sum are rounded too, beside the gradient
                    rounded = 4 * PRECISIONS[answer.case.dtype].u * np.abs(value)
                    found.append((answer.case, (value - exact, weight, bound + rounded)))
        if found and (times := ratio(found)) not in (None, "0"):
            of = "the gradient" if what == "gradient" else "the step, over α,"
            yield f"What was added to {of} is {times} times the weights, everywhere: weight decay, or a penalty?"


def _digits(answers: Sequence[Answer]) -> Iterator[str]:
    """Gradients that are numbers of a narrower format, or of few decimals."""
    for dtype in ("float64", "float32"):
        arrays = [
            np.asarray(a.values[q], np.float64).ravel()
            for a in answers
            if a.case.dtype == dtype
            for q in a.wrong
            if q[0] == "gradient" and q in a.values
        ]
        numbers = np.concatenate(arrays) if arrays else np.zeros(0)
        short = numbers.astype(DTYPES["bfloat16"]).astype(np.float64) == numbers  # few digits by nature
        numbers = numbers[np.isfinite(numbers) & (numbers != 0)]
        if numbers.size < 2 or short.mean() > 0.5:
            continue
        with np.errstate(all="ignore"):
            for narrow in ("float16", "float32"):
                if narrow != dtype and np.array_equal(numbers.astype(DTYPES[narrow]).astype(np.float64), numbers):
                    yield f"Every wrong gradient in {dtype} is a number of {narrow}: was it computed in that?"
                    break
            for decimals in range(1, DECIMALS[dtype] + 1):
                if np.array_equal(np.round(numbers, decimals).astype(dtype), numbers.astype(dtype)):
                    yield f"Every wrong gradient in {dtype} has at most {decimals} decimals: is it rounded?"
                    break


def _loss(answer: Answer, quantity: Quantity) -> Numbers | None:
    return _plain(answer, quantity) if quantity[0] == "loss" else None


def _gradient(answer: Answer, quantity: Quantity) -> Numbers | None:
    return _plain(answer, quantity) if quantity[0] == "gradient" else None


def _step(answer: Answer, quantity: Quantity) -> Numbers | None:
    """W − W' over α, where the gradient itself is right."""
    if quantity[0] != "update" or any(q[0] == "gradient" for q in answer.wrong):
        return None
    numbers, alpha = _plain(answer, quantity), answer.case.learning_rate
    if numbers is None or not alpha:
        return None
    weight = np.asarray(answer.case.weights[quantity[1] - 1], np.float64)
    gradient = answer.standards["gradient", quantity[1]].exact.high
    return (weight - numbers[0]) / alpha, gradient, 2 * numbers[2] / abs(alpha)


def _plain(answer: Answer, quantity: Quantity) -> Numbers | None:
    standard = answer.standards[quantity]
    values = answer.values.get(quantity)
    if values is None or np.shape(values) != standard.bound.shape:
        return None
    return np.asarray(values, np.float64), standard.exact.high, standard.bound


def _place(case: Case, quantity: Quantity) -> str:
    if quantity[1] == len(case.weights):
        return "output layer"
    return "first layer" if quantity[1] == 1 else "layers between"


def ratio(found: Sequence[tuple[Case, Numbers]]) -> str | None:
    """``0.5·N_O``: found / exact, the same everywhere but for a size; None where there is no such ratio."""
    each = [(case, _interval(*numbers)) for case, numbers in found]
    if all(math.isinf(low) for _, (low, _) in each):
        return None
    for size, of in SIZES.items():
        low, high = -math.inf, math.inf
        for case, (a, b) in each:
            scale = of(case)
            if scale > 0:
                low, high = max(low, a / scale), min(high, b / scale)
        if low <= high and math.isfinite(low) and math.isfinite(high):
            return _written(simplest(low, high), size)
    return None


def _interval(found: Floats, exact: Floats, bound: Floats) -> tuple[float, float]:
    """Where one ratio found / exact may be for every entry."""
    low, high = quotients(found, exact, bound)
    return float(low.max(initial=-np.inf)), float(high.min(initial=np.inf))


def _told(times: str) -> str:
    return "0" if times == "0" else f"{times} times the exact one"


def _written(factor: float, size: str) -> str:
    number = f"{factor:.6g}".replace("-", "−")
    if number == "1" and factor != 1:
        number = f"{factor:.17g}"
    if not size or factor == 0:
        return number
    return size if factor == 1 else f"{number}·{size}"


def simplest(low: float, high: float) -> float:
    """The number of fewest digits in an interval: a simple fraction, else the shortest decimal."""
    middle = (low + high) / 2
    for limit in (1, 2, 3, 4, 5, 6, 8, 10, 12, 16):
        near = float(Fraction(middle).limit_denominator(limit))
        if low <= near <= high:
            return near
    for digits in range(1, 17):
        near = float(f"{middle:.{digits}g}")
        if low <= near <= high:
            return near
    return middle
