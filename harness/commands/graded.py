"""What ``gradproof grade`` prints: what is right, the first wrong term, the mistake, the smallest case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.text import Text

from cases.case import Case
from cases.written import toml
from harness.candidate.lines import request
from harness.check import Refusal
from harness.grading.answers import Answer, covering
from harness.grading.diagnosis import Diagnosis
from harness.grading.exam import Together
from reports.verdict import Verdict
from reports.wording import apart, counted, plain

ENTRIES = 12
"""Wrong entries of the smallest case that are printed."""

LARGEST = 200
"""Weights of a case that is still printed ready to paste."""


def show(found: Diagnosis, name: str, program: str | None, to: Console) -> None:
    """Print a diagnosis; ``program`` is the command, where the candidate is one."""
    for line in lines(found, name, program):
        style = "bold" if line and not line.startswith(" ") else ""
        to.print(Text(line, style=style), soft_wrap=True)


def lines(found: Diagnosis, name: str, program: str | None = None) -> Iterator[str]:
    """Every line of the answer; those of a section are indented."""
    covered = covering(found.answers)
    unasked = sum(not answer.asked for answer in found.answers)
    declined = len(found.answers) - len(covered) - unasked
    that = f" that it covers, of {len(found.answers)}" if declined else ""
    if not covered:
        yield f"? {name} covers none of the {counted(len(found.answers), 'case')}, so nothing was checked."
        yield from _declined(found)
        return
    if not found.failing:
        scope = counted(len(covered), "case") + that
        where = f"on all {scope}" if len(covered) > 1 else f"on the one case{that}"
        yield f"✓ {name} is right {where}: every entry lies within its rounding bound of the exact value."
        yield from _quantities(found)
        yield from _declined(found)
        return
    yield f"✗ {name} is wrong on {len(found.failing)} of {counted(len(covered), 'case')}{that}."
    yield from _refusals(found)
    if unasked:
        yield f"  not asked: {counted(unasked, 'case')}, since it had died too often"
    if found.right:
        yield ""
        yield "Right in"
        yield from _quantities(found)
    if declined:
        yield from _declined(found)
    if found.first:
        yield ""
        yield "The first wrong term, from the input to the output and back"
        for wrong in found.first[:4]:
            yield f"  {wrong.term} ({wrong.equation}): in {counted(wrong.cases, 'case')}"
        if len(found.first) > 4:
            yield f"  … and {len(found.first) - 4} more"
    yield from _memory(found)
    yield from _like(found)
    yield from _smallest(found, program)


def _quantities(found: Diagnosis) -> Iterator[str]:
    width = max((len(name) for name, _, _ in found.right), default=0)
    for name, right, count in found.right:
        yield f"  {'✓' if right == count else '✗'} {name:{width}}  {right} of {counted(count, 'case')}"
    covered = covering(found.answers)
    given = sum(any(quantity == "gradient" for quantity, _ in answer.values) for answer in covered)
    if found.right and given < len(covered):
        yield f"  ? gradients were returned on {given} of {counted(len(covered), 'case')}: no more is known of them"


def _declined(found: Diagnosis) -> Iterator[str]:
    reasons = Counter(
        answer.attempt.reason
        for answer in found.answers
        if isinstance(answer.attempt, Refusal) and answer.attempt.verdict == Verdict.UNSUPPORTED
    )
    for reason, count in reasons.most_common(3):
        yield f"  not covered: {counted(count, 'case')}: {plain(reason)}"
    if len(reasons) > 3:
        yield f"  … and {counted(len(reasons) - 3, 'other reason')}"


def _refusals(found: Diagnosis) -> Iterator[str]:
    """Whatever gave no values, or values of a wrong form: the sentence, and how often."""
    said: Counter[str] = Counter()
    for answer in found.failing:
        if (sentence := _sentence(answer)) is not None:
            said[sentence.replace(answer.case.name, "the case")] += 1
    for text, count in said.most_common(5):
        yield f"  {plain(text)}  ({counted(count, 'case')})"
    if len(said) > 5:
        yield f"  … and {counted(len(said) - 5, 'other such sentence')}"


def _sentence(answer: Answer) -> str | None:
    """What is wrong with the form of an answer; None where its numbers are wrong, or where it is right."""
    if isinstance(answer.attempt, Refusal):
        return f"{answer.attempt.verdict}: {answer.attempt.reason}"
    for (quantity, layer), row in answer.wrong.items():
        if row.verdict == Verdict.MALFORMED:
            keep = "; keep the dtype of x and the weights" if row.detail.startswith("dtype") else ""
            return f"malformed: {quantity}{f' of layer {layer}' if layer else ''}: {row.detail}{keep}"
        if row.verdict == Verdict.NONFINITE:
            return f"nonfinite: {row.verdict.meaning}"
        if row.verdict == Verdict.CONVENTION and len({q[0] for q in answer.wrong} - {"update"}) == 1:
            taken = f"on the kink it takes {' or '.join(row.members)}, where {answer.member} is listed"
            return f"convention: a legal subgradient, but not the listed one: {taken}"
    return None


def _memory(found: Diagnosis) -> Iterator[str]:
    memory = found.memory
    if memory is None or not (memory.kept or memory.unsteady):
        return
    yield ""
    if memory.kept:
        after = "a second time" if memory.twice else "after other cases"
        yield "Something is kept between calls"
        yield f"  In a fresh process a case is right when it is asked first, and wrong when it is asked {after}."
    else:
        yield "It is not steady"
        yield "  Asked twice about the same case, it gave two different answers: is something random, or dropout, on?"


def _like(found: Diagnosis) -> Iterator[str]:
    if not any(answer.values for answer in found.failing):
        return
    yield ""
    if found.like:
        best = found.like[0]
        yield f"It looks like {'two mistakes at once' if len(best) > 1 else 'a known mistake'}: {_names(best)}"
        for mistake in best:
            yield f"  {mistake.name}: {mistake.what} (breaks {mistake.equations})"
            yield f"    what to do: {mistake.fix}"
        if any(mistake.rounding for mistake in best):
            yield "  Its errors are no larger than that would make them, and mostly larger than rounding explains:"
            yield "  a small constant, such as an epsilon, or a difference quotient may look the same."
        else:
            yield "  Every array that it returned agrees with that within the rounding bound, wherever it answered."
        if others := found.like[1:]:
            named = ", or ".join(_names(other) for other in others[:5])
            more = f", and {len(others) - 5} more" if len(others) > 5 else ""
            yield f"  On these cases that cannot be told from {named}{more}."
    elif found.memory is not None and found.memory.kept:
        yield "What it would be without that was not looked for: clear what is kept, and grade it again"
    else:
        yield "It looks like no mistake on the list, nor two of them at once (gradproof list mistakes)"
    yield from (f"  {clue}" for clue in found.clues)
    if found.pattern is not None:
        yield f"  It is {found.pattern.text}."


def _names(together: Together) -> str:
    return " and ".join(mistake.name for mistake in together)


def _smallest(found: Diagnosis, program: str | None) -> Iterator[str]:
    answer = found.smallest
    if answer is None:
        return
    yield ""
    second = found.memory is not None and found.memory.twice
    yield f"The smallest case that shows it{', asked a second time' if second else ''}: {answer.case.name}"
    yield from _entries(answer)
    if sum(w.size for w in answer.case.weights) > LARGEST:
        return
    yield ""
    yield "Ready to paste into a case file (gradproof grade … --cases FILE)"
    yield from (f"  {line}" for line in toml([answer.case]).splitlines())
    yield ""
    if program is not None:
        yield "Ready to paste into a shell"
        yield f"  echo '{request(answer.case, answer.case.name).decode().strip()}' | {program}"
        return
    yield "Ready to paste into Python"
    yield from (f"  {line}" for line in _python(answer.case))
    if second:
        yield f"  {list(_python(answer.case))[-1]}  # what is kept shows in the second answer"


def _entries(answer: Answer) -> Iterator[str]:
    """The wrong entries, each beside the exact value."""
    shown = 0
    for (quantity, layer), row in answer.wrong.items():
        values, standard = answer.values.get((quantity, layer)), answer.standards.get((quantity, layer))
        place = f"{quantity}{f' of layer {layer}' if layer else ''}"
        if values is None or standard is None or np.shape(values) != standard.bound.shape:
            yield f"  {place}: {plain(row.detail)}"
            continue
        array = np.asarray(values, np.float64)
        for index in np.ndindex(array.shape):
            value, exact, bound = float(array[index]), float(standard.exact.high[index]), float(standard.bound[index])
            if abs(value - exact) <= bound:
                continue
            if shown == ENTRIES:
                yield "  …"
                return
            shown += 1
            yours, right = apart(value, exact)
            at = f"[{', '.join(map(str, index))}]" if index else ""
            times = f"{value / exact:.6g}" if exact else "1"
            ratio = f", {times} times" if times != "1" else ""
            yield f"  {place} {at}: yours {yours}, exact {right}{ratio} (rounding explains {bound:.1e})"
    if not shown and answer.failure is not None:
        yield f"  {plain(answer.failure)}"


def _python(case: Case) -> Iterator[str]:
    def array(values: object) -> str:
        return f"np.array({np.asarray(values).astype(float).tolist()}, np.{case.dtype})"

    yield "import numpy as np"
    yield f"x, target = {array(case.x)}, {array(case.target)}"
    yield f"weights = [{', '.join(array(w) for w in case.weights)}]"
    yield f'print(backprop(x, weights, target, "{case.activation}", "{case.task}"))'
