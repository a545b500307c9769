"""gradproof's part in certifying, beside the other two: all in one process, which has imported everything for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from cases.case import Case
from harness.backends import load
from harness.bench.jax import check_grads
from harness.bench.networks import Size, size
from harness.bench.served import Task
from harness.bench.torch import gradcheck
from harness.check import check
from harness.gate import AGREES
from harness.stack import Stack

BACKENDS = ("reference", "torch", "jax")


class Disagrees(Exception):
    """A gradient was not certified: there is nothing to be measured then."""


def certify(case: Case, backends: Sequence[Any]) -> int:
    """Exact value and bound, three backends, and every entry compared; the number of entries.

    Raises Disagrees where one of them is wrong, or was not compared.
    """
    (rows,) = check(Stack((case,)), backends)
    for row in rows:
        if row.verdict not in AGREES or not row.entries:
            raise Disagrees(f"{row.case}, {row.backend}, {row.quantity}: {row.verdict}: {row.detail}")
    return sum(row.entries for row in rows)


def tasks(setting: Mapping[str, Any]) -> dict[str, Task]:
    """The three checks on networks of the layers and the batch given: no two calls have the same numbers."""
    backends, drawn = [load(name) for name in BACKENDS], draws(size(setting["layers"], setting["batch"]))
    checks: dict[str, Callable[[Case], object]] = {
        "gradproof": lambda case: certify(case, backends),
        "gradcheck": gradcheck,
        "check_grads": check_grads,
    }

    def prepare(number: int) -> list[Case]:
        return [next(drawn) for _ in range(number)]

    return {name: Task(do, prepare) for name, do in checks.items()}


def draws(of: Size) -> Iterator[Case]:
    """One network after another of a size."""
    return (of.draw(number) for number in count(1))
