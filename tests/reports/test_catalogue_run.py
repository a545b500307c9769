"""A run of many activations: one table of them, and a line or two for everything else."""

from __future__ import annotations

import io

import pytest

from reports.suspicious import MEANING, NONE
from reports.terminal import console, show
from reports.verdict import Verdict

ACTIVATIONS = [f"activation-{i}" for i in range(15)]
BACKENDS = ["reference", "reference-neuron", "torch", "jax"]


def printed(record) -> list[str]:
    stream = io.StringIO()
    show(record, console(stream))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


@pytest.fixture
def whole(row, scan, known, record, readings, visibility, listed):
    """What a clean run of the whole catalogue holds."""
    rows = [
        row(activation=a, task=task, dtype=dtype, backend=backend, quantity=quantity, share=0.999999999,
            case=f"{a}-{task}-{dtype}", verdict=Verdict.CONVENTION, detail="left, outer")
        for a in ACTIVATIONS for task in ("classification", "prediction")
        for dtype in ("float64", "float32", "bfloat16", "float16") for backend in BACKENDS
        for quantity in ("output", "loss", "gradient", "update")
    ]  # fmt: skip
    rows += [scan(a, dtype, share=0.5) for a in ACTIVATIONS for dtype in ("float64", "bfloat16")]
    rows += [known(f"jax-gelu-tanh-nan-number-{i}-float64", activation=f"gelu{i}") for i in range(17)]
    return record(rows, {"readings": readings, "visibility": visibility}, suspicious=[], backends=BACKENDS, **listed)


def test_a_clean_run_fits_a_screen_or_two(whole):
    lines = printed(whole)
    assert len(lines) < 130  # of which 17 + 17 known deviations and 15 conventions
    assert max(map(len, lines)) <= 160


def test_one_table_for_many_activations(whole):
    lines = printed(whole)
    (header,) = [line for line in lines if line.startswith("activation ") and "task" in line]
    assert header.split() == ["activation", "task", *BACKENDS]
    assert sum(line.startswith("activation-3 ") and "prediction" in line for line in lines) == 1
    assert not any(line.startswith("dtype") and "quantity" in line for line in lines)


@pytest.mark.parametrize(("number", "full"), [(4, True), (5, False)])
def test_few_activations_are_shown_in_full(row, record, number, full):
    lines = printed(record([row(activation=name) for name in ACTIVATIONS[:number]]))
    assert any(line.startswith("dtype") and "quantity" in line for line in lines) == full
    assert any(line.startswith("activation ") and "task" in line for line in lines) != full


def test_a_failure_is_marked_in_the_one_table(row, record, valueless):
    rows = [row(activation=name, case=name) for name in ACTIVATIONS]
    rows.append(row(activation="activation-3", case="bad", share=7.0, verdict=Verdict.VIOLATION))
    rows.append(valueless(case="absent", verdict=Verdict.UNSUPPORTED, detail="no such loss"))
    lines = printed(record(rows))
    assert any(line.split() == ["activation-3", "classification", "✗", "7,", "violation"] for line in lines)
    assert "torch does not cover 1 case: no such loss" in lines


def test_known_lines_name_id_x_and_both_values(row, scan, known, record):
    lines = printed(record([row(), known(), scan(share=0.98)]))
    parts = ["softsign", "float64", "derivative", "jax", "97", "jax-softsign-slope", "-255.125", "0.00390625",
             "1.52439e-05"]  # fmt: skip
    assert any(line.split() == parts for line in lines)
    assert (
        "1 of 2 scans: every point within its accuracy row; worst share 0.98 (jax relu float64); the others above"
        in lines
    )
    clean = printed(record([row(), scan(share=0.98)]))
    assert sum("every point" in line for line in clean) == 1
    assert not any("worst at x" in line for line in clean)
    assert not any("scan" in line for line in printed(record([row()])))


def test_a_failed_scan_is_marked(scan, record):
    lines = printed(record([scan(share=3.0, verdict=Verdict.VIOLATION)]))
    assert any("✗ violation" in line and "1.5" in line for line in lines)
    assert lines[-1].startswith("1 scan × 1 backend, 5,000 entries: discrepancies: 1 row in 1 case; ")


def test_precision_is_a_line_each(row, record, visibility):
    lines = printed(record([row()], {"visibility": visibility}))
    assert ["bfloat16", "609", "32,118", "21", "%", "0.23", "0.37", "0.46", "0.5"] in [line.split() for line in lines]
    assert [line.split()[0] for line in lines if "32,118" in line] == ["float64", "bfloat16"]


def test_conventions_and_deviations_met(row, known, record, listed):
    rows = [row(activation="relu", verdict=Verdict.CONVENTION, detail="left"),
            row(activation="relu", verdict=Verdict.CONVENTION, detail="right", backend="jax"),
            known(), known("a-nan-float64"), known("a-nan-float16", dtype="float16")]  # fmt: skip
    lines = printed(record(rows, **listed))
    table = [[part.strip() for part in line.split("   ") if part] for line in lines]
    assert ["activation", "torch", "jax"] in table
    assert ["relu", "left, 1 row", "right, 1 row"] in table
    assert ["jax-softsign-slope", "1", "1", "0", "the square leaves the range"] in table
    assert ["a-nan-*", "2", "2", "0", "–"] in table
    assert lines[-1].endswith("; 2 conventions and 3 known deviations met.")
    one = printed(record([rows[0], rows[2]]))
    assert one[-1].endswith("; 1 convention and 1 known deviation met.")


def test_suspicious_five_and_how_many_more(row, record):
    items = [{"case": f"c{i}", "backend": "jax", "typical": 40.0 - i} for i in range(7)]
    lines = printed(record([row()], suspicious=items))
    shown = [line for line in lines if "standard deviations" in line]
    assert shown[0] == "  c0, jax: 40 standard deviations of the typical error"
    assert len(shown) == 5
    assert "  … and 2 more." in lines
    assert MEANING in lines
    assert not any("more." in line for line in printed(record([row()], suspicious=items[:5])))
    assert NONE in printed(record([row()], suspicious=[]))
    assert not any("suspicious" in line.lower() for line in printed(record([row()])))


def test_everything_foreign_is_plain(everything):
    text = "\n".join(printed(everything("a\x1b[2Jb\nc")))
    assert "\x1b" not in text
    assert text.count("a\\x1b[2Jb c") > 15
