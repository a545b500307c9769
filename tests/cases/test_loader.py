"""Loading: expansion, order, defaults, and files that cannot be read."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from cases import document
from cases.case import Case
from cases.faults import CaseFileError
from cases.loader import catalogue, load

BLOCK = """
[[case]]
name = "{name}"
activation = {activation}
task = {task}
dtype = {dtype}
input = [[1, 2.5, -3e-1]]
target = [[1, 0]]
weights = [[[1, 2], [3, 4], [5, 6]]]
"""

MUTATIONS = 300


def written(tmp_path: Path, content: str, name: str = "my.toml") -> Path:
    file = tmp_path / name
    file.write_text(content, encoding="utf-8")
    return file


def only_fault(path: Path) -> str:
    with pytest.raises(CaseFileError) as caught:
        load([path])
    (fault,) = caught.value.faults
    assert fault.file == path
    return str(fault)


def test_lists_expand_in_the_order_activation_task_dtype(tmp_path: Path) -> None:
    text = BLOCK.format(
        name="tiny",
        activation='["sigmoid", "relu"]',
        task='["prediction", "classification"]',
        dtype='["float64", "float32"]',
    )
    assert [case.name for case in load([written(tmp_path, text)])] == [
        "tiny-sigmoid-prediction-float64",
        "tiny-sigmoid-prediction-float32",
        "tiny-sigmoid-classification-float64",
        "tiny-sigmoid-classification-float32",
        "tiny-relu-prediction-float64",
        "tiny-relu-prediction-float32",
        "tiny-relu-classification-float64",
        "tiny-relu-classification-float32",
    ]


def test_files_and_blocks_keep_their_order(tmp_path: Path) -> None:
    choices = {"activation": '"relu"', "task": '["prediction"]', "dtype": '"float64"'}
    z = written(tmp_path, BLOCK.format(name="z", **choices) + BLOCK.format(name="a", **choices), "z.toml")
    b = written(tmp_path, BLOCK.format(name="b", **choices), "b.toml")
    assert [case.family for case in load([z, b])] == ["z", "a", "b"]
    assert load([]) == []


def test_values_and_defaults(tmp_path: Path) -> None:
    text = BLOCK.format(name="tiny", activation='"identity"', task='"prediction"', dtype='"float64"')
    (case,) = load([written(tmp_path, text.replace('dtype = "float64"\n', ""))])
    assert isinstance(case, Case)
    assert (case.dtype, case.learning_rate, case.source, case.tags, case.expect) == (
        "float64",
        0.1,
        "",
        (),
        None,
    )
    assert np.array_equal(case.x, [[1.0, 2.5, -0.3]])
    assert np.array_equal(case.target, [[1.0, 0.0]])
    assert np.array_equal(case.weights[0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def test_optional_keys_are_kept(tmp_path: Path) -> None:
    text = BLOCK.format(name="tiny", activation='"relu"', task='"prediction"', dtype='"float32"')
    text += 'learning_rate = 2\nsource = "a book, p. 3"\ntags = ["kink", "grade"]\nexpect = "blind"\n'
    (case,) = load([written(tmp_path, text)])
    assert (case.learning_rate, case.source, case.tags, case.expect) == (
        2.0,
        "a book, p. 3",
        ("kink", "grade"),
        "blind",
    )


def test_a_missing_file_and_its_neighbour(tmp_path: Path) -> None:
    written(tmp_path, "", "slides.toml")
    line = only_fault(tmp_path / "slide.toml")
    assert "found no such file, expected a TOML file; did you mean" in line
    assert line.endswith('slides.toml"?')
    assert only_fault(tmp_path / "none" / "a.toml").endswith("found no such file, expected a TOML file")
    assert "found no such file" in only_fault(tmp_path / "slides.toml" / "a.toml")


def test_a_directory(tmp_path: Path) -> None:
    line = only_fault(tmp_path)
    assert "found a directory, expected a TOML file" in line
    assert "*.toml" in line


def test_a_path_that_no_file_can_have() -> None:
    assert "found a path that no file can have" in only_fault(Path("a\0b.toml"))
    assert "found a file that cannot be read (File name too long)" in only_fault(Path("a" * 5000))


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, "")

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # chmod does not stop root
    assert "found a file that may not be read, expected one with read permission" in only_fault(file)


def test_a_file_without_end_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGEST_FILE", 1000)
    line = only_fault(Path(os.devnull).with_name("zero"))
    assert "found more than 1,000 bytes, expected a smaller file" in line


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    text = BLOCK.format(name="tiny", activation='"relu"', task='"prediction"', dtype='"float64"')
    writer = threading.Thread(target=pipe.write_text, args=(text,))
    writer.start()
    try:
        assert [case.family for case in load([pipe])] == ["tiny"]
    finally:
        writer.join()


def test_a_large_file_loads_in_seconds_and_its_faults_stay_few(tmp_path: Path) -> None:
    row = "[" + ", ".join(["0.25"] * 400) + "]"
    bad = "[" + ", ".join(["nan"] * 400) + "]"
    text = '[[case]]\nname = "big"\nactivation = "relu"\ntask = "prediction"\n'
    text += f"input = [{row}]\ntarget = [{row}]\nweights = [["
    start = time.monotonic()
    assert len(load([written(tmp_path, text + ", ".join([row] * 400) + "]]")])) == 1
    line = only_fault(written(tmp_path, text + ", ".join([bad] * 400) + "]]"))
    assert "weights[0][0][0]: found nan (and 159999 more of this kind), expected a finite number" in line
    assert time.monotonic() - start < 60


def test_crlf_line_ends_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_bytes(catalogue()[0].read_bytes().replace(b"\n", b"\r\n"))
    assert [case.name for case in load([file])] == [case.name for case in load(catalogue()[:1])]


def mutated(content: bytes, draw: random.Random) -> bytes:
    """Return ``content`` cut short, or with some bytes or values changed."""
    kind = draw.randrange(4)
    if kind == 0:
        return content[: draw.randrange(len(content))]
    if kind == 1:
        changed = bytearray(content)
        for _ in range(draw.choice([1, 1, 2, 20])):
            changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        return bytes(changed)
    values = list(re.finditer(rb'(?m)-?\d+(?:\.\d+)?|"[^"\n]*"|(?<== )\[(?=.*\]$)', content))
    new = [
        b"true",
        b"nan",
        b"-inf",
        b'"x"',
        b"[]",
        b"{}",
        b"[[1]]",
        b"1e39",
        b"1e999",
        b"2020-01-01",
        b"07:32:00",
    ]
    new += [
        b"1" + b"0" * 400,
        b"1" + b"0" * 5000,
        b"",
        b"[",
        b"]",
        b"{a=",
        b'"sigmiod"',
        b"\xff",
        b"\0",
        b"-0.0",
    ]
    for value in sorted(draw.sample(values, draw.choice([1, 1, 3])), key=lambda v: -v.start()):
        content = content[: value.start()] + draw.choice(new) + content[value.end() :]
    return content


@pytest.mark.parametrize("name", ["slides.toml", "random.toml"])
def test_mutilated_files_load_or_raise_case_file_errors(tmp_path: Path, name: str) -> None:
    content = (Path(document.__file__).parent / "catalogue" / name).read_bytes()
    file = tmp_path / name
    loaded = 0
    for seed in range(MUTATIONS):
        file.write_bytes(mutated(content, random.Random(seed)))
        try:
            cases = load([file])
        except CaseFileError as error:
            assert error.faults
            lines = str(error).split("\n")
            assert len(lines) == len(error.faults)
            assert all(line.isprintable() and line.startswith(str(file)) for line in lines)
        else:
            loaded += 1
            assert all(np.isfinite(array).all() for case in cases for array in (case.x, case.target, *case.weights))
    assert 0 < loaded < MUTATIONS // 2
