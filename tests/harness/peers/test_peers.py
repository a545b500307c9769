"""Peers: what they answer was really measured, gradproof's answers are right, and the table shows all of it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from harness.peers import Answer, Peer, Question, __main__, answer, faults
from harness.peers.__main__ import peers
from harness.peers.asked import Asked, ask
from harness.peers.gradproof import gate
from harness.peers.networks import deck, first_unit_at, gradients
from harness.peers.questions import expected, put, questions
from harness.peers.table import show
from harness.truth import truth
from reports.terminal import console

QUESTIONS = questions()

UNSEEN = {("wrong sign, one unit", "3-5-2, unit at I = 36"), ("wrong sign, first layer", "twelve layers")}
"""Where gradproof is blind to what is wrong: it says how many entries, but does not fail. To become empty."""

VERDICTS = {
    "correct": ("exact", "rounding"),
    "correct, ReLU'(0) = 0 as in S4": ("convention",),
    "ReLU'(0) = 1": ("convention, not listed",),
    "one entry NaN": ("nonfinite",),
}
"""gradproof's words; for what is wrong otherwise, violation."""

FALSE_GREENS = {
    "factor 1.0005": ("gradcheck", "allclose\n1e-3, 1e-5"),
    "computed in float32": ("gradcheck", "check_grads", "assert_close", "allclose\n1e-5, 1e-8"),
    "wrong sign, one entry of 1e-9": ("gradcheck", "check_grads", "assert_close", "allclose\n1e-5, 1e-8"),
    "wrong sign, all below 5e-6": ("gradcheck", "check_grads", "assert_close", "allclose\n1e-3, 1e-5"),
    "softplus'(21) = 1": ("gradcheck", "check_grads", "assert_close", "allclose"),
    "wrong sign, one unit": ("gradcheck", "check_grads", "assert_close", "allclose\n1e-3, 1e-5"),
}

FALSE_ALARMS = {
    ("correct", "3-5-2 classification", "float32"): ("gradcheck\nfloat32", "allclose"),
    ("correct", "twelve layers", "float32"): ("gradcheck\nfloat32", "allclose"),
    ("correct", "3-5-2, target a million", "float64"): ("gradcheck",),
    ("correct, σ' = e^−I/(1 + e^−I)²", "3-5-2, unit at I = 30", "float64"): ("allclose",),
    ("correct, ReLU'(0) = 0 as in S4", "3-5-2, unit on the kink", "float64"): ("gradcheck", "check_grads"),
}

PLAIN = ("no factor 2/N_O", "second layer doubled", "entries permuted, means equal", "one entry NaN", "ReLU'(0) = 1")
"""Faults that nobody misses."""


@pytest.fixture(scope="module")
def every() -> list[Peer]:
    return peers()


@pytest.fixture(scope="module")
def asked(every: list[Peer]) -> list[Asked]:
    """Every question, put to every peer."""
    return [ask(question, every, times=1) for question in QUESTIONS]


def of(asked: Sequence[Asked], claim: str) -> list[Asked]:
    found = [one for one in asked if one.question.claim == claim]
    assert found, claim
    return found


def test_gradproof_is_right_wherever_it_is_not_blind_and_says_where_it_is(asked: list[Asked]) -> None:
    wrong = {(one.question.claim, one.question.network): one for one in asked if one.wrong("gradproof")}
    assert wrong.keys() == UNSEEN
    for one in wrong.values():
        assert one.wrong("gradproof") == "false green"
        assert re.fullmatch(r"[1-9]\d* of \d+ blind", one.answers["gradproof"].note)


def test_gradproof_gives_the_right_reason(asked: list[Asked]) -> None:
    for one in asked:
        claim, found = one.question.claim, one.answers["gradproof"]
        if not one.wrong("gradproof"):
            otherwise = VERDICTS["correct"] if one.question.correct else ("violation",)
            assert found.word in VERDICTS.get(claim, otherwise), claim


@pytest.mark.parametrize("claim", FALSE_GREENS)
def test_known_false_greens_are_reproduced(asked: list[Asked], claim: str) -> None:
    for one in of(asked, claim):
        assert {peer: one.wrong(peer) for peer in FALSE_GREENS[claim]} == dict.fromkeys(
            FALSE_GREENS[claim], "false green"
        )


@pytest.mark.parametrize("key", FALSE_ALARMS, ids=" ".join)
def test_known_false_alarms_are_reproduced(asked: list[Asked], key: tuple[str, str, str]) -> None:
    (one,) = [a for a in asked if (a.question.claim, a.question.network, a.question.case.dtype) == key]
    assert {peer: one.wrong(peer) for peer in FALSE_ALARMS[key]} == dict.fromkeys(FALSE_ALARMS[key], "false alarm")


@pytest.mark.parametrize("claim", PLAIN)
def test_every_peer_refuses_what_is_plainly_wrong(asked: list[Asked], claim: str) -> None:
    for one in of(asked, claim):
        assert {found.passes for found in one.answers.values()} == {False}


