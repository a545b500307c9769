"""Text with formulas in it, for a page: what is raised or lowered stands so, and no number breaks at its exponent."""

from __future__ import annotations

import re
from functools import partial

from markupsafe import Markup, escape

from reports.wording import visible

_RAISED = re.compile(r"\^(?:\{([^{}]*)\}|(\d+|[A-Z]+|[^\W_]))")
_LETTER = r"(?:(?<=(?<![^\W_])[^\W\d_])|(?<=Δ[^\W\d_]))"
_LOWERED = re.compile(rf"_\{{([^{{}}]*)\}}|{_LETTER}_([0-9]+|[A-Za-z]{{1,2}})(?![^\W²]|_)")
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?e[-+]\d+(?!\w)")


def prose(text: str) -> Markup:
    """Escape foreign text, and write ``W^{l,l+1}``, ``e^x`` and ``N_O`` as they are printed; names stay as they are."""
    found = str(escape(visible(text)))
    found = _NUMBER.sub(r'<span class="nowrap">\g<0></span>', found)
    found = _LOWERED.sub(partial(_set, "sub"), found)
    return Markup(_RAISED.sub(partial(_set, "sup"), found))


def _set(tag: str, its: re.Match[str]) -> str:
    return f"<{tag}>{its[1] or its[2]}</{tag}>"
