"""What a ``[[family]]`` block may say: networks drawn from a seed, so many of each structure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import ConfigDict, PlainValidator

from cases.case import DTYPES, Case, expanded_name, finfo, make_case
from cases.chains import narrow_complaint, unused_activation
from cases.draws import Draw, reach
from cases.faults import Complaint
from cases.schema import EXPECTED, Identity, Remarks
from cases.shapes import largest_number
from cases.sizes import (
    BATCH,
    LARGEST_BATCH,
    MOST_DRAWS,
    SCALE,
    SEED,
    WIDTHS,
    Structure,
    ends_of,
    links_in,
    one,
    one_or_several,
    scale_at,
    structures,
    weight_shapes,
    weights_of,
    whole_at,
)

MOST_CASES = 100_000
"""Cases of one block."""

MOST_NUMBERS = 50_000_000
"""Numbers of one block: inputs, targets and weights of every draw, in every dtype."""

FAMILY_EXPECTED = {
    **{key: EXPECTED[key] for key in ("name", "activation", "task")},
    "layers": f'a structure, such as [3, 5, 2] or [6, "dense 5", "bias"], or a list of them: {WIDTHS}',
    "batch": f"{BATCH}, or a list of them",
    "draws": f"a whole number from 1 to {MOST_DRAWS}",
    "seed": SEED,
    "scale": f"{SCALE}, or a list of them",
    "input_scale": SCALE,
    **{key: EXPECTED[key] for key in ("dtype", "learning_rate", "source", "tags", "expect", "shows")},
}
"""Each key of a ``[[family]]`` block, with what its value should be."""


class FamilyIdentity(Identity):
    """The part of a family that names its expansions, readable where the rest is at fault."""

    layers: Annotated[tuple[Structure, ...], PlainValidator(structures)]
    batch: Annotated[
        tuple[int, ...],
        one_or_several(BATCH, lambda value, where: whole_at(value, where, 1, LARGEST_BATCH)),
    ]
    draws: Annotated[int, one(whole_at, 1, MOST_DRAWS)]
    scale: Annotated[tuple[float, ...], one_or_several(SCALE, scale_at)] = (1.0,)

    @property
    def count(self) -> int:
        """How many cases there are."""
        networks = len(self.layers) * len(self.batch) * len(self.scale) * self.draws
        return networks * len(self.activation) * len(self.task) * len(self.dtype)

    @property
    def names(self) -> list[str]:
        """The expanded names, in the order of the cases; none where there are too many."""
        if self.count > MOST_CASES:
            return []
        return [expanded_name(draw.name, *choice) for draw in self._draws() for choice in self.expansions]

    def _draws(self, seed: int = 0, input_scale: float = 1.0) -> Iterator[Draw]:
        product = itertools.product(self.layers, self.batch, self.scale, range(1, self.draws + 1))
        return (Draw(self.name, seed, *choice, input_scale) for choice in product)


class Family(FamilyIdentity, Remarks):
    """One ``[[family]]`` table, each of its values valid by itself."""

    model_config = ConfigDict(extra="forbid")

    seed: Annotated[int, one(whole_at, 0, 2**63 - 1)]
    input_scale: Annotated[float, one(scale_at)] = 1.0

    def complaints(self) -> list[Complaint]:
        """Say what is wrong with the values together: too many cases or numbers, or numbers too large."""
        found = []
        if self.count > MOST_CASES:
            found.append(Complaint("", f"{self.count:,} cases", f"at most {MOST_CASES:,}", "split the family"))
        if self._numbers() > MOST_NUMBERS:
            found.append(Complaint("", f"{self._numbers():,} numbers", f"at most {MOST_NUMBERS:,}", "split the family"))
        narrowest = min(m if links_in(its) is None else min(m, n) for its in self.layers for m, n in weight_shapes(its))
        for dtype in self.dtype:
            largest = float(finfo(DTYPES[dtype]).max)
            reached = {"scale": reach(max(self.scale), narrowest), "input_scale": self.input_scale}
            for key, number in reached.items():
                if number > largest:
                    what = f"numbers as large as {number!r} in {dtype}"
                    found.append(Complaint(key, what, largest_number(dtype)))
        return [*found, *self._of_chains()]

    def _of_chains(self) -> list[Complaint]:
        """Say what chains of other layers cannot have."""
        chains = [links for structure in self.layers if (links := links_in(structure))]
        still = [links for links in chains if all(link.kind != "activation" for link in links)]
        return [
            *([narrow] if chains and (narrow := narrow_complaint(self.dtype)) else []),
            *([unused_activation()] if still and self.activation != ("identity",) else []),
        ]

    def _numbers(self) -> int:
        sizes = (weights_of(its) + batch * sum(ends_of(its)) for its in self.layers for batch in self.batch)
        return sum(sizes) * len(self.scale) * self.draws * len(self.dtype)

    def cases(self) -> list[Case]:
        """Return every draw with every choice of activation, task and dtype, the last changing fastest.

        All choices of a draw share the draw's arrays, once rounded to each dtype.
        """
        return [case for draw in self._draws(self.seed, self.input_scale) for case in self._cases_of(draw)]

    def _cases_of(self, draw: Draw) -> Iterator[Case]:
        x, target, weights = draw.input(), draw.target(), draw.weights()
        rounded = {
            dtype: make_case(
                draw.name,
                self.activation[0],
                self.task[0],
                dtype,
                x=x,
                target=target,
                weights=weights,
                learning_rate=self.learning_rate,
                source=self.source,
                tags=self.tags,
                expect=self.expect,
                shows=self.shows,
                links=draw.links,
            )
            for dtype in self.dtype
        }
        for activation, task, dtype in self.expansions:
            name = expanded_name(draw.name, activation, task, dtype)
            yield replace(rounded[dtype], name=name, family=self.name, activation=activation, task=task)
