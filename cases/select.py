"""Which cases to run: by name, by block, by tag, by dtype; what selects nothing is an error."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from cases.case import DTYPES, Case
from cases.faults import counted, did_you_mean, one_of, quoted

TAG = "tag:"
"""Prefix of a pattern that is held against tags instead of the name."""

_MOST_NEAREST = 5
_FARTHEST = 0.3


class SelectionError(ValueError):
    """Nothing sensible can be run: bad usage, whose message is for the user as it stands."""


class NothingSelected(SelectionError):
    """A pattern selects no case. The message names each such pattern and the nearest names."""


class UnknownDtype(SelectionError):
    """No case can have a dtype of this name. The message has the known ones."""


def select(cases: Sequence[Case], patterns: Sequence[str], dtypes: Sequence[str] = ()) -> list[Case]:
    """Return the cases that any of ``patterns`` selects, in the order of ``cases``, each once.

    A pattern is an fnmatch pattern, in which case counts, on the expanded name; or the bare name of a
    block, for all its expansions; or ``tag:`` and an fnmatch pattern on tags. Without patterns all cases
    are selected. ``dtypes``, where there are any, keeps only the cases in one of these.

    Raises UnknownDtype for a dtype that is none, and NothingSelected where one of the patterns, or the
    dtypes, select nothing.
    """
    _require_known(dtypes)
    kept = [case for case in cases if not dtypes or case.dtype in dtypes]
    if dtypes and not kept:
        raise NothingSelected(f"no case is in {' or '.join(dtypes)}")
    lost = [pattern for pattern in patterns if not any(matches(case, pattern) for case in kept)]
    if lost:
        raise NothingSelected("\n".join(_nothing(cases, pattern, dtypes) for pattern in lost))
    return [case for case in kept if not patterns or any(matches(case, pattern) for pattern in patterns)]


def matches(case: Case, pattern: str) -> bool:
    """Say whether ``pattern`` selects ``case``."""
    if pattern.startswith(TAG):
        return any(fnmatchcase(tag, pattern.removeprefix(TAG)) for tag in case.tags)
    return pattern == case.family or fnmatchcase(case.name, pattern)


def _require_known(dtypes: Sequence[str]) -> None:
    for dtype in dtypes:
        if dtype not in DTYPES:
            advice = did_you_mean(dtype, DTYPES)
            message = f"{quoted(dtype)} is not a dtype: expected {one_of(DTYPES)}"
            raise UnknownDtype(f"{message}; {advice}" if advice else message)


def _nothing(cases: Sequence[Case], pattern: str, dtypes: Sequence[str]) -> str:
    elsewhere = sum(matches(case, pattern) for case in cases)
    if elsewhere:
        others = f"it selects {counted(elsewhere, 'case')} in other dtypes"
        return f"{quoted(pattern)} selects no case in {' or '.join(dtypes)}; {others}"
    names = _names(cases, pattern)
    plain = pattern.strip("*?").lower()
    nearest = difflib.get_close_matches(plain, names, n=_MOST_NEAREST, cutoff=_FARTHEST)
    if nearest:
        return f"{quoted(pattern)} selects no case; the nearest names: {', '.join(nearest)}"
    return f"{quoted(pattern)} selects no case; there are: {', '.join(names[:_MOST_NEAREST]) or 'none'}"


def _names(cases: Iterable[Case], pattern: str) -> list[str]:
    """Return the names that ``pattern`` may have meant, each once: of tags, or of blocks and cases."""
    if pattern.startswith(TAG):
        return list(dict.fromkeys(TAG + tag for case in cases for tag in case.tags))
    blocks = [case.family for case in cases]
    return list(dict.fromkeys([*blocks, *(case.name for case in cases)]))
