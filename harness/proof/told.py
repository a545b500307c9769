"""What ``gradproof prove --mistake`` and ``--reading`` say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.proof.refuted import ANY, Refuted

DERIVATIVE = "∂ℰ"
"""How the name of a derivative begins."""

TRIED = "at the numbers tried"

NAMED = 15
"""How many derivatives are named one by one."""


def told(title: str, text: str, found: Sequence[Refuted], rounding: bool = False) -> Iterator[str]:
    """Lines: is it the derivative, where not, and the difference as a formula."""
    wrong = [one for one in found if one.wrong]
    if rounding:
        yield f"{title}: in exact numbers it is no mistake at all, so no proof can see it; gradproof grade does."
        yield f"  {text}"
        return
    if not wrong:
        yield f"{title}: nothing differs {TRIED}."
        yield f"  {text}"
        yield "  It shows only in special places, such as exactly on a kink, where there is no derivative: gradproof"
        yield "  grade and the kill matrix of gradproof run have cases there."
        return
    first = wrong[0]
    right = not first.fault and not any(name.startswith(DERIVATIVE) for name in first.different)
    why = "the derivatives are right, but not what is made of them" if right else "not the derivative of S11"
    yield f"✗ {title}: refused, {why}."
    yield f"  {text}"
    yield ""
    sigma = "" if first.activation == ANY else f", {first.activation} at hidden nodes"
    yield f"{first.structure}, {first.task}{sigma}: {_share(first)}{_as_formulas(first)}"
    shown = [name for name in first.different if right or name.startswith(DERIVATIVE)]
    if shown:
        yield f"  not 0: {', '.join(shown[:NAMED])}" + (f" and {len(shown) - NAMED} more" if len(shown) > NAMED else "")
    yield from (f"  {name} is off by {formula}" for name, formula in first.formulas)
    others = [f"{one.structure}, {one.task}: {_share(one)}" for one in found if one is not first]
    if others:
        yield ""
        yield from others


def _as_formulas(one: Refuted) -> str:
    """What differs somewhere is another formula; it need not differ for every σ, as with σ = identity."""
    if one.fault:
        return ""
    unknown = "σ_H and σ_O" if one.task == "classification" else "σ_H"
    return f" as formulas in {unknown}, as they do {TRIED}" if one.activation == ANY else f" {TRIED}"


def _share(one: Refuted) -> str:
    """``15 of 25 derivatives differ``; where none does, what else."""
    if one.fault:
        return one.fault
    if not one.different:
        return f"nothing differs {TRIED}"
    for prefix, plural in ((DERIVATIVE, "derivatives differ"), ("w'", "new weights differ")):
        its = [name for name in one.different if name.startswith(prefix)]
        if its:
            return f"{len(its)} of {sum(name.startswith(prefix) for name in one.names)} {plural}"
    return f"{', '.join(one.different)} {'differs' if len(one.different) == 1 else 'differ'}"
