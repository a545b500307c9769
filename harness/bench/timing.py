"""Taking turns: who is measured when, and what is made of the figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reports.bench.record import CPU, WALL, Figure, Ratio


@dataclass(frozen=True)
class Taken:
    """What one turn took: seconds by the clock, and seconds of processor time, of all its processes and threads."""

    seconds: float
    cpu: float


OF: dict[str, Callable[[Taken], float]] = {WALL: lambda taken: taken.seconds, CPU: lambda taken: taken.cpu}
"""What a turn has, by quantity."""


@dataclass(frozen=True)
class Series:
    """The turns of every contestant in one setting, by name; round by round."""

    setting: str
    turns: Mapping[str, Sequence[Taken]]

    def figures(self) -> list[Figure]:
        """Time and processor time of every contestant."""
        return [
            Figure(self.setting, name, quantity, tuple(map(value, its)))
            for name, its in self.turns.items()
            for quantity, value in OF.items()
        ]

    def ratio(self, name: str, against: str, quantity: str = WALL) -> Ratio:
        """One contestant's time over another's, of the same round."""
        return self._over(name, against, self.turns[against], quantity)

    def over_faster(self, name: str, others: Sequence[str], quantity: str = WALL) -> Ratio:
        """The same against whichever of others took less in that round."""
        least = [min(its, key=OF[quantity]) for its in zip(*(self.turns[o] for o in others), strict=True)]
        return self._over(name, f"the faster of {' and '.join(others)}", least, quantity)

    def _over(self, name: str, against: str, turns: Sequence[Taken], quantity: str) -> Ratio:
        value = OF[quantity]
        pairs = zip(map(value, self.turns[name]), map(value, turns), strict=True)
        return Ratio(self.setting, name, against, quantity, tuple(a / b if b else math.nan for a, b in pairs))


def alternate(
    setting: str, contestants: Mapping[str, Callable[[], Taken]], rounds: int, told: Callable[[str], None]
) -> Series:
    """Let every contestant have its turn in every round, always in the same order: A B A B."""
    turns: dict[str, list[Taken]] = {name: [] for name in contestants}
    for number in range(1, rounds + 1):
        told(f"{setting}: round {number} of {rounds}")
        for name, turn in contestants.items():
            turns[name].append(turn())
    return Series(setting, turns)
