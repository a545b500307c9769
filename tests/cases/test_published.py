"""Printed numbers: what is read from them, and each fault that a ``[case.published]`` block can have."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from cases.faults import Fault
from cases.loader import load
from cases.published import LOSSES, Erratum, Place, Printed, decimal

FaultsOf = Callable[[str | bytes], list[Fault]]
Block = Callable[..., str]

READ = {
    "0.30": ("3/10", "1/100"),
    ".35891648": ("35891648/100000000", "1/100000000"),
    "-.5": ("-1/2", "1/10"),
    "+0.1": ("1/10", "1/10"),
    "−0.0065": ("-13/2000", "1/10000"),
    "2": ("2", "1"),
    "5.": ("5", "1"),
    "1.2e-3": ("3/2500", "1/10000"),
    "1e3": ("1000", "1000"),
    "-5.34381484E-08": ("-534381484/10000000000000000", "1/10000000000000000"),
}


@pytest.mark.parametrize("text", READ)
def test_a_printed_number_has_a_value_and_the_unit_of_its_last_digit(text: str) -> None:
    value, unit = map(Fraction, READ[text])
    assert Printed.read(text) == Printed(text, value, unit)


@pytest.mark.parametrize(
    "text", ["", ".", "-", "e5", "0,3", "1_0", "nan", "inf", "1/2", " 1", "0x1", "1e9999", "٣", "1" * 99]
)
def test_what_is_no_printed_number_is_not_read(text: str) -> None:
    assert Printed.read(text) is None


def test_a_float_is_the_decimal_that_it_is_written_as() -> None:
    assert decimal(0.1) == Fraction(1, 10) != Fraction(0.1)


def test_total_errors_are_multiples_of_the_mean_of_squares() -> None:
    """Of e = (1, 2, 3, 4, 5, 6), two samples of three outputs."""
    squares = [Fraction(n * n) for n in range(1, 7)]
    mean = sum(squares) / 6
    direct = {
        "mean of squares": mean,
        "half the mean of squares": mean / 2,
        "sum of squares": sum(squares),
        "half the sum of squares": sum(squares) / 2,
    }
    assert {loss: factor(2, 3) * mean for loss, factor in LOSSES.items()} == direct


ERRATUM = 'quantity = "output", index = [0, 1]'

FAULTS = {
    # one value
    "number": ("output[0][0]", ("the number 0.5", "put it in quotes"), 'output = [[0.5, "0.1"]]'),
    "integer": ("total_error", ("the integer 1", "in quotes"), "total_error = 1"),
    "comma": ("output[0][1]", ('"0,1"', 'such as "0.30"'), 'output = [["0.5", "0,1"]]'),
    "flat": ("output[0]", ('"0.5"', "a list of"), 'output = ["0.5"]'),
    "deep": ("output[0][0]", ("nested too deep",), 'output = [[["0.5"], "0.1"]]'),
    "boolean": ("total_error", ("the boolean true",), "total_error = true"),
    "unknown": ("total_eror", ("unknown key", 'did you mean "total_error"?'), 'total_eror = "0.5"'),
    "loss": ("loss", ('"sum of square"', 'mean "sum of squares"?'), 'output = [["1", ""]], loss = "sum of square"'),
    "printed": ("printed", ('"truncated"', '"cut"'), 'output = [["1", ""]], printed = "truncated"'),
    "fixed": ("fixed", ("a list of 1", "counted from 1"), 'output = [["1", ""]], fixed = [0]'),
    "rate": ("learning_rate", ("the number 0.1", "in quotes"), 'output = [["1", ""]], learning_rate = 0.1'),
    # against the case
    "nothing": ("", ("no printed number", "at least one of output"), ""),
    "rows": ("output", ("2 rows", "1, as the case has"), 'output = [["1", "2"], ["1", "2"]]'),
    "columns": ("output[0]", ("3 numbers", "2, as the case has"), 'output = [["1", "2", "3"]]'),
    "matrices": ("gradients", ("1 matrix", "2, as the case has"), 'gradients = [[["1", "2"]]]'),
    "matrix": ("updated_weights[1]", ("1 row", "2, as the case has"), 'updated_weights = ["", [["1", "2"]]]'),
    "no-array": ("fixed[0]", ("3", "at most 2"), 'output = [["1", ""]], fixed = [3]'),
    "translation": (
        "learning_rate",
        ("0.1 beside 0.1", "0.2 in the case", '"sum of squares" is 2 × S11'),
        'output = [["1", ""]], learning_rate = "0.1", loss = "sum of squares"',
    ),
    # errata
    "errata": ("errata", ("a table", "a list of printed numbers"), 'output = [["1", "2"]], errata = {}'),
    "erratum": ("errata[0]", ("the integer 1", "a table"), 'output = [["1", "2"]], errata = [1]'),
    "erratum-key": (
        "errata[0].becuase",
        ("unknown key", 'did you mean "because"?'),
        f'output = [["1", "2"]], errata = [{{ {ERRATUM}, because = "x", becuase = "x" }}]',
    ),
    "erratum-quantity": (
        "errata[0].quantity",
        ('"outputs"', 'did you mean "output"?'),
        'output = [["1", "2"]], errata = [{ quantity = "outputs", because = "x" }]',
    ),
    "erratum-layer": (
        "errata[0].layer",
        ("no layer", "counted from 1"),
        'gradients = [[["1", ""], "", ""], ""], errata = [{ quantity = "gradients", index = [0, 0], because = "x" }]',
    ),
    "erratum-index": (
        "errata[0].index",
        ("no index", "row and column, counted from 0"),
        'output = [["1", "2"]], errata = [{ quantity = "output", because = "x" }]',
    ),
    "no-reason": ("errata[0]", ("no reason", "the mistake"), f'output = [["1", "2"]], errata = [{{ {ERRATUM} }}]'),
    "two-reasons": (
        "errata[0]",
        ("both mistake and because",),
        f'output = [["1", "2"]], errata = [{{ {ERRATUM}, mistake = "uphill", because = "x" }}]',
    ),
    "mistake": (
        "errata[0].mistake",
        ('"Up hill"', "gradproof list mistakes"),
        f'output = [["1", "2"]], errata = [{{ {ERRATUM}, mistake = "Up hill" }}]',
    ),
    "of-nothing": (
        "errata[0]",
        ("output at [0, 1] where nothing is printed",),
        f'output = [["1", ""]], errata = [{{ {ERRATUM}, because = "x" }}]',
    ),
    "again": (
        "errata[1]",
        ("output at [0, 1] again",),
        f'output = [["1", "2"]], errata = [{{ {ERRATUM}, because = "x" }}, {{ {ERRATUM}, because = "y" }}]',
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_with_its_path(name: str, block: Block, faults_of: FaultsOf) -> None:
    path, words, table = FAULTS[name]
    (fault,) = faults_of(block(published=f"{{ {table} }}"))
    assert fault.path == 'case[0] "tiny".published' + (f".{path}" if path else "")
    assert [word for word in words if word not in str(fault)] == []


def test_every_fault_of_a_block_is_told_at_once(block: Block, faults_of: FaultsOf) -> None:
    found = faults_of(block(published='{ output = [[1, "x"]], loss = "mine", total = "1" }', tags='["B d"]'))
    places = [fault.path.removeprefix('case[0] "tiny".') for fault in found]
    assert places == [
        "tags[0]",
        "published.output[0][0]",
        "published.output[0][1]",
        "published.loss",
        "published.total",
    ]


def test_a_list_is_not_a_table(block: Block, faults_of: FaultsOf) -> None:
    (fault,) = faults_of(block(published="[]"))
    assert "an empty list" in str(fault) and "write [case.published]" in str(fault)


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        ("activation", {"activation": '["relu", "tanh"]'}),
        ("task", {"task": '["prediction", "classification"]'}),
        ("dtype", {"dtype": '["float32", "bfloat16"]'}),
    ],
)
def test_printed_numbers_are_of_one_activation_and_task_and_judged_in_float64(
    path: str, changes: dict[str, str], block: Block, faults_of: FaultsOf
) -> None:
    (fault,) = faults_of(block(published='{ output = [["1", "2"]] }', **changes))
    assert fault.path == f'case[0] "tiny".{path}'


def test_every_figure_has_its_place(block: Block, tmp_path: Path) -> None:
    table = """{ output = [["1.0", ""]], total_error = "2", gradients = ["", [["", "3"], ""]],
        updated_weights = [[["4", ""], "", ["", "5"]], ""], total_error_after = "6", fixed = [2], printed = "cut",
        errata = [{ quantity = "gradients", layer = 2, index = [0, 1], mistake = "uphill" }] }"""
    file = tmp_path / "my.toml"
    file.write_text(block(published=table.replace("\n", " "), dtype='["float64", "float32"]'))
    double, single = load([file])
    assert double.published is not None and single.published is None
    assert {str(place): printed.text for place, printed in double.published.figures} == {
        "output at [0, 0]": "1.0",
        "total_error": "2",
        "gradients of layer 2 at [0, 1]": "3",
        "updated_weights of layer 1 at [0, 0]": "4",
        "updated_weights of layer 1 at [2, 1]": "5",
        "total_error_after": "6",
    }
    assert (double.published.cut, double.published.fixed) == (True, (2,))
    assert double.published.errata == (Erratum(Place("gradients", 2, (0, 1)), mistake="uphill"),)


@pytest.mark.parametrize("text", ["0e9", "-0e5", "0e999", "1e400", "1e-400", "1e308"])
def test_powers_of_nothing_and_beyond_float64_are_no_printed_numbers(text: str) -> None:
    assert Printed.read(text) is None


def test_ordinary_powers_are_read() -> None:
    for text in ("0", "0.00", "1e-8", "-5.6607e-08", "1.2e3"):
        assert Printed.read(text) is not None
