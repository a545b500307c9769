"""All that the certificate rests on, computed here or by worker processes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from cases.case import Case
from harness.hands import Call, Hands, Here, spread
from harness.proof import balls, chains, readings, slopes
from harness.proof.balls import Numbers
from harness.proof.derivatives import Checked, examine
from harness.proof.networks import STRUCTURES, Structure
from harness.proof.readings import Found
from harness.proof.slopes import Slope

CASES_A_TASK = 256
"""Cases of the catalogue in one task."""


@dataclass
class Evidence:
    """``descents`` says of each structure whether the total error changes as S13 needs it to."""

    checked: list[Checked] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    descents: list[tuple[str, bool]] = field(default_factory=list)
    slopes: list[Slope] = field(default_factory=list)
    numbers: list[tuple[Case, Numbers]] = field(default_factory=list)

    def add(self, other: Evidence) -> None:
        """Put another's beside it."""
        for name in ("checked", "found", "descents", "slopes", "numbers"):
            getattr(self, name).extend(getattr(other, name))


def gather(
    cases: Sequence[Case], hands: Hands | None = None, advance: Callable[[int], None] = lambda finished: None
) -> Evidence:
    """Everything, by these hands or here; ``cases`` are proved on balls. ``advance`` is told how many steps were
    finished (see `size`). Raises WorkerDied.
    """
    cut = [cases[i : i + CASES_A_TASK] for i in range(0, len(cases), CASES_A_TASK)]
    calls: list[Call] = [(_numbered, n, of_structure, s) for n, s in enumerate(STRUCTURES)]
    calls += [(_numbered, n, of) for n, of in enumerate((of_sigmas, of_chains), start=len(calls))]
    calls += [(_numbered, n, of_cases, some) for n, some in enumerate(cut, start=len(calls))]
    parts: dict[int, tuple[Evidence, int]] = {}
    for number, part, size in spread(calls, hands or Here()):
        parts[number] = part, size
        advance(size)
    whole = Evidence()
    for number in range(len(calls)):
        whole.add(parts[number][0])
    return whole


def size(cases: Sequence[Case]) -> int:
    """How many steps `gather` has: structures, activations together, chains together, and cases."""
    return len(STRUCTURES) + 2 + len(cases)


def of_structure(structure: Structure) -> tuple[Evidence, int]:
    """Every claim about one structure, and every reading of it."""
    checked = examine(structure)
    if not all(one.proved for one in checked):
        return Evidence(checked), 1  # what is wrong already has no differences worth a formula
    s = replace(structure)
    return Evidence(checked, readings.found(s), [(s.label, readings.descent(s))]), 1


def of_sigmas() -> tuple[Evidence, int]:
    """Every activation."""
    return Evidence(slopes=slopes.slopes()), 1


def of_chains() -> tuple[Evidence, int]:
    """Every chain of other layers."""
    return Evidence(chains.checked()), 1


def of_cases(cases: Sequence[Case]) -> tuple[Evidence, int]:
    """Cases on balls."""
    return Evidence(numbers=balls.compared_all(cases)), len(cases)


def _numbered(
    number: int, function: Callable[..., tuple[Evidence, int]], *arguments: object
) -> tuple[int, Evidence, int]:
    return number, *function(*arguments)
