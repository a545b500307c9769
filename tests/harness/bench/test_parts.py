"""Each part at its smallest size, from the command line to its folder; and bad usage, which is a sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import cli
from harness.bench import certifying, floor, gradient, start, throughput
from harness.bench.networks import Size
from harness.bench.processes import Failed, Ran
from harness.commands import bench as command
from reports.bench.record import CPU, EACH, MEMORY, WALL, WORKER, Bench, read

pytestmark = pytest.mark.long  # each measures with fresh processes

SMALL = Size((3, 5, 2), 1)


@pytest.fixture
def measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., tuple[int, Bench | None, str]]:
    """Return a function: ``gradproof bench``, run in this process; its exit code, what it wrote, and what it said."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        monkeypatch.setenv(name, "1")

    def call(*words: str) -> tuple[int, Bench | None, str]:
        monkeypatch.setattr(sys, "argv", ["gradproof", "bench", *words, "--out", str(tmp_path / "out")])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        found = read(tmp_path / "out") if (tmp_path / "out" / "bench.json").exists() else None
        return int(left.value.code or 0), found, said.out + said.err

    return call


def quantities(found: Bench) -> set[str]:
    (part,) = found.parts
    assert all(value > 0 for one in part.figures for value in one.values if one.quantity != CPU)
    assert part.targets and part.about and part.title
    return {one.quantity for one in part.figures}


def test_start(measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    words = [("--help",), ("list", "backends")]
    monkeypatch.setattr(start, "COMMANDS", {f"gradproof {' '.join(its)}": its for its in words})
    code, found, said = measured("start", "--quick", "--repeats", "2")
    assert code == 0 and quantities(found) == {WALL}
    (part,) = found.parts
    assert [(one.setting, one.name, len(one.values)) for one in part.figures] == [
        ("python -c pass", "a bare Python", 2),
        ("gradproof --help", "gradproof", 2),
        ("gradproof list backends", "gradproof", 2),
    ]
    assert all(ratio.median > 1 for ratio in part.ratios), "nothing starts faster than a bare Python"
    assert [target.limit for target in part.targets] == [8, 8]
    assert "start: from a cold start: round 2 of 2" in said and "targets reached." in said
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"bench.json", "bench.md", "bench.html"}
    about = json.loads((tmp_path / "out" / "bench.json").read_text())
    assert about["versions"]["torch"] and about["machine"] and about["quick"] is True
    assert about["command"].startswith("gradproof bench start --quick --repeats 2")


def test_certifying(measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certifying, "MIDDLE", SMALL)
    monkeypatch.setattr(certifying, "SECONDS", 0.01)
    code, found, _ = measured("certifying", "--quick", "--repeats", "1")
    assert code == 0 and quantities(found) == {WALL, CPU}
    (part,) = found.parts
    assert {one.name for one in part.figures} == {"gradproof", "gradcheck", "check_grads"}
    assert {(one.name, one.against) for one in part.ratios} == {
        (name, "gradproof") for name in ("gradcheck", "check_grads")
    }
    assert part.targets[0].least and part.targets[0].limit == 1


def test_gradient(measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradient, "QUICK", (SMALL,))
    monkeypatch.setattr(gradient, "SECONDS", 0.01)
    code, found, _ = measured("gradient", "--quick", "--repeats", "1")
    assert code == 0 and quantities(found) == {WALL, CPU}
    (part,) = found.parts
    assert {one.setting for one in part.figures} == {f"3-5-2, 1 sample, {n}" for n in ("1 thread", "2 threads")}
    assert {one.name for one in part.figures} == {"reference", "torch", "jax", "products"}
    assert [target.limit for target in part.targets] == [1, 1.2]


def test_floor(measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "STATES", ("cold",))
    monkeypatch.setattr(floor, "QUICK", "slide-3-5-2-sigmoid-classification-float64")
    code, found, _ = measured("floor", "--quick", "--repeats", "1")
    assert code == 0 and quantities(found) == {WALL, CPU}
    (part,) = found.parts
    assert [one.name for one in part.figures if one.quantity == WALL] == ["gradproof run", "floor", "floor, all routes"]
    assert [(target.statement, target.limit) for target in part.targets] == [
        (f"cold: within 1.5 times the {name}", 1.5) for name in ("floor", "floor, all routes")
    ]


def test_throughput(measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "QUICK", (8, 12))
    code, found, said = measured("throughput", "--quick", "--repeats", "1")
    assert code == 0, said
    (part,) = found.parts
    assert {one.quantity for one in part.figures} >= {WALL, EACH, MEMORY}
    settings = [one.setting for one in part.figures if one.quantity == WALL and one.name == "certified"]
    assert settings == ["start-up: 4 cases", "8 cases", "12 cases"]
    assert part.targets[0].statement == "2,000 a second on 2 cores; 12 cases" and part.targets[0].least


