"""Somebody's own implementation, run where it can harm nothing: a Python file, or a program of any language.

A candidate file defines ``backprop(x, weights, target, activation, task)``, which returns the list of gradients
or a dict with any of output, loss, gradients, updated, and optionally ``update(weights, gradients,
learning_rate)`` and ``accumulates = "storage"``. Where backprop has an argument ``learning_rate``, it is given
that too. A program speaks JSON lines (`harness.candidate.lines`).

The process of a candidate file imports this package too, so nothing of weight is imported here.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cases.case import Case
    from harness.check import Attempt

SIGNATURE = "backprop(x, weights, target, activation, task)"
"""What a candidate file must define."""


class BadCandidate(Exception):
    """A candidate cannot be run at all; the message is a sentence that says which, why, and what to do."""


class Runner(Protocol):
    """A candidate that can be asked about cases, one after another."""

    name: str
    """The file's name without its ending, or the name of the program."""

    accumulates: str
    """Whether it adds products in the format's own accumulator ("format") or in "storage" precision."""

    def ask(self, case: Case) -> Attempt:
        """What it computes for a case, arrays without the stack's axis, or why there is nothing.

        ``output`` (B, N_L), ``loss`` (), ``gradients[l]`` and ``updated[l]`` (N_l, N_{l+1}) if it is right;
        any of them None if it left it out. Shapes, counts, dtypes and values are not judged here.
        """

    def close(self) -> None:
        """End its process and all that it started."""

    def __enter__(self) -> Runner: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
