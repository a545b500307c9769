"""`gradproof prove` on the command line: exit codes, what is printed, what is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.case import Case
from harness import cli
from harness.commands import prove
from harness.proof.evidence import Evidence, of_cases, of_chains, of_sigmas, of_structure
from harness.proof.networks import STRUCTURES
from reference import error

Prove = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], slides: list[Case]) -> Prove:
    """The command in this process; the proof itself of one structure of each task and few cases."""

    def quick(cases: object, workers: int, advance: object) -> Evidence:
        whole = Evidence()
        for structure in STRUCTURES:
            whole.add(of_structure(structure)[0])
        whole.add(of_sigmas()[0])
        whole.add(of_chains()[0])
        whole.add(of_cases(slides[:3])[0])
        return whole

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(prove, "gather", quick)
        monkeypatch.setattr("sys.argv", ["gradproof", "prove", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return run


def test_it_proves_prints_and_writes(call: Prove, tmp_path: Path) -> None:
    code, out, _ = call("--out", str(tmp_path / "proof"))
    assert code == 0
    assert out.splitlines()[-2].startswith(
        "Proved: back-propagation is the derivative of the total error: 3-5-2, 25 of"
    )
    assert "∂ℰ/∂w_32^HO = h_3 · σ_O'(I^O_2) · (y_2 − y*_2)" in out
    assert json.loads((tmp_path / "proof" / "certificate.json").read_text())["proved"] is True
    page = (tmp_path / "proof" / "certificate.html").read_text()
    assert "default-src 'none'" in page and page.count("<math") > 60 and "<script" not in page


@pytest.mark.long  # a minute; what is refused, and in which words, tests/harness/proof sees too
def test_it_refuses_a_wrong_text_with_exit_1_and_the_names(call: Prove, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(error, "slope", lambda Y, target, *reading: 2 * (target - Y) / (Y.shape[0] * Y.shape[1]))
    code, out, _ = call()
    assert code == 1
    assert "✗ ∂ℰ/∂w_11^HO (3-5-2, prediction) is off by −2 · h_1 · (y_1 − y*_1)" in out
    assert out.splitlines()[-1].startswith("Refused: not proved: ")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ("--mistake", "no-hidden-slope"),
            1,
            "15 of 25 derivatives differ as formulas in σ_H and σ_O, as they do at the numbers",
        ),
        (("--reading", "outer"), 1, "∂ℰ/∂w_11^HO is off by (I^H_1 − h_1) · σ_O'(I^O_1) · (y_1 − y*_1)"),
        (("--mistake", "float32-inside"), 0, "in exact numbers it is no mistake at all"),
        (("--mistake", "slope-1-at-kink"), 0, "nothing differs at the numbers tried"),
    ],
)
def test_a_mistake_or_a_reading_is_shown(call: Prove, words: tuple[str, ...], code: int, said: str) -> None:
    found, out, _ = call(*words)
    assert found == code and said in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--mistake", "no-hiden-slope"), 'did you mean "no-hidden-slope"?'),
        (("--mistake", "qqq"), "gradproof list mistakes"),
        (("--reading", "derivative"), "there are sign, scale, outer"),
        (("--reading", "sign", "--mistake", "wrong-sign"), "go alone"),
        (("--reading", "sign", "--out", "x"), "go alone"),
    ],
)
def test_what_cannot_be_shown_is_bad_usage(call: Prove, words: tuple[str, ...], said: str) -> None:
    code, _, err = call(*words)
    assert code == 2 and said in err
