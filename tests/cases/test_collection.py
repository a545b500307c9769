"""Faults together: all at once, names given twice, how many are shown, and how one is worded."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from cases.faults import CaseFileError, Fault, TooLarge, described, printable, quoted
from cases.loader import MOST_COMPLAINTS, load

Block = Callable[..., str]
FaultsOf = Callable[[str | bytes], list[Fault]]


def test_the_sound_block_is_sound(tmp_path: Path, block: Block) -> None:
    file = tmp_path / "my.toml"
    file.write_text(block())
    assert [case.name for case in load([file])] == ["tiny-relu-prediction-float64"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tiny One", "tiny-one"),
        ("-a--b_", "a-b"),
        ("Ünï/cödé", "uni-code"),
        ("a._b", "a.b"),
        ("tiny\n", "tiny"),
        ("网络", ""),
    ],
)
def test_names_must_be_slugs_and_one_is_suggested(faults_of: FaultsOf, block: Block, name: str, slug: str) -> None:
    literal = '"' + name.replace("\n", "\\n") + '"'
    (fault,) = faults_of(block(name=literal))
    assert fault.path == f"case[0] {quoted(name)}.name"
    assert fault.suggestion == (f'write "{slug}"' if slug else "")


def test_all_faults_of_all_files_come_at_once(tmp_path: Path, block: Block) -> None:
    first, second, third = (tmp_path / name for name in ("a.toml", "b.toml", "c.toml"))
    first.write_text("oops = 1\n" + block(colour="1", task='"x"', target="[[1]]", input="[[nan, 2, 1e400]]"))
    second.write_text("[[case]\n")
    third.write_text(block(name='"other"', activation=None, weights="[[[1], [2]], [[1, 2], [nan, 3]]]"))
    with pytest.raises(CaseFileError) as caught:
        load([first, second, tmp_path / "none.toml", third])
    found = [(fault.file.name, fault.path) for fault in caught.value.faults]
    tiny, other = 'case[0] "tiny"', 'case[0] "other"'
    assert sorted(found) == sorted(
        [
            ("a.toml", "oops"),
            ("a.toml", f"{tiny}.task"),
            ("a.toml", f"{tiny}.input[0][0]"),
            ("a.toml", f"{tiny}.colour"),
            ("a.toml", f"{tiny}.target"),
            ("a.toml", f"{tiny}.input[0][2]"),
            ("b.toml", "line 1, column 7"),
            ("none.toml", ""),
            ("c.toml", f"{other}.activation"),
            ("c.toml", f"{other}.weights[1][1][0]"),
            ("c.toml", f"{other}.weights[0]"),
            ("c.toml", f"{other}.weights[1]"),
        ]
    )


def test_each_dtype_is_checked_even_beside_a_wrong_one(faults_of: FaultsOf, block: Block) -> None:
    faults = faults_of(block(dtype='["float32", "half"]', learning_rate="1e39"))
    assert [fault.path.rpartition(".")[2] for fault in faults] == ["dtype[1]", "learning_rate"]
    faults = faults_of(block(dtype='["float32", "float64"]', learning_rate="1e400"))
    assert [fault.found for fault in faults] == ["the number 1e400 in float64", "the number 1e400 in float32"]


def test_the_largest_float32_and_what_rounds_to_it_are_accepted(tmp_path: Path, block: Block) -> None:
    file = tmp_path / "my.toml"
    file.write_text(block(input="[[3.4028235e38, -3.4028235e38, 1e-50]]", dtype='"float32"'))
    assert load([file])[0].x.tolist() == [[3.4028234663852886e38, -3.4028234663852886e38, 0.0]]


def test_zero_learning_rate_is_allowed(tmp_path: Path, block: Block) -> None:
    file = tmp_path / "my.toml"
    file.write_text(block(learning_rate="0"))
    assert load([file])[0].learning_rate == 0.0


def test_faults_of_one_block_stay_readable(faults_of: FaultsOf, block: Block) -> None:
    faults = faults_of(block(**{f"key{i}": "1" for i in range(50)}))
    assert len(faults) == MOST_COMPLAINTS + 1
    assert (faults[-1].path, faults[-1].found) == ('case[0] "tiny"', "30 more faults")


def test_two_blocks_of_one_name_in_one_file(faults_of: FaultsOf, block: Block) -> None:
    text = block(dtype='["float64", "float32"]') + block(name='"b"') + block(task='["classification", "prediction"]')
    (fault,) = faults_of(text)
    assert fault.path == 'case[2] "tiny".name'
    assert '"tiny-relu-prediction-float64", named already by case[0] "tiny" of ' in fault.found
    assert fault.found.endswith("my.toml")


def test_two_files_with_one_name_and_a_count_of_the_others(tmp_path: Path, block: Block) -> None:
    a, b = tmp_path / "a.toml", tmp_path / "b.toml"
    a.write_text(block(name='"x"') + block(dtype='["float64", "float32"]'))
    b.write_text(block(dtype='["float64", "float32"]', source="3"))
    with pytest.raises(CaseFileError) as caught:
        load([a, b])
    source, name = caught.value.faults
    assert source.path == 'case[0] "tiny".source'
    assert (name.file, name.path) == (b, 'case[0] "tiny".name')
    assert f'and 1 more, named already by case[1] "tiny" of {a}' in name.found


def test_a_block_of_the_same_name_with_other_expansions_is_fine(tmp_path: Path, block: Block) -> None:
    file = tmp_path / "my.toml"
    file.write_text(block() + block(dtype='"float32"'))
    assert [case.dtype for case in load([file])] == ["float64", "float32"]


def test_rendering_of_a_fault() -> None:
    fault = Fault(Path("my.toml"), 'case[2] "tiny".weights[1]', "4 rows", "5 (layer 1 has 5 nodes)")
    assert str(fault) == 'my.toml: case[2] "tiny".weights[1]: found 4 rows, expected 5 (layer 1 has 5 nodes)'
    other = Fault(Path("a\nb\udcff.toml"), "", "no such file", "a TOML file", "look again")
    assert str(other) == "a\\nb\\udcff.toml: found no such file, expected a TOML file; look again"
    assert str(CaseFileError([fault, other])) == f"{fault}\n{other}"


def test_the_error_survives_being_sent_between_processes() -> None:
    error = CaseFileError([Fault(Path("a.toml"), "x", "1", "2")])
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, CaseFileError)
    assert again.faults == error.faults


def test_descriptions_are_short_and_on_one_line() -> None:
    assert len(described("x" * 10_000)) < 100
    assert described("a\tb\x85") == 'the string "a\\tb\\x85"'
    assert described(1 << 20_000) == "an integer of 20001 bits"
    assert described(object()) == "a object"
    assert printable("σ×\u2028") == "σ×\\u2028"
    assert described(TooLarge.spelled("1e" + "9" * 500)).startswith("the number 1e999")
    assert math.isinf(TooLarge.spelled("1e400"))
    assert type(TooLarge.spelled("inf")) is float
