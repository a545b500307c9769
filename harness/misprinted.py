"""Why the wrong figures of one printed array are what they are: one sentence that holds for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from cases.case import Case
from cases.published import Place, decimal
from harness.misprinted_rate import rate
from harness.misprints import Reproduced, reproduced
from harness.mistakes import MISTAKES
from harness.published import Figure, figures

LIKELY = 3
"""Mistakes that are named for one array, those first that come to most of the case's wrong figures."""

STEP = "updated_weights"

AFTER = (STEP, "total_error_after")
"""What depends on which weights are updated."""


def causes(case: Case, found: Sequence[Figure], doubted: Sequence[Figure], its: Reproduced) -> dict[Place, str]:
    """What is to be said of each array with wrong figures, under the place of the array.

    ``doubted`` are figures that are wrong or listed; ``its`` says which of them, by number, each mistake comes to.
    """
    assert case.published is not None
    listed = {erratum.place for erratum in case.published.errata}
    of: dict[Place, set[int]] = {}
    for n, figure in enumerate(doubted):
        if not figure.right and figure.place not in listed:
            of.setdefault(array(figure.place), set()).add(n)
    ways = {place: _way(case, found, place) for place in of if all(_other_way(doubted[n]) for n in of[place])}
    of = {place: wrong for place, wrong in of.items() if place not in ways}
    speed = _rate(case, found) if any(place.quantity == STEP for place in of) else ""
    told = {place: (speed if place.quantity == STEP else "") or _mistakes(its, wrong) for place, wrong in of.items()}
    after = {place: wrong for place, wrong in of.items() if place.quantity in AFTER}
    told |= _otherwise(case, after, doubted, {place for place in after if told[place]})
    none = {place: f"no mistake on gradproof's list comes to {_them(wrong)}" for place, wrong in of.items()}
    return {**ways, **none, **{place: words for place, words in told.items() if words}}


def array(place: Place) -> Place:
    """The array that a figure stands in."""
    return Place(place.quantity, place.layer)


def _other_way(figure: Figure) -> bool:
    return figure.rounded or figure.cut


def _way(case: Case, found: Sequence[Figure], place: Place) -> str:
    """What to say where the whole array is right if its source gets to the last digit in the other way."""
    assert case.published is not None
    cut = not case.published.cut
    its = [one for one in found if array(one.place) == place]
    if not all(one.cut if cut else one.rounded for one in its):
        return ""
    how, word = ("cuts off", "cut") if cut else ("rounds", "rounded")
    return f'right if the source {how}: say printed = "{word}"'


def _otherwise(
    case: Case, after: Mapping[Place, set[int]], doubted: Sequence[Figure], explained: Collection[Place]
) -> dict[Place, str]:
    """What is right with the biases kept fixed, or trained, where the case says otherwise; or is a mistake there."""
    published, biases = case.published, _biases(case)
    assert published is not None
    told: dict[Place, str] = {}
    kept = tuple(sorted({*published.fixed, *biases}))
    trained = tuple(number for number in published.fixed if number not in biases)
    ways = {
        kept: f"with the biases kept as they are: if the source does not train them, say fixed = {list(kept)}",
        trained: f"with the biases trained too: if the source trains them, say fixed = {list(trained)}",
    }
    for fixed, words in ways.items():
        if not after or fixed == published.fixed:
            continue
        other = replace(case, published=replace(published, fixed=fixed))
        right = {figure.place for figure in figures(other) if figure.right}
        its: Reproduced | None = None
        for place, wrong in after.items():
            if all(doubted[n].place in right for n in wrong):
                told[place] = f"{'it comes' if len(wrong) == 1 else 'they come'} out {words}"
            elif place not in explained:
                its = reproduced(other, doubted) if its is None else its
                if mistakes := _mistakes(its, wrong):
                    told[place] = f"{mistakes}, {words}"
    return told


def _biases(case: Case) -> tuple[int, ...]:
    """The weight arrays, from 1, that are biases."""
    weighted = [link for link in case.chain if link.weighted]
    return tuple(number for number, link in enumerate(weighted, start=1) if link.kind == "bias")


def _rate(case: Case, found: Sequence[Figure]) -> str:
    """The learning rate behind all new weights, where it is another than the case's."""
    assert case.published is not None
    other, own = rate(case, found), decimal(case.learning_rate) / case.published.factor(*case.target.shape)
    if not other or decimal(float(other)) == own:
        return ""
    return f"every printed new weight comes out with a learning rate of {other}"


def _mistakes(its: Reproduced, wrong: set[int]) -> str:
    """Mistakes that come to every wrong figure of an array; "" where there is none."""
    names = sorted((name for name in its if wrong <= its[name]), key=lambda name: -len(its[name]))
    if not names:
        return ""
    told = ", or ".join(f"{MISTAKES[name].what} (mistake {name})" for name in names[:LIKELY])
    more = f", or by {len(names) - LIKELY} more mistakes" if len(names) > LIKELY else ""
    return f"what comes out when {told}{more}"


def _them(wrong: set[int]) -> str:
    return "it" if len(wrong) == 1 else "all of them"
