"""A run folder gives back what was written, or says in a sentence why not."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import struct
import tempfile
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.record import COLUMNS, FolderError, Record, Row, read, save, write
from reports.verdict import Verdict

NUMBERS = ("max_abs", "max_ulp", "max_rel", "reference_abs", "reference_ulp", "share", "typical",
           "worst_value", "worst_exact")  # fmt: skip
# Every character but lone surrogates, which have a test of their own; line separators are likely.
TEXT = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from("\r\n\u2028\u2029\x0b\x1c\x85\",'")))
NUMBER = st.none() | st.floats()
COUNT = st.integers(0, 10**12)
ROWS = st.builds(
    Row,
    **dict.fromkeys(("case", "family", "activation", "dtype", "layers", "backend", "detail"), TEXT),
    **dict.fromkeys(("task", "quantity"), st.none() | TEXT),
    **dict.fromkeys(("batch", "layer", "entries", "blind", "zero"), COUNT),
    **dict.fromkeys(NUMBERS, NUMBER),
    worst_index=st.none() | st.lists(COUNT, max_size=3).map(tuple),
    verdict=st.sampled_from(Verdict),
)


def bits(row: Row) -> tuple[object, ...]:
    def one(value: object) -> object:
        if not isinstance(value, float):
            return type(value), value
        return "nan" if math.isnan(value) else struct.pack("<d", value)

    return tuple(one(getattr(row, field.name)) for field in fields(Row))


@settings(deadline=None, max_examples=60)
@given(st.lists(ROWS, max_size=4))
def test_rows_round_trip_bit_for_bit(rows):
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), rows, {"sentence": "ok"}, {})
        back = read(Path(name))
        table = (Path(name) / "results.csv").read_bytes().decode()
    assert [bits(row) for row in back.rows] == [bits(row) for row in rows]
    assert back.run == {"sentence": "ok"}
    lines = list(csv.DictReader(io.StringIO(table, newline="")))
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert tuple(line) == COLUMNS
        for name in NUMBERS:
            value = getattr(row, name)
            back_value = float(line[name]) if line[name] else None
            assert bits(replace(row, share=back_value)) == bits(replace(row, share=value))
        for name in ("case", "detail", "backend"):
            assert line[name] == getattr(row, name)
        assert line["verdict"] == row.verdict


def test_columns_are_written_in_order_and_rows_hold_nothing_else(row, folder):
    write(folder, [row()], {}, {})
    line = json.loads((folder / "results.jsonl").read_text())
    assert tuple(line) == COLUMNS == tuple(asdict(row()))


def test_same_rows_same_bytes(row, tmp_path):
    for name in ("a", "b"):
        write(tmp_path / name, [row(share=math.nan), row(layer=2)], {"started": name}, {})
    for name in ("results.jsonl", "results.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_lone_surrogates_survive(row, folder):
    write(folder, [row(detail="file \udcff")], {"command": "gradproof \udcff"}, {})
    back = read(folder)
    assert back.rows[0].detail == "file \udcff"
    assert back.run["command"] == "gradproof \udcff"


def test_exhibits_round_trip_and_old_ones_go(row, folder, readings):
    write(folder, [row()], {}, {"readings": readings})
    assert read(folder).exhibits == {"readings": readings}
    write(folder, [row()], {}, {"equations": []})
    assert read(folder).exhibits == {"equations": []}


def test_unknown_exhibit_is_refused_before_anything_is_written(row, folder):
    with pytest.raises(ValueError, match="not an exhibit: run"):
        write(folder, [row()], {}, {"run": {}})
    assert not folder.exists()


def test_no_rows_is_a_run(folder):
    write(folder, [], {}, {})
    assert read(folder) == Record((), {}, {})


def test_interrupted_run_is_not_read_as_the_old_one(row, folder, monkeypatch):
    write(folder, [row()], {"sentence": "old"}, {})

    def stop(lines):
        raise KeyboardInterrupt

    monkeypatch.setattr("reports.record.written", stop)
    with pytest.raises(KeyboardInterrupt):
        write(folder, [row()], {"sentence": "new"}, {})
    with pytest.raises(FolderError, match="run\\.json"):
        read(folder)


def damage_torn(folder: Path) -> None:
    path = folder / "results.jsonl"
    path.write_text(path.read_text()[:-30])


def damage_cut(folder: Path) -> None:
    path = folder / "results.jsonl"
    path.write_text(path.read_text().splitlines(keepends=True)[0])


def damage_key(folder: Path) -> None:
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace('"share"', '"shore"'))


def damage_type(folder: Path) -> None:
    path = folder / "results.jsonl"
    path.write_text(path.read_text().replace('"entries": 15', '"entries": "many"'))


def damage_encoding(folder: Path) -> None:
    (folder / "results.jsonl").write_bytes(b"\xff\xfe\n")


DAMAGES = {
    "torn": (damage_torn, r"results\.jsonl, line 2: not a row"),
    "cut at a line's end": (damage_cut, r"results\.jsonl: 1 rows where run\.json counts 2"),
    "no rows file": (lambda f: (f / "results.jsonl").unlink(), r"cannot read .*results\.jsonl: No such file"),
    "no run.json": (lambda f: (f / "run.json").unlink(), r"cannot read .*run\.json"),
    "missing key": (damage_key, "line 1: not a row .missing: share"),
    "wrong type": (damage_type, "line 1: not a row .entries is 'many'"),
    "not utf-8": (damage_encoding, r"results\.jsonl: not UTF-8"),
    "run not json": (lambda f: (f / "run.json").write_text("{"), r"run\.json: not JSON"),
    "run not an object": (lambda f: (f / "run.json").write_text("[]"), r"run\.json: not an object"),
    "exhibit not json": (lambda f: (f / "readings.json").write_text(""), r"readings\.json: not JSON"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_folder_is_refused_with_a_sentence(name, row, folder):
    write(folder, [row(), row(layer=2)], {}, {"readings": []})
    damage, sentence = DAMAGES[name]
    damage(folder)
    with pytest.raises(FolderError, match=sentence):
        read(folder)


def test_missing_folder(tmp_path):
    with pytest.raises(FolderError, match="is it a run folder"):
        read(tmp_path / "nowhere")


def test_folder_that_is_a_file(row, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match=r"cannot write .*; choose another folder with --out"):
        write(tmp_path / "file" / "report", [row()], {}, {})


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_without_permission(row, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(FolderError, match="Permission denied"):
        write(tmp_path / "report", [row()], {}, {})


def test_save_leaves_the_old_file_and_no_part(tmp_path):
    target = tmp_path / "taken"
    (target / "inside").mkdir(parents=True)
    with pytest.raises(FolderError, match="cannot write"):
        save(target, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_read_only_disk(row, folder, monkeypatch):
    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FolderError, match=r"cannot write .*results\.jsonl: Permission denied; choose"):
        write(folder, [row()], {}, {})
