"""The certificate in reports: page, summary, terminal; whatever its file holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from reports import proved
from reports.certificate import Formula, certificate, parsed
from reports.page import page
from reports.record import Record
from reports.summary import summary

EVIL = "<script>alert(1)</script>"


def step(**changes: Any) -> dict[str, Any]:
    plain = {
        "id": "weights", "equation": "S23", "title": "Every weight", "text": "∂ℰ/∂w = h ε", "words": "As it should be",
        "latex": r"\frac{\partial \mathcal{E}}{\partial w} = h \varepsilon", "proved": True, "note": "exactly 0",
        "more": [{"text": "x_1", "latex": "x_{1}"}], "wrong": [],
    }  # fmt: skip
    return plain | changes


def exhibit(*steps: dict[str, Any], **changes: Any) -> dict[str, Any]:
    one = {"structure": "3-5-2", "task": "prediction", "layer": 2, "name": "∂ℰ/∂w_11^HO", "zero": True, "text": "h_1"}
    plain = {
        "proved": True, "sentence": "BP is the derivative", "steps": list(steps) or [step()], "derivatives": [one, one],
        "balls": [{"activation": "relu", "task": t, "cases": 7, "equal": 6, "undetermined": 1} for t in "cp"],
        "equations": [{"id": "S23", "statement": "ΔW = h ⊗ Δ"}], "proves": ["something"],
        "leaves_open": ["everything else"],
    }  # fmt: skip
    return plain | changes


def test_the_page_has_a_section_with_mathematics(record: Callable[..., Record]) -> None:
    text = page(record([], {"certificate": exhibit()}))
    assert 'id="proof"' in text and "Proved: BP is the derivative." in text and '<a href="#deck">' in text
    assert text.count("<math") == 2 and "<mfrac>" in text and "everything else" in text
    assert "2 derivatives, sympy’s minus the equations’ exactly 0 in 2" in text
    assert "<td>14</td><td>12</td><td>2</td>" in text


def test_without_the_exhibit_there_is_no_section(record: Callable[..., Record]) -> None:
    assert certificate(record([])) is None
    assert 'id="proof"' not in page(record([])) and "The proof" not in summary(record([]))


def test_what_is_refused_is_marked_and_named(record: Callable[..., Record]) -> None:
    fault = {
        "name": "∂ℰ/∂w_12^HO",
        "structure": "3-5-2",
        "task": "prediction",
        "text": "−2 · h_1",
        "latex": r"-2 \, h_{1}",
    }
    found = exhibit(step(proved=False, wrong=[fault]), proved=False, sentence="not proved: ∂ℰ/∂w_12^HO")
    text = page(record([], {"certificate": found}))
    assert "Refused: not proved" in text and "✗ ∂ℰ/∂w_12^HO (3-5-2, prediction)" in text
    assert "❌ **Refused: not proved" in summary(record([], {"certificate": found}))
    lines = [line for line, _ in proved.lines(parsed(found))]
    assert "     ✗ ∂ℰ/∂w_12^HO (3-5-2, prediction) is off by −2 · h_1" in lines
    assert lines[-1] == "Refused: not proved: ∂ℰ/∂w_12^HO."


def test_the_summary_has_each_step(record: Callable[..., Record]) -> None:
    text = summary(record([], {"certificate": exhibit()}))
    assert "## The proof" in text and "| Every weight | S23 |" in text and "- everything else" in text


def test_the_certificates_own_page_has_derivatives_in_full() -> None:
    text = proved.page(parsed(exhibit()))
    assert "3-5-2, prediction, matrix 2: 2 derivatives in full" in text and "default-src 'none'" in text


def test_its_page_has_a_key_of_the_equations() -> None:
    assert "<dt>S23</dt><dd>ΔW = h ⊗ Δ</dd>" in proved.page(parsed(exhibit()))
    assert "<dl" not in proved.page(parsed(exhibit(equations=[])))


@pytest.mark.parametrize(
    ("latex", "made"),
    [
        (r"\sigma^{\prime}(x)", "<mi>&#x003C3;</mi>PRIME"),
        (r"\sigma_H^{\prime}(I)", "<msub><mrow><mi>&#x003C3;</mi>PRIME</mrow><mi>H</mi></msub>"),
        (r"w_{32}^{\prime HO}", "<msubsup><mrow><mi>w</mi>PRIME</mrow><mrow><mn>32</mn></mrow><mrow><mi>H</mi>"),
    ],
)
def test_a_prime_is_of_full_size_beside_its_letter(latex: str, made: str) -> None:
    assert made.replace("PRIME", '<mtext class="prime">&#x02032;</mtext>') in Formula("x", latex).mathml


def test_a_long_formula_is_made_of_parts_that_wrap() -> None:
    parts = [one.latex for one in Formula("x", r"a = b,\quad c = d;\quad e").parts]
    assert parts == ["a = b,", "c = d;", "e"]
    text = proved.page(parsed(exhibit(step(latex=r"a = b,\quad c = d"))))
    assert "</math> <math" in text.split("As it should be")[0].split('class="claim')[1]


@pytest.mark.parametrize("latex", [EVIL, r"\text{" + EVIL + "}", r"\href{javascript:alert(1)}{x}", r"\frac{", "x & y"])
def test_foreign_latex_is_not_trusted(latex: str) -> None:
    made = Formula("x", latex).mathml
    assert "script" not in made and "href" not in made and "&" not in made.replace("&#x", "")


def test_foreign_text_is_escaped_everywhere(record: Callable[..., Record]) -> None:
    evil = step(title=EVIL, equation=EVIL, text=EVIL, latex=EVIL, words=EVIL, note=EVIL, more=[{"text": EVIL}],
                proved=False, wrong=[{"name": EVIL, "structure": EVIL, "text": EVIL, "latex": EVIL}])  # fmt: skip
    key = [{"id": EVIL, "statement": EVIL}]
    found = exhibit(evil, sentence=EVIL, proves=[EVIL], leaves_open=[EVIL], equations=key)
    whole = record([], {"certificate": found})
    assert page(whole).count("<script") == 2 and "<script" not in proved.page(parsed(found))
    assert "<script" not in summary(whole)


@pytest.mark.parametrize(
    "found",
    [{}, {"steps": [{}], "derivatives": [{}], "balls": [{}], "equations": [{}, 1]}, {"steps": "no"}, {"proved": 1}],
)
def test_a_damaged_exhibit_is_never_proved(record: Callable[..., Record], found: dict[str, Any]) -> None:
    assert not parsed(found).proved
    assert "Refused" in page(record([], {"certificate": found})) and "Refused" in summary(
        record([], {"certificate": found})
    )
    assert list(proved.lines(parsed(found)))


def test_an_exhibit_that_is_no_object_is_none(record: Callable[..., Record]) -> None:
    assert certificate(record([], {"certificate": [1]})) is None
