"""The verdicts: one word for what happened, what it means, and what to do."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What a comparison with the exact value came to, from best to worst."""

    EXACT = "exact"
    ROUNDING = "rounding"
    CONVENTION = "convention"
    KNOWN = "known"
    BLIND = "blind"
    UNSUPPORTED = "unsupported"
    RANGE = "range"
    VIOLATION = "violation"
    NONFINITE = "nonfinite"
    MALFORMED = "malformed"
    TIMED_OUT = "timed-out"
    CRASHED = "crashed"

    @property
    def meaning(self) -> str:
        """What it means, in a sentence."""
        return _TEXTS[self][0]

    @property
    def remedy(self) -> str:
        """What to do about it, in a sentence."""
        return _TEXTS[self][1]

    @property
    def severity(self) -> int:
        """Position from best (0) to worst; a case's verdict is that of its worst row."""
        return _SEVERITY[self.value]


_SEVERITY = {verdict.value: position for position, verdict in enumerate(Verdict)}

_TEXTS = {
    Verdict.EXACT: (
        "every entry is the exact value, rounded once",
        "nothing to do",
    ),
    Verdict.ROUNDING: (
        "every entry lies within the rounding bound of the exact value",
        "nothing to do",
    ),
    Verdict.CONVENTION: (
        "exactly on a kink, one of its legal derivatives was chosen",
        "nothing to do where it is the listed one; otherwise choose the listed one or list yours",
    ),
    Verdict.KNOWN: (
        "outside the bound, but inside the measured limit of a listed deviation; of a printed number, a listed erratum",
        "nothing to do; the row says where it was reported",
    ),
    Verdict.BLIND: (
        "the bound is as large as the values themselves: not even a sign was checked",
        'use a wider dtype or a tamer network, or say expect = "blind" in the case',
    ),
    Verdict.UNSUPPORTED: (
        "this backend does not cover the case",
        "nothing to do, or choose another backend",
    ),
    Verdict.RANGE: (
        "an intermediate value leaves the format's range in any implementation",
        'scale the case, use a wider dtype, or say expect = "range" in the case',
    ),
    Verdict.VIOLATION: (
        "at least one entry lies further from the exact value than rounding can explain",
        "the implementation is wrong here: start from the entry named",
    ),
    Verdict.NONFINITE: (
        "NaN or infinity where the exact value is an ordinary number",
        "look for an overflow, 0/0 or inf - inf in the implementation",
    ),
    Verdict.MALFORMED: (
        "wrong shape, dtype or number of arrays",
        "return one array a weight matrix, of its shape and of the case's dtype",
    ),
    Verdict.TIMED_OUT: (
        "no answer within the time limit",
        "run the case alone, or raise the limit",
    ),
    Verdict.CRASHED: (
        "the backend raised an error or died",
        "run the case alone to see the error",
    ),
}  # fmt: skip
