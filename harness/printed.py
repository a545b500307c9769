"""Rows of printed numbers: what is right, what is a known erratum, and of what is wrong, which mistake comes to it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from cases.case import Case
from cases.faults import did_you_mean
from cases.published import DEPTHS, QUANTITIES, Erratum, Place, Printed
from harness.compare import Comparison
from harness.judge import make_row, valueless
from harness.misprinted import array, causes
from harness.misprints import Reproduced, reproduced
from harness.mistakes import MISTAKES
from harness.published import Figure, as_float, figures
from reports.row import PUBLISHED, Row
from reports.verdict import Verdict

NAMED = 5
"""Wrong figures of one row that are told; of more, how many there are."""

MORE = 3
"""Digits of the exact value that are told beyond the last printed one."""


def published_rows(case: Case) -> list[Row]:
    """A row for each quantity and layer of which a source prints anything; none where it prints nothing."""
    if case.published is None:
        return []
    try:
        found = figures(case)
    except ArithmeticError as error:
        return [valueless(case, PUBLISHED, Verdict.VIOLATION, str(error))]
    errata = {erratum.place: erratum for erratum in case.published.errata}
    doubted = [figure for figure in found if not figure.right or figure.place in errata]
    comes = reproduced(case, doubted) if doubted else {}
    told = {figure.place: _told(n, figure, errata.get(figure.place), comes) for n, figure in enumerate(doubted)}
    why = causes(case, found, doubted, comes) if doubted else {}
    parts: dict[Place, list[Figure]] = {}
    for figure in found:
        parts.setdefault(array(figure.place), []).append(figure)
    return [
        make_row(
            case,
            PUBLISHED,
            (QUANTITIES[place.quantity], place.layer),
            _compared(its, [told.get(f.place) for f in its], why.get(place, "")),
        )
        for place, its in parts.items()
    ]


Told = tuple[bool, str]
"""Of a figure that is wrong or listed: whether it passes, as an erratum that holds, and what is to be said of it."""


def _compared(figures: Sequence[Figure], told: Sequence[Told | None], why: str) -> Comparison:
    wrong = [n for n, its in enumerate(told) if its is not None and not its[0]]
    known = [n for n, its in enumerate(told) if its is not None and its[0]]
    worst = max(wrong or range(len(figures)), key=lambda n: figures[n].share)
    verdict = Verdict.VIOLATION if wrong else Verdict.KNOWN if known else Verdict.EXACT
    sentences = [its[1] for n in (wrong or known)[:NAMED] if (its := told[n]) is not None]
    if left := len(wrong or known) - len(sentences):
        sentences.append(f"and {left} more")
    if wrong and len(figures) > 1:
        sentences[0] = f"{len(wrong)} of {len(figures)} printed figures; {sentences[0]}"
    sentences += [why] if why else []
    off = [abs(figure.printed.value - figure.exact) for figure in figures]
    return Comparison(
        verdict,
        "; ".join(sentences),
        len(figures),
        zero=sum(figure.exact == 0 for figure in figures),
        max_abs=as_float(max(off)),
        max_rel=max((as_float(d / abs(f.exact)) for d, f in zip(off, figures, strict=True) if f.exact), default=0.0),
        share=figures[worst].share,
        worst_index=figures[worst].place.index,
        worst_value=as_float(figures[worst].printed.value),
        worst_exact=as_float(figures[worst].exact),
    )


def _told(n: int, figure: Figure, erratum: Erratum | None, comes: Reproduced) -> Told:
    numbers = f"{_index(figure)}printed {figure.printed.text}, exact {shown(figure.exact, figure.printed)}"
    off = f"{numbers}, {_units(figure)}"
    if erratum is None:
        return False, off
    if figure.right:
        return False, f"{numbers}: right, and so no erratum; take it off the list"
    if not erratum.mistake:
        return True, f"{off}, a listed erratum ({erratum.because})"
    if erratum.mistake not in MISTAKES:
        near = did_you_mean(erratum.mistake, MISTAKES)
        return (
            False,
            f"{off}; listed as the mistake {erratum.mistake}, which is not on gradproof's list; {near}".rstrip("; "),
        )
    what = MISTAKES[erratum.mistake].what
    if n not in comes.get(erratum.mistake, ()):
        return False, f"{off}; listed as the mistake {erratum.mistake}, which does not come to it: {what}"
    return True, f"{off}, a listed erratum: what comes out when {what} (mistake {erratum.mistake})"


def _index(figure: Figure) -> str:
    return f"at {list(figure.place.index)} " if DEPTHS[figure.place.quantity] else ""


def _units(figure: Figure) -> str:
    """``2 units of the last digit off``; of a figure that gets to its last digit in the other way, that."""
    unit = "1 unit" if f"{figure.units:.3g}" == "1" else f"{figure.units:.3g} units"
    other = " (rounded, not cut off)" if figure.rounded else " (cut off, not rounded)" if figure.cut else ""
    return f"{unit} of the last digit off{'' if figure.right else other}"


def shown(exact: Fraction, printed: Printed) -> str:
    """An exact value to MORE digits beyond the last printed one."""
    with localcontext() as context:
        context.prec = 1000  # enough for all that float64 can hold, beyond the longest printed number
        digit = Decimal(printed.unit.numerator) / Decimal(printed.unit.denominator)
        number = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(digit.scaleb(-MORE).normalize())
    return f"{number:e}" if "e" in printed.text.lower() and number else f"{number:f}"
