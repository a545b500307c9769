"""Numbers that a source prints for a case, as it prints them: to so many digits, by its own loss convention."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

QUANTITIES = {
    "output": "output",
    "total_error": "loss",
    "gradients": "gradient",
    "updated_weights": "update",
    "total_error_after": "loss after",
}
"""What a ``[case.published]`` block may print, each with the quantity of its rows."""

DEPTHS = {"output": 2, "total_error": 0, "gradients": 3, "updated_weights": 3, "total_error_after": 0}
"""How deep each quantity's numbers are nested."""

LOSSES: dict[str, Callable[[int, int], Fraction]] = {
    "mean of squares": lambda samples, outputs: Fraction(1),
    "half the mean of squares": lambda samples, outputs: Fraction(1, 2),
    "sum of squares": lambda samples, outputs: Fraction(samples * outputs),
    "half the sum of squares": lambda samples, outputs: Fraction(samples * outputs, 2),
}
"""Total errors that sources use, over all samples and outputs: each as a multiple of S11's mean of squares."""

WAYS = ("rounded", "cut")
"""How a source gets to its last digit: by rounding, or by cutting off what follows."""

_PRINTED = re.compile(r"[+−-]?(?P<whole>[0-9]*)(?:[.](?P<decimals>[0-9]*))?(?:[eE](?P<power>[+−-]?[0-9]{1,3}))?")
_LONGEST = 60

LARGEST = 300
"""Powers of ten of printed numbers stay below: float64 ends at 308."""


@dataclass(frozen=True)
class Printed:
    """A printed number: its text, its value, and the unit of its last digit."""

    text: str
    value: Fraction
    unit: Fraction

    @classmethod
    def read(cls, text: str) -> Printed | None:
        """Read ``0.30``, ``-.5``, ``2``, ``1.2e-3``; None where ``text`` is no printed number."""
        found = _PRINTED.fullmatch(text)
        if found is None or len(text) > _LONGEST or not (found["whole"] or found["decimals"]):
            return None
        plain = text.replace("−", "-")
        power = int((found["power"] or "0").replace("−", "-"))
        value = Fraction(plain)
        if (found["power"] and not value) or not -LARGEST < power < LARGEST:
            return None  # a power of nothing says nothing; and beyond float64 nothing is printed
        return cls(text, value, Fraction(10) ** (power - len(found["decimals"] or "")))

    def middle(self, cut: bool) -> Fraction:
        """The middle of all numbers that are printed so: itself, or half a unit further from 0 where it is cut off."""
        if not cut or not self.value:
            return self.value
        return self.value + (self.unit if self.value > 0 else -self.unit) / 2

    def half(self, cut: bool) -> Fraction:
        """How far from their middle these numbers reach: half a unit; a whole one where 0 is what was left."""
        return self.unit if cut and not self.value else self.unit / 2


@dataclass(frozen=True)
class Place:
    """Which number: a key of QUANTITIES; the weight array, from 1 (0 where there is none); the index in it, from 0."""

    quantity: str
    layer: int = 0
    index: tuple[int, ...] = ()

    def __str__(self) -> str:
        layer = f" of layer {self.layer}" if self.layer else ""
        return f"{self.quantity}{layer}{f' at {list(self.index)}' if self.index else ''}"


@dataclass(frozen=True)
class Erratum:
    """A printed number that is known to be wrong: by which mistake of gradproof's list, or because of what."""

    place: Place
    mistake: str = ""
    because: str = ""


@dataclass(frozen=True)
class Published:
    """Every printed number of a case, the source's conventions, and its known errata.

    ``loss`` is a key of LOSSES. ``fixed`` are weight arrays, from 1, that the source does not update.
    """

    figures: tuple[tuple[Place, Printed], ...]
    loss: str = "mean of squares"
    cut: bool = False
    fixed: tuple[int, ...] = ()
    errata: tuple[Erratum, ...] = ()

    def factor(self, samples: int, outputs: int) -> Fraction:
        """By what S11 is multiplied to be the source's total error."""
        return LOSSES[self.loss](samples, outputs)


def decimal(number: float) -> Fraction:
    """A float as it is written: the shortest decimal that reads as it, so 0.1 is 1/10."""
    return Fraction(repr(float(number)))
