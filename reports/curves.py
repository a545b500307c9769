"""The exhibit ``curves``: training on every backend beside the exact trajectory, and S27 over a range of α."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from reports.learning import OVERFLOW
from reports.record import Record
from reports.tolerant import Item, items, number, numbers, string, whole
from reports.wording import NOTHING, counted, share, ulps


@dataclass(frozen=True)
class Run:
    """One backend running freely: total error, drift and its prediction, at the training's ``t``."""

    backend: str
    loss: tuple[float, ...]
    drift: tuple[float, ...]
    predicted: tuple[float, ...]
    first: float | None
    last: float | None
    share: float | None
    ratio: float | None
    last_ratio: float | None
    within: bool
    blind_from: int | None
    ended: int | None
    note: str

    @property
    def end(self) -> str:
        """The total error that it comes to."""
        return _end(self.last, self.ended, self.note)

    @property
    def size(self) -> float:
        """That total error to sort by: what is no number is largest."""
        return self.last if self.last is not None and math.isfinite(self.last) else math.inf

    @property
    def cells(self) -> tuple[str, ...]:
        """RUN_HEADER from the total error on."""
        blind = NOTHING if self.blind_from is None else str(self.blind_from)
        return (self.end, share(self.share), share(self.ratio), share(self.last_ratio), blind)


@dataclass(frozen=True)
class Training:
    """One training: the exact total error at ``t``, that of every backend, and that of the wrong-sign reading."""

    name: str
    network: str
    task: str
    dtype: str
    alpha: float | None
    steps: int
    t: tuple[float, ...]
    stable: bool
    sharpness: float | None
    rises: int
    exact: tuple[float, ...]
    runs: tuple[Run, ...]
    wrong: tuple[float, ...]
    wrong_last: float | None
    wrong_ended: int | None
    wrong_note: str

    @property
    def error(self) -> str:
        """``0.517 → 0.0331``, the exact total error."""
        ends = (self.exact[0], self.exact[-1]) if self.exact else (None, None)
        return " → ".join(figures(end) for end in ends)

    @property
    def falls(self) -> str:
        """Whether the exact total error falls."""
        if self.rises and self.rises == self.steps:
            return "never"
        return "always" if not self.rises else f"not at {self.rises} of {self.steps}"

    @property
    def descends(self) -> str:
        """αλ at most, and where that is not stable."""
        return figures(self.sharpness) + ("" if self.stable else "; unstable")

    @property
    def rising(self) -> str:
        """What became of the wrong-sign reading."""
        return _end(self.wrong_last, self.wrong_ended, self.wrong_note)

    @property
    def start(self) -> tuple[str, ...]:
        """Network, task, α, dtype."""
        return (self.network, self.task, figures(self.alpha), self.dtype)

    @property
    def cells(self) -> tuple[str, ...]:
        """A line of HEADER."""
        return (*self.start, self.error, self.falls, self.descends, self.rising)

    @property
    def run_cells(self) -> list[tuple[str, ...]]:
        """Lines of RUN_HEADER from the backend on."""
        of: dict[tuple[str, ...], list[str]] = {}
        for run in self.runs:
            of.setdefault(run.cells, []).append(run.backend)
        return [(", ".join(backends), *cells) for cells, backends in of.items()]

    @property
    def worst(self) -> tuple[str, ...]:
        """A line of WORST_HEADER."""
        end = max(self.runs, key=lambda run: run.size).end if self.runs else NOTHING
        shares = [run.share for run in self.runs if run.share is not None]
        most = math.nan if any(map(math.isnan, shares)) else max(shares, default=None)
        ratios = [run.ratio for run in self.runs if run.ratio is not None and not math.isnan(run.ratio)]
        steep = figures(self.sharpness, 2)
        return (*self.start, self.error, end, steep, share(most), share(max(ratios, default=None)), self.rising)


