"""Question 3: one gradient by the reference, against torch eager, JAX jit and the bare matrix products."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from harness.bench.networks import Size
from harness.bench.served import Server, threads
from harness.bench.timing import Series, alternate
from reports.bench.record import CPU, Figure, Part, Ratio, Target

REPEATS = 7

SIZES = (
    Size((3, 5, 2), 1),
    Size((64, 32, 10), 8),
    Size((784, 128, 10), 32),
    Size((512, 512, 512), 128),
    Size((2048, 2048, 2048), 256),
)

QUICK = (SIZES[0], SIZES[1], Size((256, 256, 256), 64))

THREADS = (1, 2)

SECONDS = 0.25
"""How long a turn goes on at least."""

FRAMEWORKS = ("torch", "jax")

SERVED = {
    "reference": "harness.bench.reference",
    "torch": "harness.bench.torch",
    "jax": "harness.bench.jax",
    "products": "harness.bench.reference",
}
"""Contestants, and the module that each is in: a process for each, which imports no other's framework."""


def measure(rounds: int, quick: bool, told: Callable[[str], None]) -> Part:
    """Measure every size on one thread and on two."""
    sizes = QUICK if quick else SIZES
    figures: list[Figure] = []
    ratios: list[Ratio] = []
    slower: list[Ratio] = []
    bare: list[Ratio] = []
    for its in sizes:
        for number in THREADS:
            series = _setting(its, number, rounds, told)
            against = series.over_faster("reference", FRAMEWORKS), series.ratio("reference", "products")
            figures += series.figures()
            ratios += (*against, series.over_faster("reference", FRAMEWORKS, CPU))
            slower.append(against[0])
            bare += against[1:] if its is sizes[-1] else ()
    worst, most = (max(found, key=lambda ratio: ratio.median) for found in (slower, bare))
    targets = [Target(f"no slower than the faster framework at any size; {_at(worst)}", worst.median, 1)]
    targets.append(Target(f"within 1.2 times the bare products at the largest; {_at(most)}", most.median, 1.2))
    return Part(
        "gradient",
        "One gradient, against torch, JAX and the bare products",
        "reference: forward and backward by the text of reference/ on NumPy arrays. torch: forward, mean square and "
        "torch.autograd.grad in eager mode. jax: jax.jit of jax.grad, compiled before. products: the matrix products "
        "that any gradient needs, by NumPy, and nothing else. float64, sigmoid, classification; each in a process of "
        "its own, with the number of threads set before anything is imported. Processor time over time says how "
        "many threads were really at work.",
        tuple(figures),
        tuple(ratios),
        tuple(targets),
    )


def _setting(its: Size, number: int, rounds: int, told: Callable[[str], None]) -> Series:
    setting = {"layers": its.layers, "batch": its.batch, "threads": number}
    with ExitStack() as open_:
        contestants = {
            name: open_.enter_context(Server(module, setting, threads(number))).contestant(name, SECONDS)
            for name, module in SERVED.items()
        }
        return alternate(f"{its.title}, {number} thread{'s' if number > 1 else ''}", contestants, rounds, told)


def _at(ratio: Ratio) -> str:
    return f"worst at {ratio.setting}"
