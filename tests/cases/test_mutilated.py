"""A thousand mutilated case files: each is exit code 2 and a sentence, or still a good file; never a traceback."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from cases.loader import catalogue
from harness import cli

FILES = 1000

WHOLE = """
[[case]]
name = "plain"
activation = ["sigmoid", "relu"]
task = "classification"
dtype = ["float64", "bfloat16"]
learning_rate = 0.1
input = [[-0.1, 0.2, 0.3]]
target = [[1.0, 0.0]]
weights = [[[0.1, 1.2], [0.3, -0.4], [0.5, 0.6]], [[0.1, 0.2], [0.3, 0.4]]]
source = "ours"
tags = ["quick"]
expect = "rounding"

[[family]]
name = "drawn"
layers = [[3, 5, 2], [8, 16, 4]]
activation = ["tanh"]
task = ["prediction"]
dtype = ["float32"]
batch = [1, 8]
draws = 2
seed = 20260101
"""

TYPES = (
    "1", "-1", "0", "1e999", "-1e-999", "nan", "inf", '"word"', '""', "true", "[]", "[[]]", "[[[]]]", "{}", "{a = 1}",
    "1979-05-27", "07:32:00", "[1, [2]]", '[["1"]]', "99999999999999999999", "0x1f", '"\\ud83d"', '"\\u0000"', "'\\'",
)  # fmt: skip
"""Values of every type of TOML, and some that are of none."""


def truncated(text: bytes, rng: random.Random) -> bytes:
    return text[: rng.randrange(len(text))]


def flipped(text: bytes, rng: random.Random) -> bytes:
    found = bytearray(text)
    for _ in range(rng.choice((1, 1, 2, 5, 40))):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def retyped(text: bytes, rng: random.Random) -> bytes:
    lines = text.decode().splitlines()
    places = [number for number, line in enumerate(lines) if " = " in line]
    for number in rng.sample(places, rng.choice((1, 1, 2, 4))):
        lines[number] = f"{lines[number].partition(' = ')[0]} = {rng.choice(TYPES)}"
    return "\n".join(lines).encode()


def shuffled(text: bytes, rng: random.Random) -> bytes:
    """Lines lost, doubled, or in another place."""
    lines = text.splitlines()
    for _ in range(rng.choice((1, 2, 6))):
        line = lines.pop(rng.randrange(len(lines)))
        for _ in range(rng.randrange(3)):
            lines.insert(rng.randrange(len(lines) + 1), line)
    return b"\n".join(lines)


def noise(text: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(text))
    return text[:at] + rng.randbytes(rng.choice((1, 4, 100))) + text[at:]


WAYS = (truncated, flipped, retyped, shuffled, noise)


def mutilated() -> list[tuple[str, bytes]]:
    """All of them, from one seed: of a small file that has everything, and of the deck's own."""
    rng = random.Random(20260302)
    slides = next(path for path in catalogue() if path.name == "slides.toml").read_bytes()
    found = []
    for number in range(FILES):
        way, text = WAYS[number % len(WAYS)], slides if number % 7 == 0 else WHOLE.encode()
        found.append((f"{number}-{way.__name__}", way(text, rng)))
    return found


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """Return a function: exit code and output of a command of the command line."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["gradproof", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return call


def test_a_thousand_of_them_end_in_a_sentence(checked: Any, tmp_path: Path) -> None:
    codes: dict[int, int] = {}
    path = tmp_path / "mutilated.toml"
    for name, text in mutilated():
        path.write_bytes(text)
        code, out, err = checked("check", str(path))
        assert code in (0, 2), f"{name}: {code}"
        codes[code] = codes.get(code, 0) + 1
        if code == 2:
            assert err.strip() or out.strip(), name
            assert "mutilated.toml" in err + out, f"{name}: {err}{out}"
            assert "Traceback" not in err + out, name
    assert codes[2] > 600 and codes[0] > 20, codes


def test_unharmed_the_files_are_in_order(checked: Any, tmp_path: Path) -> None:
    path = tmp_path / "whole.toml"
    path.write_text(WHOLE)
    code, out, _ = checked("check", str(path))
    assert code == 0 and "2 blocks" in out


@pytest.mark.parametrize("number", range(0, 100, 3))
def test_a_run_of_one_ends_in_the_same_sentence(checked: Any, tmp_path: Path, number: int) -> None:
    name, text = mutilated()[number]
    path = tmp_path / "mutilated.toml"
    path.write_bytes(text)
    code, out, err = checked("check", str(path))
    if code == 2:
        run = checked("run", "--cases", str(path), "--backend", "reference", "--out", str(tmp_path / "o"))
        said = (out + err).strip().splitlines()
        assert run[0] == 2 and "Traceback" not in run[2], name
        assert said[-1].strip() in run[1] + run[2], name
        assert not (tmp_path / "o").exists()