@dataclass(frozen=True)
class Curves:
    """All trainings, and S27: lines of network, task, and what RATES_HEADER has from α on."""

    trainings: tuple[Training, ...]
    rates: tuple[tuple[str, ...], ...]

    @cached_property
    def backends(self) -> tuple[str, ...]:
        """Backends in the order of the runs."""
        return tuple(dict.fromkeys(run.backend for one in self.trainings for run in one.runs))

    @property
    def lines(self) -> list[tuple[str, ...]]:
        """A line of HEADER for each training."""
        return [one.cells for one in self.trainings]

    @property
    def by_training(self) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
        """The start of each training's lines of RUN_HEADER, and their rest."""
        return [(one.start, one.run_cells) for one in self.trainings if one.runs]

    @property
    def worst(self) -> list[tuple[str, ...]]:
        """A line of WORST_HEADER for each training."""
        return [one.worst for one in self.trainings]

    @property
    def by_network(self) -> list[tuple[str, list[tuple[str, ...]]]]:
        """Lines of S27 by network and task."""
        of: dict[str, list[tuple[str, ...]]] = {}
        for network, task, *line in self.rates:
            of.setdefault(f"{network}, {task}", []).append(tuple(line))
        return list(of.items())

    @property
    def notes(self) -> list[str]:
        """Why runs ended early: each reason, the training, and the backends that it stopped."""
        of: dict[tuple[str, str], list[str]] = {}
        for one in self.trainings:
            for run in one.runs:
                if run.note:
                    of.setdefault((one.name, run.note), []).append(run.backend)
        return [f"{name}, {', '.join(backends)}: {note}" for (name, note), backends in of.items()]

    @property
    def text(self) -> str:
        """What all of it comes to, in a sentence or two."""
        runs = [(one, run) for one in self.trainings for run in one.runs]
        beyond = [(one, run) for one, run in runs if not run.within]
        worst = max((run.ratio for _, run in runs if run.ratio is not None), default=math.nan)
        size = f"{counted(len(self.trainings), 'training')} × {counted(len(self.backends), 'backend')}"
        kept = "every run stays within the growth predicted for it"
        if beyond:
            names = ", ".join(dict.fromkeys(run.backend for _, run in beyond))
            kept = f"{counted(len(beyond), 'run')} of {len(runs)} beyond the predicted growth, by {names}"
        return f"{size}: {kept} (worst {share(worst)} of it); {self._falling}"

    @property
    def _falling(self) -> str:
        stable = [one for one in self.trainings if one.stable]
        falling = sum(not one.rises for one in stable)
        where = f"{counted(len(stable), 'training')} where α is stable"
        return f"the exact total error falls at every step in {falling} of {where}"


def curves(record: Record) -> Curves | None:
    """Read the exhibit; None where a run has none."""
    found = record.exhibits.get("curves")
    if not isinstance(found, dict) or not items(found.get("trainings")):
        return None
    return Curves(
        tuple(_training(item) for item in items(found.get("trainings"))),
        tuple(_rate(item) for item in items(found.get("rates"))),
    )


def figures(value: float | None, digits: int = 3) -> str:
    """A number in three figures, without the zeros of an exponent."""
    if value is None or math.isnan(value):
        return ulps(value)
    return f"{value:.{digits}g}".replace("inf", "∞")


def _end(last: float | None, ended: int | None, note: str) -> str:
    """The last total error; ``∞ at 25`` where the weights overflow, ``0.5 at 25`` where a run ends otherwise."""
    if ended is None:
        return figures(last)
    return f"{'∞' if OVERFLOW in note else figures(last)} at {ended}"


def _training(item: Item) -> Training:
    wrong = item.get("wrong_sign")
    sign: Item = wrong if isinstance(wrong, dict) else {}
    return Training(
        name=string(item, "name"),
        network=_network(item),
        task=string(item, "task"),
        dtype=string(item, "dtype"),
        alpha=number(item, "alpha"),
        steps=whole(item, "steps"),
        t=numbers(item, "t"),
        stable=item.get("stable") is True,
        sharpness=number(item, "sharpness"),
        rises=whole(item, "rises"),
        exact=numbers(item, "exact"),
        runs=tuple(map(_run, items(item.get("runs")))),
        wrong=numbers(sign, "loss"),
        wrong_last=number(sign, "last"),
        wrong_ended=_step(sign, "ended"),
        wrong_note=string(sign, "note"),
    )


def _run(item: Item) -> Run:
    return Run(
        backend=string(item, "backend"),
        loss=numbers(item, "loss"),
        drift=numbers(item, "drift"),
        predicted=numbers(item, "predicted"),
        first=number(item, "first"),
        last=number(item, "last"),
        share=number(item, "share"),
        ratio=number(item, "ratio"),
        last_ratio=number(item, "last_ratio"),
        within=item.get("within") is not False,
        blind_from=_step(item, "blind_from"),
        ended=_step(item, "ended"),
        note=string(item, "note"),
    )


def _rate(item: Item) -> tuple[str, ...]:
    ends = " → ".join(figures(number(item, end)) for end in ("first", "last"))
    numbers_ = (figures(number(item, name)) for name in ("alpha", "moved", "sharpness"))
    alpha, moved, sharpness = numbers_
    return (_network(item), string(item, "task"), alpha, moved, sharpness, ends, string(item, "outcome"))


def _step(item: Item, name: str) -> int | None:
    return None if item.get(name) is None else whole(item, name)


def _network(item: Item) -> str:
    return " ".join(part for part in (string(item, "structure"), string(item, "activation")) if part)


def grouped(trainings: Iterable[Training]) -> list[list[Training]]:
    """Trainings that differ in their precision alone."""
    of: dict[tuple[str, str, str], list[Training]] = {}
    for one in trainings:
        of.setdefault((one.network, one.task, figures(one.alpha)), []).append(one)
    return list(of.values())
