"""The exhibit ``certificate``: what was proved, step by step, and what was not; read tolerantly."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from latex2mathml.converter import convert

from reports.record import Record
from reports.tolerant import Item, items, string, whole
from reports.wording import counted

COMMANDS = frozenset((
    "Delta", "alpha", "ast", "cap", "cdot", "delta", "dots", "emptyset", "frac", "le", "left", "mathcal", "mathrm",
    "neq", "odot", "otimes", "partial", "prime", "quad", "right", "sigma", "sum", "text", "varepsilon",
))  # fmt: skip
"""What a formula is written with."""

TITLE = "The proof"

EXPLANATION = (
    "The text of reference/ itself ran on symbols, with functions σ of which nothing is known but that they have a "
    "derivative. On the one side stands sympy’s own derivative of the total error S11, from the forward pass alone; on "
    "the other what the deck’s equations compute. A step on symbols is proved where every difference is exactly 0; one "
    "on numbers is evidence."
)
"""How it was proved."""


@dataclass(frozen=True)
class Formula:
    """A formula, for a terminal and for a page."""

    text: str
    latex: str

    @property
    def mathml(self) -> str:
        """As MathML, empty where it cannot be: the text is shown then."""
        foreign = set(re.findall(r"\\([A-Za-z]+)", self.latex)) - COMMANDS
        if not self.latex or foreign or any(sign in self.latex for sign in "<>&\"'"):
            return ""  # the converter escapes nothing, and knows links and styles
        try:
            made = convert(_PRIMED.sub(_primed, self.latex)).replace("<mi>&#x02032;</mi>", PRIME)
            return made.replace("<math ", '<math displaystyle="true" ', 1)
        except Exception:  # whatever a damaged exhibit holds
            return ""

    @property
    def parts(self) -> tuple[Formula, ...]:
        """What stands beside one another in it, so that a page can put it in lines; itself where it is one."""
        latex = [part.strip() for part in self.latex.split(r"\quad")]
        return tuple(Formula(self.text, part) for part in latex) if all(latex) and len(latex) > 1 else (self,)


PRIME = '<mtext class="prime">&#x02032;</mtext>'
"""As in text, of full size: as an exponent it is too small to be seen."""

_PRIMED = re.compile(r"(\\[A-Za-z]+|[A-Za-z])((?:_(?:\{[^{}]*\}|[A-Za-z0-9]))?)\^\{\\prime ?([^{}]*)\}")


def _primed(found: re.Match[str]) -> str:
    """The prime beside its letter, and the rest of what is above where it was."""
    letter, below, above = found.groups()
    return rf"{{{letter}\prime}}{below}" + (f"^{{{above}}}" if above else "")


@dataclass(frozen=True)
class Fault:
    """A difference that is not 0."""

    name: str
    where: str
    left_over: Formula


@dataclass(frozen=True)
class Step:
    """One step: its claim is the first formula; ``note`` says what came of it."""

    id: str
    equation: str
    title: str
    formulas: tuple[Formula, ...]
    words: str
    proved: bool
    note: str
    wrong: tuple[Fault, ...]

    @property
    def mark(self) -> str:
        """✓ or ✗."""
        return "✓" if self.proved else "✗"


@dataclass(frozen=True)
class Derivative:
    """One ∂ℰ/∂w: whether sympy's minus the text's is 0, and what it is."""

    structure: str
    task: str
    layer: int
    name: Formula
    zero: bool
    formula: Formula


@dataclass(frozen=True)
class Cases:
    """Cases of one activation on balls."""

    activation: str
    cases: int
    equal: int
    undetermined: int
    apart: int


@dataclass(frozen=True)
class Certificate:
    """All of it."""

    proved: bool
    sentence: str
    steps: tuple[Step, ...]
    derivatives: tuple[Derivative, ...]
    balls: tuple[Cases, ...]
    proves: tuple[str, ...]
    leaves_open: tuple[str, ...]
    equations: tuple[tuple[str, str], ...] = ()
    """Those that it names, each with what it states."""

    @property
    def heading(self) -> str:
        """``Proved: …``."""
        return f"{'Proved' if self.proved else 'Refused'}: {self.sentence}"

    def matrices(self) -> Iterator[tuple[str, str, int, list[Derivative]]]:
        """Structure, task, layer, and its derivatives."""
        for (structure, task, layer), its in groupby(self.derivatives, lambda d: (d.structure, d.task, d.layer)):
            yield structure, task, layer, list(its)

    @property
    def counts(self) -> str:
        """``120 derivatives, 120 of them exactly as the equations say``."""
        zero = sum(one.zero for one in self.derivatives)
        return f"{counted(len(self.derivatives), 'derivative')}, sympy’s minus the equations’ exactly 0 in {zero:,}"


def certificate(record: Record) -> Certificate | None:
    """Read the exhibit; None where a run has none."""
    found = record.exhibits.get("certificate")
    return parsed(found) if isinstance(found, Mapping) else None


def parsed(found: Item) -> Certificate:
    """Read what the file holds."""
    return Certificate(
        found.get("proved") is True,
        string(found, "sentence"),
        tuple(map(_step, items(found.get("steps")))),
        tuple(map(_derivative, items(found.get("derivatives")))),
        tuple(_cases(items(found.get("balls")))),
        _sentences(found.get("proves")),
        _sentences(found.get("leaves_open")),
        tuple((string(one, "id"), string(one, "statement")) for one in items(found.get("equations"))),
    )


def _step(item: Item) -> Step:
    return Step(
        string(item, "id"),
        string(item, "equation"),
        string(item, "title"),
        (_formula(item), *map(_formula, items(item.get("more")))),
        string(item, "words"),
        item.get("proved") is True,
        string(item, "note"),
        tuple(_fault(fault) for fault in items(item.get("wrong"))),
    )


def _fault(item: Item) -> Fault:
    where = ", ".join(filter(None, (string(item, "structure"), string(item, "task"))))
    return Fault(string(item, "name"), where, _formula(item))


def _formula(item: Item, text: str = "text", latex: str = "latex") -> Formula:
    return Formula(string(item, text), string(item, latex))


def _derivative(item: Item) -> Derivative:
    name = _formula(item, "name", "name_latex")
    return Derivative(string(item, "structure"), string(item, "task"), whole(item, "layer"), name,
                      item.get("zero") is True, _formula(item))  # fmt: skip


def _cases(found: Sequence[Item]) -> Iterator[Cases]:
    """Both tasks together, by activation."""
    for activation in dict.fromkeys(string(item, "activation") for item in found):
        its = [item for item in found if string(item, "activation") == activation]
        sums = (sum(whole(item, key) for item in its) for key in ("cases", "equal", "undetermined", "apart"))
        yield Cases(activation, *sums)


def _sentences(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()