def test_every_peer_passes_the_decks_network_in_float64(asked: list[Asked]) -> None:
    its = [one for one in of(asked, "correct") if one.question.case is deck(one.question.case.task)]
    assert len(its) == 2
    assert {found.passes for one in its for found in one.answers.values()} == {True}


# the questions


def test_every_question_is_asked_once() -> None:
    keys = [(q.claim, q.network, q.case.dtype) for q in QUESTIONS]
    assert len(set(keys)) == len(keys)


def test_what_is_claimed_to_be_correct_is_so() -> None:
    assert [q.correct for q in QUESTIONS] == [q.claim.startswith("correct") for q in QUESTIONS]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q.claim}, {q.network}")
def test_a_wrong_gradient_differs_from_the_correct_one_and_has_its_shape_and_dtype(question: Question) -> None:
    right = gradients(question.case)
    assert [(g.shape, g.dtype) for g in question.gradients] == [(g.shape, g.dtype) for g in right]
    same = all(np.array_equal(g, r) for g, r in zip(question.gradients, right, strict=True))
    assert same == (question.correct and "e^−I" not in question.claim)


def test_the_formula_by_exponentials_is_nearer_to_the_exact_value_than_the_frameworks_is() -> None:
    question = put("", "", first_unit_at(30), faults.by_exponentials)
    shapes = [g.shape for g in question.gradients]
    tight = [np.full(shape, 2.0**-120) for shape in [(1, 2), (), *shapes, *shapes]]
    exact = truth(question.case, tight, "left").gradients[0].high[:, 0]
    claimed, usual = (np.abs(g[0][:, 0] - exact).max() for g in (question.gradients, expected(question)))
    assert claimed < usual / 1e6


def test_a_slope_that_is_right_gives_the_gradient_that_is_right() -> None:
    """So the claims with a wrong slope have nothing else wrong."""
    derivative = {"relu": lambda I: (I > 0) * 1.0, "softplus": lambda I: 1 / (1 + np.exp(-I))}
    for activation, I in (("relu", 0), ("softplus", 21)):
        question = put("", "", first_unit_at(I, activation), faults.unit_slope(derivative[activation]))
        assert gate(question).passes
        assert not gate(put("", "", first_unit_at(I, activation), faults.slope_of_one)).passes


def test_gradcheck_warns_of_float32_as_the_table_says() -> None:
    w = torch.ones(1, requires_grad=True)
    with pytest.warns(UserWarning, match="is not a double precision"):
        torch.autograd.gradcheck(lambda w: w.sum(), [w], atol=float("inf"))


# answers


def test_a_peer_that_fails_in_other_words_has_not_answered() -> None:
    def fails(error: Exception) -> Answer:
        def check() -> None:
            raise error

        return answer(check, AssertionError, "Not equal")

    assert fails(AssertionError("Not equal to tolerance")) == Answer(passes=False)
    with pytest.raises(AssertionError, match="shapes differ"):
        fails(AssertionError("shapes differ"))
    with pytest.raises(ValueError, match="Not equal"):
        fails(ValueError("Not equal"))
    assert answer(lambda: None, AssertionError, "Not equal") == Answer(passes=True)


def test_a_question_that_gradproof_cannot_judge_is_no_answer() -> None:
    with pytest.raises(RuntimeError, match="crashed"):
        gate(replace(QUESTIONS[0], gradients=(None, None)))  # type: ignore[arg-type]


# the table


def test_the_table_has_a_row_for_each_question_and_marks_what_is_wrong(asked: list[Asked], every: list[Peer]) -> None:
    stream = io.StringIO()
    show(asked, every, console(stream))
    lines = stream.getvalue().splitlines()
    rows = [re.split(" {2,}", line.strip()) for line in lines[2 : 2 + len(asked)]]
    for one, row in zip(asked, rows, strict=True):
        question = one.question
        dtype = " float32" if question.case.dtype == "float32" else ""
        assert row[:3] == [question.claim, question.network + dtype, "pass" if question.correct else "fail"]
        for peer, cell in zip(every, row[3:], strict=True):
            wrong = one.wrong(peer.name) if peer.name in one.answers else ""
            assert cell.startswith(("false green", "false alarm")) == bool(wrong)
            assert cell.startswith(wrong)
    for word in ("false green", "false alarm"):
        (line,) = [line for line in lines if line.startswith(f"{word}s")]
        counts = [sum(one.wrong(p.name) == word for one in asked if p.name in one.answers) for p in every]
        assert [int(number) for number in line.split()[2:]] == counts
    assert f"torch {torch.__version__}" in lines[-1]
    assert [line.split()[-1] for line in lines if line.startswith(("median", "least", "most"))] == ["1"] * 3


def test_the_command_asks_the_questions_and_prints_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(__main__, "questions", lambda: QUESTIONS[:2])
    ran = CliRunner().invoke(__main__.main, ["--times", "1"], catch_exceptions=False)
    assert ran.exit_code == 0
    assert [line.split("  ")[0] for line in ran.output.splitlines()].count("correct") == 2


def test_help_says_what_is_asked() -> None:
    ran = CliRunner().invoke(__main__.main, ["--help"], catch_exceptions=False)
    assert "gradcheck, check_grads, assert_allclose, assert_close" in ran.output
