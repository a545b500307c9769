"""``gradproof grade``: judge and diagnose somebody's own implementation."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from cases.case import ACTIVATIONS, Case
from cases.known import Convention
from harness.candidate import BadCandidate, Runner
from harness.candidate.opening import open_command, open_file
from harness.check import Attempt
from harness.commands import UserError
from harness.commands.graded import show
from harness.commands.inputs import choose, read_cases
from harness.grading.answers import Answer
from harness.grading.diagnosis import Diagnosis, Memory, diagnose, memory_of, probed
from harness.grading.exam import Exam, ask
from harness.numbers.running_sigma import members
from harness.progress import progress
from reports.terminal import console
from reports.wording import counted

WIDE = ("float64", "float32")
"""Precisions that a candidate is asked in unless told otherwise."""


def command(
    file: Path | None,
    program: str | None,
    files: tuple[Path, ...],
    dtypes: tuple[str, ...],
    every: bool,
    conventions: tuple[str, ...],
    timeout: float,
) -> int:
    """Ask a candidate about the cases, print what came of it, and return the exit code."""
    if (file is None) == (program is None):
        raise UserError('name a Python file, or give a program with --command "CMD"; see gradproof grade --help')
    listed = [_convention(text) for text in conventions]
    patterns = () if every or files else ("tag:grade",)
    chosen = _plain(choose(read_cases(files), patterns, dtypes or (() if files else WIDE)))
    cases = sorted(chosen, key=lambda case: "slides" not in case.tags)  # the first call is about an ordinary case

    def start() -> Runner:
        return open_file(file, timeout) if file is not None else open_command(str(program), timeout)

    try:
        with start() as runner:
            found = grade(start, runner, Exam(cases, runner.accumulates, listed))
            name = str(program) if file is None else str(file)
    except BadCandidate as error:
        raise UserError(str(error)) from error
    show(found, name, program, console(sys.stdout))
    return found.exit_code


def _plain(cases: list[Case]) -> list[Case]:
    """Those of the plain network, which is what a candidate is called with. Raises UserError where there is none."""
    plain = [case for case in cases if case.links is None]
    if not plain:
        raise UserError("a candidate is asked about the plain network (dense, σ, dense, …); these are other chains")
    if len(plain) < len(cases):
        left = counted(len(cases) - len(plain), "case")
        print(f"{left} of other chains than the plain network left out", file=sys.stderr)
    return plain


def grade(start: Callable[[], Runner], runner: Runner, exam: Exam) -> Diagnosis:
    """Ask about every case; where something is wrong, ask some cases twice, and look for what it is like."""
    with progress(len(exam.cases)) as advance:
        attempts = ask(runner, exam.cases, advance)
    answers = _again(runner, exam, exam.judged(runner.name, attempts))
    memory, second = _twice(start, exam, answers) if any(a.failure and a.values for a in answers) else (None, ())
    return diagnose(exam, answers, memory, second, lambda what: print(f"looking for {what} …", file=sys.stderr))


def _again(runner: Runner, exam: Exam, answers: list[Answer]) -> list[Answer]:
    """Where all is right, ask a few cases again: the answer that counts is then the later one."""
    cases = probed(answers)
    if any(answer.failure for answer in answers) or not cases:
        return answers
    later = exam.judged(runner.name, ask(runner, cases), cases)
    wrong = {answer.case.name: answer for answer in later if answer.failure}
    return [wrong.get(answer.case.name, answer) for answer in answers]


def _twice(start: Callable[[], Runner], exam: Exam, answers: Sequence[Answer]) -> tuple[Memory, tuple[Answer, ...]]:
    """Ask a few cases twice, each by a fresh process: what is kept between calls shows in the second answer."""
    cases = probed(answers)
    attempts: list[tuple[Attempt, Attempt]] = []
    for case in cases:
        with start() as runner:
            attempts.append((runner.ask(case), runner.ask(case)))
    first, second = (exam.judged("candidate", [pair[n] for pair in attempts], cases) for n in (0, 1))
    with start() as runner:
        fresh = runner.ask(cases[0])
    return memory_of(answers, first, second, attempts, fresh), tuple(second)


def _convention(text: str) -> Convention:
    """``relu=right`` as a row that every backend is held to. Raises UserError."""
    activation, _, member = text.partition("=")
    if activation not in ACTIVATIONS or member not in members(activation):
        legal = members(activation) if activation in ACTIVATIONS else ("left", "right", "mean")
        raise UserError(
            f"--convention {text}: write ACTIVATION=MEMBER, such as relu=right; "
            f"the members are {', '.join(legal)}"
            + ("" if activation in ACTIVATIONS else f", the activations {', '.join(ACTIVATIONS)}")
        )
    row = {"activation": activation, "backend": "candidate", "versions": "", "member": member, "what": "--convention"}
    return Everybody.model_validate(row)


class Everybody(Convention):
    """A convention for whoever is graded."""

    def concerns(self, backend: str) -> bool:
        """Yes."""
        return True
