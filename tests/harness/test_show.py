"""``gradproof show``: what it prints of a case, what it marks, and its exit code."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.case import Case
from cases.loader import catalogue, load
from harness import cli
from harness.commands import shown
from harness.commands.show import SHOWN

CASES = [f"slide-3-5-2-{a}-{t}" for a in ("sigmoid", "relu") for t in ("classification", "prediction")]

WRONG = """
from dataclasses import replace
from harness.backends import Terms, load

ours = load("reference")

class Mine:
    name = "mine"
    def supports(self, case):
        return None
    def evaluate(self, stack):
        found = ours.evaluate(stack)
        gradients = [g.copy() for g in found.gradients]
        gradients[0][:, :, 2] *= 1.001
        return replace(found, gradients=gradients)
    def terms(self, stack):
        its = ours.terms(stack)
        deltas = [d.copy() for d in its.deltas]
        deltas[0][:, 2] *= 1.001
        return replace(its, deltas=deltas)

backend = Mine()
"""

ONE = "slide-3-5-2-sigmoid-classification-float64"


@pytest.fixture
def show(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    """Return a function: exit code and output of ``gradproof show``, run from an empty folder, its output a pipe."""
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["gradproof", "show", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0), capsys.readouterr().out

    return call


def tables(text: str) -> dict[str, list[dict[str, str]]]:
    """Lines of each table by its title, as cells by their column."""
    found: dict[str, list[dict[str, str]]] = {}
    title, header = "", None
    for line in text.splitlines():
        cells = re.split(r"  +", line.strip())
        if re.match(r"(forward|error|backward|update): ", line):
            title, header = cells[0].split(": ", 1)[1], None
            found[title] = []
        elif cells[0] == "term":
            header = cells
        elif header and len(cells) == len(header):
            found[title].append(dict(zip(header, cells, strict=True)))
    return found


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", CASES)
def test_the_deck_s_network_agrees_to_every_printed_digit(
    show: Callable[..., tuple[int, str]], name: str, dtype: str
) -> None:
    code, text = show(f"{name}-{dtype}")
    assert code == 0 and shown.MARK not in text
    found = tables(text)
    titles = {"I^H", "H", "I^O", "Y", "E = Y* − Y", "ℰ", "σ'(I^H)", "Δ^O", "Δ^H", "ΔW^HO", "ΔW^IH", "W'^HO", "W'^IH"}
    assert set(found) == titles | ({"σ'(I^O)"} if "classification" in name else set())
    lines = [line for its in found.values() for line in its]
    assert len(lines) == 5 * 4 + 2 * 4 + 1 + 2 * 25 + (2 if "classification" in name else 0)
    for line in lines:
        assert {line[backend] for backend in SHOWN} == {line["exact"]}, line


def test_the_digits_are_enough_to_tell_a_fault_of_a_millionth(
    show: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(WRONG.replace("1.001", "1.000001"))
    _, text = show(ONE, "--backend", "mine.py")
    differing = [line for its in tables(text).values() for line in its if line["mine"] != line["exact"]]
    assert [line["term"] for line in differing] == ["δ_3", "Δw_13^IH", "Δw_23^IH", "Δw_33^IH"]


def test_what_is_outside_its_bound_is_marked_and_the_first_wrong_term_named(
    show: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(WRONG)
    code, text = show(ONE, "--backend", "mine.py", "--backend", "torch")
    assert code == 1
    marked = {line["term"]: line for its in tables(text).values() for line in its if line["mine"].startswith("✗ ")}
    assert list(marked) == ["δ_3", "Δw_13^IH", "Δw_23^IH", "Δw_33^IH"]
    assert all(line["torch"] == line["exact"] for line in marked.values())
    assert text.splitlines()[-1].startswith(
        "✗ mine: first wrong term: Δ^H (S19, S20): δ_3 is 0.0791702 where exact is 0.0790911, "
    )
    assert show(ONE, "--backend", "torch")[0] == 0


def test_a_fault_too_small_for_the_digits_is_printed_with_more(
    show: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(WRONG.replace("1.001", "(1 + 1e-13)"))
    code, text = show(ONE, "--backend", "mine.py")
    marked = [line for its in tables(text).values() for line in its if line["mine"].startswith("✗ ")]
    assert code == 1 and marked and all(line["mine"][2:] != line["exact"] for line in marked)


MISSHAPEN = {
    "transposed": ("gradients=[gradients[0], gradients[1].mT]", "ΔW^HO (S22, S23): shape (2, 5), expected (5, 2)"),
    "narrower": ("gradients=[gradients[0], gradients[1].astype('f4')]", "ΔW^HO (S22, S23): dtype float32, expected"),
    "no output": ("gradients=gradients, output='no'", "Y (S7, S8): "),
}


@pytest.mark.parametrize("form", MISSHAPEN)
def test_arrays_of_another_form_are_marked_as_such(
    show: Callable[..., tuple[int, str]], tmp_path: Path, form: str
) -> None:
    change, words = MISSHAPEN[form]
    right = WRONG.replace("*= 1.001", "*= 1")
    (tmp_path / "mine.py").write_text(right.replace("gradients=gradients", change))
    code, text = show(ONE, "--backend", "mine.py")
    assert code == 1 and f"✗ mine: first wrong term: {words}" in text
    assert {line["mine"] for line in tables(text)["Y" if form == "no output" else "ΔW^HO"]} == {"✗"}


def test_a_backend_without_terms_has_dashes_and_one_that_raises_a_line(
    show: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "silent.py").write_text(WRONG.replace("def terms", "def other").replace('"mine"', '"silent"'))
    (tmp_path / "raising.py").write_text(
        WRONG.replace("found = ours", "1 / 0; found = ours").replace('"mine"', '"raising"')
    )
    code, text = show(ONE, "--backend", "silent.py", "--backend", "raising.py")
    assert code == 1
    assert {line["silent"] for line in tables(text)["Δ^H"]} == {"-"}
    assert "raising: crashed: ZeroDivisionError at raising.py:" in text
    assert "✗ silent: first wrong term: Δ^H (S19, S20), as ΔW^IH shows: Δw_" in text
    assert show(ONE, "--backend", "raising.py")[0] == 3


def test_a_small_case_shows_its_numbers_and_a_large_one_its_shapes(show: Callable[..., tuple[int, str]]) -> None:
    lines = show(ONE, "--backend", "reference")[1].splitlines()
    assert lines[2:4] == ["x = [[-0.1, 0.2, 0.3]]", "Y* = [[1.0, 0.0]]"]
    assert lines[4].startswith("W^IH = [[0.1, 1.2, ") and lines[5].startswith("W^HO = [[0.1, 0.1], [-0.3, -0.5], ")
    text = show(one_of(lambda c: c.layers == (784, 16, 10) and c.batch == 2), "--backend", "reference")[1]
    assert "\nx 2 × 784, Y* 2 × 10, W^IH 784 × 16, W^HO 16 × 10\n" in text


def test_of_a_worked_example_the_errata_are_told_and_what_is_unsupported_in_one_line(
    show: Callable[..., tuple[int, str]],
) -> None:
    code, text = show(
        "mazur-2-2-2", "--backend", "reference", "--backend", "reference-neuron", "--backend", "difference"
    )
    assert code in (0, 3) and "w of link 4 (dense) = [[0.4, 0.5], [0.45, 0.55]]" in text
    assert "\nlisted erratum: total_error_after: what comes out when errors are sent back through weights " in text
    (line,) = (line for line in text.splitlines() if "unsupported" in line)
    assert line.startswith("unsupported: reference-neuron (covers the plain network alone")


def test_wrong_terms_beside_a_right_gradient_are_wrong_too(
    show: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(WRONG.replace("gradients[0][:, :, 2] *= 1.001", "pass"))
    code, text = show(ONE, "--backend", "mine.py")
    assert "δ_3" in [line["term"] for its in tables(text).values() for line in its if line["mine"].startswith("✗ ")]
    assert code == 1 and "✗ mine: first wrong term: Δ^H" in text


def one_of(fits: Callable[[Case], bool]) -> str:
    return next(case.name for case in load(catalogue()) if case.links is None and fits(case))


OTHERS: dict[str, Callable[[Case], bool]] = {
    "wide": lambda c: max(c.layers) > 100 and c.dtype == "float64",
    "deep": lambda c: len(c.weights) > 4 and c.dtype == "float32",
    "no hidden layer": lambda c: len(c.weights) == 1,
    "batch": lambda c: c.batch > 3,
    "bfloat16": lambda c: c.dtype == "bfloat16" and len(c.weights) > 1,
    "float16": lambda c: c.dtype == "float16" and len(c.weights) > 1,
    "kink": lambda c: "kink" in c.tags and c.activation == "hardtanh",
    "range": lambda c: c.expect == "range",
    "blind": lambda c: c.expect == "blind",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_any_case_can_be_shown(show: Callable[..., tuple[int, str]], kind: str) -> None:
    code, text = show(one_of(OTHERS[kind]), "--backend", "reference", "--backend", "torch")
    assert code == 0 and shown.MARK not in text
    assert {"Y", "ℰ", "Δ^O"} <= set(tables(text))
    assert all(cell != "-" for its in tables(text).values() for line in its for cell in line.values())


def test_of_a_large_term_the_first_entries_are_shown_and_those_outside_their_bound(
    show: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    name = one_of(lambda c: c.layers[0] * c.layers[1] > 2 * shown.LARGEST and c.dtype == "float64")
    spoiled = WRONG.replace("gradients[0][:, :, 2] *= 1.001", "gradients[0][:, -1, -1] += 1.0")
    (tmp_path / "mine.py").write_text(spoiled.replace("deltas[0][:, 2] *= 1.001", "pass"))
    code, text = show(name, "--backend", "mine.py")
    assert code == 1
    (title,) = [title for title in tables(text) if title.startswith("ΔW^") and len(tables(text)[title]) > shown.LARGEST]
    assert len(tables(text)[title]) == shown.LARGEST + 1
    assert tables(text)[title][-1]["mine"].startswith("✗ ")
    assert re.search(r"… \d+ more", text)


def test_every_route_that_is_named_is_shown(show: Callable[..., tuple[int, str]]) -> None:
    code, text = show("slide-3-5-2-relu-prediction-float64", "--backend", "torch-func", "--backend", "torch-forward")
    assert code == 0
    for line in (line for its in tables(text).values() for line in its):
        assert list(line) == ["term", "exact", "torch-func", "torch-forward", "worst ulp"]
        assert line["torch-func"] == line["torch-forward"] == line["exact"]