# throughput, on runs that are made up


def made_up(monkeypatch: pytest.MonkeyPatch, a_case: float, memory: float) -> list[str]:
    """Runs that take 5 s to start, so many seconds a case, and so many bytes a case; the programs that ran."""
    ran: list[str] = []

    def timed(command: list[str], folder: Path, watched: bool = False, **variables: str) -> Ran:
        (path,) = [Path(word) for word in command if word.endswith(".toml")]
        number, whole = int(path.stem), "run" in command
        ran.append(f"{'run' if whole else 'certified'} {number}")
        seconds = 5 + number * a_case * (10 if whole else 1)
        return Ran(seconds, seconds, 1e8 + number * memory, 1e8, "")

    monkeypatch.setattr(throughput, "timed", timed)
    return ran


@pytest.mark.parametrize(
    ("a_case", "memory", "words"),
    [
        (1e-4, 0.0, ["reached"] * 3),
        (1e-3, 1e6, ["missed by a factor of 2", "reached", "missed by a factor of"]),
    ],
)
def test_the_targets_of_throughput_are_judged(
    a_case: float, memory: float, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made_up(monkeypatch, a_case, memory)
    part = throughput.measure(3, False, lambda text: None)
    rate, linear, flat = part.targets
    assert rate.value == pytest.approx(1 / a_case, rel=2**-10), "a run of 4 cases is not only start-up"
    assert flat.value == pytest.approx(memory, rel=2**-10)
    assert rate.word.startswith(words[0]) and flat.word.startswith(words[2])
    assert linear.value == pytest.approx(1, rel=2**-10)


def test_a_cost_that_grows_with_the_number_is_not_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    timed = throughput.timed
    made_up(monkeypatch, 0.0, 0.0)
    made: Callable[..., Ran] = throughput.timed

    def quadratic(command: list[str], folder: Path, watched: bool = False, **variables: str) -> Ran:
        (path,) = [Path(word) for word in command if word.endswith(".toml")]
        ran = made(command, folder, watched, **variables)
        return Ran(ran.seconds + 1e-9 * int(path.stem) ** 2, ran.cpu, ran.parent, ran.worker, "")

    monkeypatch.setattr(throughput, "timed", quadratic)
    part = throughput.measure(1, False, lambda text: None)
    assert not part.targets[1].reached and part.targets[1].word == "missed by a factor of 99.6"
    monkeypatch.setattr(throughput, "timed", timed)


def test_what_is_lost_in_noise_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up(monkeypatch, -1e-6, 0.0)
    part = throughput.measure(1, False, lambda text: None)
    assert [target.word for target in part.targets] == ["not measured", "not measured", "reached"]


def test_what_would_take_too_long_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = made_up(monkeypatch, 1e-3, 0.0)
    part = throughput.measure(1, False, lambda text: None)
    assert "certified 100000" in ran and "run 100000" not in ran and "run 10000" in ran
    assert part.notes == ("gradproof run: left out from 100,000 cases on, which would take over 600 s.",)
    assert WORKER in {one.quantity for one in part.figures}


# bad usage, and what fails


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["strat"], "'strat' is not one of 'floor', 'certifying', 'gradient', 'throughput', 'start'"),
        (["--repeats", "0"], "0 is not in the range x>=1"),
        (["--repeats", "several"], "'several' is not a valid integer"),
        (["start", "--slow"], "No such option"),
    ],
)
def test_bad_usage_is_2_with_a_sentence(measured: Callable[..., Any], words: list[str], said: str) -> None:
    code, found, text = measured(*words)
    assert (code, found) == (2, None) and said in text


def test_a_folder_that_cannot_be_is_2_before_anything_is_measured(
    measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    monkeypatch.setattr(start, "measure", lambda *its: pytest.fail("measured, for nothing"))
    code, _, said = measured("start")
    assert code == 2 and "out" in said and "Traceback" not in said


def test_a_program_that_fails_is_3_with_its_words(
    measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(rounds: int, quick: bool, told: Callable[[str], None]) -> None:
        raise Failed("gradproof run ended with 1: no such luck")

    monkeypatch.setattr(start, "measure", measure)
    code, found, said = measured("start")
    assert (code, found) == (3, None) and "gradproof: gradproof run ended with 1: no such luck" in said


def test_rounds_are_those_asked_for_else_the_parts_own(
    measured: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, int, bool]] = []
    for name, module in command.MODULES.items():

        def measure(rounds: int, quick: bool, told: Callable[[str], None], name: str = name) -> None:
            asked.append((name, rounds, quick))
            raise Failed("enough")

        monkeypatch.setattr(module, "measure", measure)
    measured("start")
    measured("start", "--quick")
    measured("gradient", "floor", "--repeats", "9", "--quick")
    measured()
    assert asked == [("start", start.REPEATS, False), ("start", 3, True), ("floor", 9, True), ("floor", 3, False)]
