"""Question 2: certifying every entry on three backends, against gradcheck and check_grads."""

from __future__ import annotations

from collections.abc import Callable

from harness.bench.networks import Size
from harness.bench.served import Server, threads
from harness.bench.timing import alternate
from reports.bench.record import CPU, Figure, Part, Ratio, Target

REPEATS = 5

SMALL, MIDDLE, LARGE = Size((3, 5, 2), 1), Size((64, 32, 10), 8), Size((784, 128, 10), 1)

SECONDS = 0.5
"""How long a turn goes on at least."""

PEERS = ("gradcheck", "check_grads")


def measure(rounds: int, quick: bool, told: Callable[[str], None]) -> Part:
    """Measure; ``quick`` leaves the largest network out, on which gradcheck alone takes twenty seconds."""
    figures: list[Figure] = []
    ratios: list[Ratio] = []
    targets: list[Target] = []
    for its in (SMALL, MIDDLE) if quick else (SMALL, MIDDLE, LARGE):
        with Server("harness.bench.certified", {"layers": its.layers, "batch": its.batch}, threads(1)) as server:
            contestants = {name: server.contestant(name, SECONDS) for name in ("gradproof", *PEERS)}
            series = alternate(its.title, contestants, rounds, told)
        figures += series.figures()
        against = {name: series.ratio(name, "gradproof") for name in PEERS}
        ratios += (*against.values(), *(series.ratio(name, "gradproof", CPU) for name in PEERS))
        if its is SMALL:
            statement = "no slower than gradcheck on 3-5-2"
            targets.append(Target(statement, against["gradcheck"].median, 1, least=True, unit="times as fast"))
        if its is LARGE:
            statement = "100 times faster than gradcheck on 784-128-10"
            targets.append(Target(statement, against["gradcheck"].median, 100, least=True, unit="times as fast"))
    return Part(
        "certifying",
        "Certifying every entry, against gradcheck and check_grads",
        "gradproof: the exact value and the bound of one case, its gradient by reference, torch and jax, and every "
        "entry of each held against them. gradcheck: torch.autograd.gradcheck in float64, default settings, torch "
        "alone. check_grads: jax.test_util.check_grads(order=1, modes=['rev']), jax alone, along random directions. "
        "All in one process that has imported everything, on one thread, each call on other numbers; sigmoid, "
        "classification.",
        tuple(figures),
        tuple(ratios),
        tuple(targets),
    )
