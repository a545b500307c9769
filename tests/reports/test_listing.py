"""Tables in plain text: every cell whole, columns in line, whatever the letters."""

from __future__ import annotations

import io

from reports.listing import aligned, show, width


def test_columns_are_in_line_and_nothing_is_cut() -> None:
    long = "a cell as long as no terminal is wide " * 20
    lines = aligned(("name", "what", "n"), [("ΔW", long, "1"), ("reference", "short", "22")])
    assert [line.index(cell) for line, cell in zip(lines, ("what", "a cell", "short"), strict=True)] == [11, 11, 11]
    assert {line.rindex(" ") for line in lines} == {11 + len(long) + 1}


def test_chinese_takes_two_columns_and_an_accent_none() -> None:
    assert (width("abc"), width("梯度"), width("e\u0301")) == (3, 4, 1)
    assert aligned(("梯度", "x"), [("abcd", "y")]) == ["梯度  x", "abcd  y"]


def test_no_line_ends_in_blanks() -> None:
    assert aligned(("a", "long header"), [("b", "c")]) == ["a  long header", "b  c"]


def test_what_the_encoding_lacks_is_an_escape() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    show(("σ",), [("ΔW",)], stream)
    stream.flush()
    assert stream.buffer.getvalue() == rb"\u03c3" + b"\n" + rb"\u0394W" + b"\n"  # type: ignore[attr-defined]
