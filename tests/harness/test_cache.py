"""Compiled programs are kept where the user's cache is, and a cache that cannot be used breaks nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness import cache

ROOT = Path(__file__).resolve().parents[2]

EVALUATES = """
import jax, jax.monitoring
hits = []
jax.monitoring.register_event_listener(lambda event, **_: hits.append(event))
from cases.case import make_case
from harness.backends.jax import grad
from harness.stack import Stack
case = make_case("one", "tanh", "prediction", "float64", [[0.5, 1.0]], [[0.25]], [[[0.5], [0.125]], [[1.5]]])
found = grad.evaluate(Stack((case,)))
print(*(float(g).hex() for layer in found.gradients for g in layer.ravel()))
print(hits.count("/jax/compilation_cache/cache_hits"))
"""


def evaluated(place: Path, **more: str) -> tuple[str, int]:
    """Gradients by JAX in a process of its own, and how many programs it found compiled; warnings are errors."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_")}
    environment |= {"GRADPROOF_CACHE": str(place), "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, "-W", "error", "-c", EVALUATES]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    numbers, hits = done.stdout.splitlines()
    return numbers, int(hits)


def kept(place: Path) -> list[Path]:
    return sorted(path for path in place.rglob("*-cache"))


def test_a_second_process_finds_what_the_first_compiled_and_the_same_numbers(tmp_path: Path) -> None:
    first, hits = evaluated(tmp_path)
    assert hits == 0 and kept(tmp_path)
    again, hits = evaluated(tmp_path)
    assert again == first and hits == len(kept(tmp_path))


def test_damaged_programs_are_compiled_anew(tmp_path: Path) -> None:
    first, _ = evaluated(tmp_path)
    for path in kept(tmp_path):
        path.write_bytes(path.read_bytes()[:100])
    assert evaluated(tmp_path) == (first, 0)


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    numbers, hits = evaluated(tmp_path / "file" / "below")
    assert numbers and hits == 0


def test_jaxs_own_choice_of_a_place_stands(tmp_path: Path) -> None:
    evaluated(tmp_path / "ours", JAX_COMPILATION_CACHE_DIR=str(tmp_path / "theirs"))
    assert kept(tmp_path / "ours") == []


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GRADPROOF_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache.folder() == tmp_path / ".cache" / "gradproof"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache.folder() == tmp_path / ".cache" / "gradproof"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.folder() == tmp_path / "xdg" / "gradproof"
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path / "asked"))
    assert cache.folder() == tmp_path / "asked"


def test_without_a_home_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("GRADPROOF_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert cache.folder() is None and cache.programs("jaxlib") is None


def test_another_build_or_another_processor_has_another_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path))
    usual = cache.programs("jaxlib")
    assert usual == cache.programs("jaxlib")
    libraries = cache._libraries("jaxlib")
    assert len(libraries) > 1, "the digests of its libraries"
    monkeypatch.setattr(cache, "_libraries", lambda package: [*libraries[:-1], "another build"])
    built = cache.programs("jaxlib")
    monkeypatch.setattr(cache, "_instructions", lambda: ["flags : fpu avx512f"])
    assert len({usual, built, cache.programs("jaxlib")}) == 3


def test_the_oldest_programs_go_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRADPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "MOST", 25)
    place = cache.programs("jaxlib")
    assert place is not None
    for age, name in enumerate(("new", "middle", "old")):
        (place / name).write_bytes(bytes(10))
        os.utime(place / name, (1e9 - age, 1e9 - age))
    assert cache.programs("jaxlib") == place
    assert sorted(path.name for path in place.iterdir()) == ["middle", "new"]
