"""Candidates in files: what is right passes, what is wrong is told of use, what misbehaves ends in a sentence."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest

from cases.loader import catalogue, load
from cases.select import select
from harness.candidate import BadCandidate
from harness.candidate.opening import open_command, open_file
from harness.commands.grade import grade
from harness.commands.graded import lines
from harness.grading.diagnosis import Diagnosis
from harness.grading.exam import Exam, ask
from tests.sampling import some

ROOT = Path(__file__).parents[2] / "candidates"

RIGHT, WRONG, MISBEHAVING = (sorted((ROOT / folder).glob("*.py")) for folder in ("right", "wrong", "misbehaving"))

EXPECT: dict[str, dict[str, Any]] = tomllib.loads((ROOT / "misbehaving" / "EXPECT.toml").read_text("utf-8"))

NAMED = {
    "as_printed": "no-scale",
    "batch_twice": "batch-averaged-twice",
    "climbs": "uphill",
    "counts_the_inputs": "inputs-counted",
    "cross_entropy_habit": "no-output-slope",
    "error_turned_round": "wrong-sign",
    "forgot_batch": "batch-summed",
    "gradients_pile_up": "accumulated",
    "guided": "only-positive-errors",
    "half_and_no_slope": "no-factor no-output-slope",
    "hidden_slope_squared": "outputs-summed slope-twice",
    "last_matrix_never_updated": "output-not-updated",
    "last_sample_wins": "last-sample-only",
    "list_the_wrong_way": "layers-reversed",
    "momentum": "momentum",
    "oriented_by_shape": "untransposed",
    "outer_of_means": "means-multiplied",
    "outer_with_inputs": "input-for-h",
    "sigmoid_at_every_output": "slope-at-linear-output",
    "silu_with_z_for_h": "product-rule",
    "single_precision_sums": "float32-inside",
    "slope_of_the_output": "slope-at-h",
    "two_signs": "wrong-sign uphill",
    "weights_already_moved": "updated-weights-own-rate",
}
"""Wrong candidates whose mistake is on the list, though whoever wrote them had not seen it."""

TOLD = {
    "first_matrix_still_scaled": "1024 times",
    "width_of_the_first_layer": "N_O/N_1 times",
    "loss_not_averaged": "B times",
    "hardsigmoid_of_another_library": "only with hardsigmoid",
    "weight_decay": "0.0001 times the weights",
    "rounded_for_display": "6 decimals",
    "forward_remembered": "kept between calls",
    "elu_without_one": "only with elu",
    "gelu_digits_swapped": "only with gelu_tanh",
    "relu_by_division": "`kink`",
    "sigmoid_by_exp_over_exp": "`overflow`",
    "slope_skipped_between": "two or more hidden layers",
    "shared_buffer": "two layers are of one width",
    "half_precision_activations": "in float32",
    "smoothed_labels": "only in classification",
    "first_node_left_out": "gradient of layer 1 [0, 0]: yours 0,",
}
"""What the answer says of some whose mistake is on no list."""

TELLING = {*NAMED, *TOLD}
"""Those whose answer is looked at."""

NEVER = {"hangs", "hangs_and_ignores_sigterm", "hangs_at_import", "hangs_at_the_second_case", "sleeps"}
"""Those that never answer: waiting longer for them only costs time, which the others are given."""


@pytest.fixture(scope="module")
def small() -> Exam:
    """The deck's own cases."""
    return Exam(select(load(catalogue()), ["slide-3-5-2*"], ["float64", "float32"]))


def graded(path: Path, exam: Exam, timeout: float = 10) -> tuple[Diagnosis, str]:
    """The diagnosis of a candidate file, and what is printed."""
    with open_file(path, timeout) as runner:
        found = grade(lambda: open_file(path, timeout), runner, exam)
    return found, "\n".join(lines(found, path.name))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_what_is_right_passes(path: Path, both: Exam) -> None:
    found, text = graded(path, both)
    assert (found.exit_code, found.failing) == (0, ()), text


@pytest.mark.parametrize(
    "path", some([path for path in WRONG if path.stem not in TELLING], 2), ids=lambda path: path.stem
)
def test_what_is_wrong_is_refused(path: Path, both: Exam) -> None:
    with open_file(path) as runner:
        answers = both.judged(path.stem, ask(runner, both.cases))
    assert any(answer.failure for answer in answers)


@pytest.mark.parametrize("path", [path for path in WRONG if path.stem in TELLING], ids=lambda path: path.stem)
def test_what_is_wrong_is_refused_with_an_answer_of_use(path: Path, both: Exam) -> None:
    found, text = graded(path, both)
    assert found.exit_code == 1 and any(answer.failure for answer in found.answers)
    if path.stem in NAMED:
        assert {mistake.name for mistake in found.like[0]} == set(NAMED[path.stem].split()), text
    assert TOLD.get(path.stem, "") in text, text
    assert found.first and found.smallest is not None and "Ready to paste into Python" in text


def test_every_wrong_candidate_that_is_told_about_is_there() -> None:
    assert {path.stem for path in WRONG} >= TELLING and len(WRONG) >= 15
    assert not set(NAMED) & set(TOLD)


@pytest.mark.parametrize("path", MISBEHAVING, ids=lambda path: path.stem)
def test_whatever_it_does_becomes_a_sentence(path: Path, small: Exam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.candidate.runner.START", 1.0 if path.stem == "hangs_at_import" else 20.0)
    expected = EXPECT[path.stem]
    try:
        found, text = graded(path, small, timeout=0.5 if path.stem in NEVER else 10)
    except BadCandidate as error:
        code, text = 2, str(error)
    else:
        code = found.exit_code
    assert (code, expected["says"].lower() in text.lower()) == (expected["exit"], True), text
    assert "Traceback" not in text


@pytest.mark.parametrize(
    "program", ["right/programs/plain_python.py", "right/programs/perl.pl", "wrong/programs/wrong_sign.py"]
)
def test_programs_of_other_languages(program: str, both: Exam) -> None:
    path = ROOT / program
    if path.suffix == ".pl" and shutil.which("perl") is None:
        pytest.skip("no perl on this machine")
    command = f"{'perl' if path.suffix == '.pl' else 'python3'} '{path}'"
    with open_command(command) as runner:
        found = grade(lambda: open_command(command), runner, both)
    assert found.exit_code == (0 if program.startswith("right") else 1)
    assert [its[0].name for its in found.like] == ([] if program.startswith("right") else ["wrong-sign"])
