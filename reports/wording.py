"""How numbers, values, places and foreign text are written for people, everywhere alike."""

from __future__ import annotations

import math
import unicodedata

from reports.record import Row

NOTHING = "–"
"""Stands where there is no value."""

WEIGHTLESS = ("σ", "normalisation", "softmax")
"""Links of a chain without weights, as a row has them."""

_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def ulps(value: float | None) -> str:
    """Write a distance in two digits: ``0``, ``0.5``, ``3.2``, ``120``, ``1.2e+05``, ``inf``."""
    if value is None:
        return NOTHING
    return f"{value:.0f}" if 99.5 <= abs(value) < 9999.5 else f"{value:.2g}"


def share(value: float | None) -> str:
    """Write error over bound in two digits; near 1 in as many as show on which side of 1 it is, four decimals at most.

    Next to 1 that is 0.9999 or 1.0001: 1 is written where it is 1, and nowhere else.
    """
    text = ulps(value)
    if value is None or text != "1" or value == 1:
        return text
    near = [f"{value:.{decimals}f}" for decimals in (2, 3, 4)]
    return next((text for text in near if float(text) != 1), "0.9999" if value < 1 else "1.0001")


def apart(value: float | None, exact: float | None) -> tuple[str, str]:
    """Write two values alike, with digits enough to tell them apart: six, or two after they part."""
    if value is None or exact is None:
        return tuple(NOTHING if x is None else f"{x:.17g}" for x in (value, exact))  # type: ignore[return-value]
    figures = 17
    if value != exact:
        figures = max((n for n in range(1, 17) if f"{value:.{n}g}" == f"{exact:.{n}g}"), default=0) + 3
    figures = min(max(figures, 6), 17)
    return f"{value:.{figures}g}", f"{exact:.{figures}g}"


def place(quantity: str | None, layer: int, index: tuple[int, ...] | None, link: str = "") -> str:
    """Say which entry: ``gradient, layer 2, index [0, 1]``; counted as in `Row`. Of a chain, of which ``link`` too."""
    parts = [quantity or "no values"]
    if layer:
        parts.append(f"layer {layer}{link and f' ({link})'}")
    if index:  # of a scalar there is none
        parts.append(f"index [{', '.join(map(str, index))}]")
    return ", ".join(parts)


def where(row: Row) -> str:
    """Say which entry of its case a row's worst is; in a scan, at which input."""
    if row.x:
        return f"{row.quantity} at x = {row.x}"
    return place(row.quantity, row.layer, row.worst_index, _link(row))


def _link(row: Row) -> str:
    """Of a chain, the link that a layer of weights belongs to: ``link 5, scale``; empty in the plain network."""
    words = row.layers.split("-")[1:]
    if all(word.isdigit() for word in words):
        return ""
    weighted = [(i, word) for i, word in enumerate(words, start=1) if word not in WEIGHTLESS]
    if not 0 < row.layer <= len(weighted):
        return ""
    number, word = weighted[row.layer - 1]
    return f"link {number}, {word}"


def percent(part: float | None) -> str:
    """Write a part of 1 in percent, in two digits: ``0 %``, ``0.47 %``, ``21 %``."""
    return NOTHING if part is None or math.isnan(part) else f"{ulps(100 * part)} %"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun: ``1 case``, ``3,120 entries``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def plain(text: str) -> str:
    """Make foreign text one line of visible characters: an escape code, say, becomes ``\\x1b``."""
    return visible(" ".join(text.split()))


def visible(text: str) -> str:
    """Make control and format characters visible, all but line feeds and tabs."""
    return text if text.isprintable() else "".join(map(_visible, text))


def clipped(text: str, length: int) -> str:
    """Make foreign text `plain`, and cut it to ``length`` characters with an ellipsis."""
    text = plain(text[: 2 * length + 1000])
    return text if len(text) <= length else text[: length - 1] + "…"


def _visible(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN and character not in "\n\t"
    return character.encode("unicode_escape").decode("ascii") if hidden else character
