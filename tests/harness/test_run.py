"""A run: rows in order, the same twice, watched by observers that are never gated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from cases.case import Case
from harness.backends import Backend, BackendError, load, names
from harness.backends.reference import readings
from harness.run import Outcome, run
from harness.visibility import SUSPICIOUS
from reports.record import Row
from reports.verdict import Verdict

FINE = {Verdict.EXACT, Verdict.ROUNDING}


def values(row: Row) -> dict[str, Any]:
    """A row as it is written, so that NaN equals NaN."""
    return {key: repr(value) for key, value in asdict(row).items()}


def nearly(row: Row) -> dict[str, Any]:
    """Its figures to six digits: of many cases the exact value is known to another radius than of one, which counts
    as error.
    """
    return {key: f"{value:.5e}" if type(value) is float else value for key, value in asdict(row).items()}


def test_the_catalogue_agrees_on_every_backend(main_job: Outcome, slides: list[Case]) -> None:
    assert (main_job.answer.exit_code, main_job.answer.failures) == (0, ())
    assert all(row.verdict in FINE or (slides and row.verdict == Verdict.CONVENTION) for row in main_job.rows)
    assert "all agree" in main_job.answer.sentence


def test_a_seventh_of_the_whole_catalogue_and_each_block_agree(
    whole_catalogue: list[Case], backends: dict[str, Backend]
) -> None:
    """Cases of every block, activation, task and precision; all of them, and JAX, are what `make report` runs."""
    first_of_each_block = {case.family: case for case in reversed(whole_catalogue)}
    cases = list({case.name: case for case in [*first_of_each_block.values(), *whole_catalogue[::7]]}.values())
    outcome = run(cases, [backends["reference"], backends["torch"]], observers=(), mistakes=False)
    assert outcome.answer.failures == ()


def test_every_case_has_every_quantity_of_every_backend_in_order(
    main_job: Outcome, slides: list[Case], backends: dict[str, Backend]
) -> None:
    expected = [
        (case.name, backend, quantity, layer)
        for case in slides
        for backend in backends
        for quantity, layer in [
            ("output", 0),
            ("loss", 0),
            *(("gradient", n + 1) for n in range(len(case.weights))),
            *(("update", n + 1) for n in range(len(case.weights))),
        ]
    ]
    assert [(row.case, row.backend, row.quantity, row.layer) for row in main_job.rows] == expected
    entries = {(row.case, row.backend): 0 for row in main_job.rows}
    for row in main_job.rows:
        entries[row.case, row.backend] += row.entries if row.quantity == "gradient" else 0
    sizes = {case.name: sum(w.size for w in case.weights) for case in slides}
    assert all(count == sizes[name] for (name, _), count in entries.items())


def test_two_runs_give_equal_rows(main_job: Outcome, slides: list[Case], backends: dict[str, Backend]) -> None:
    again = run(slides, list(backends.values()), observers=readings, mistakes=False)
    assert [values(row) for row in again.rows] == [values(row) for row in main_job.rows]
    assert [values(row) for row in again.observed] == [values(row) for row in main_job.observed]
    assert again.answer == main_job.answer


def test_backends_and_cases_come_in_the_order_given(slides: list[Case], backends: dict[str, Backend]) -> None:
    chosen, names = slides[7:2:-2], ["torch", "reference-neuron", "reference"]
    rows = run(chosen, [backends[name] for name in names], mistakes=False).rows
    assert list(dict.fromkeys(row.case for row in rows)) == [case.name for case in chosen]
    assert list(dict.fromkeys(row.backend for row in rows)) == names


def test_observers_are_shown_and_never_gated(
    main_job: Outcome, slides: list[Case], backends: dict[str, Backend]
) -> None:
    watchers = {reading.name for reading in readings}
    assert watchers.isdisjoint({row.backend for row in main_job.rows})
    assert {row.backend for row in main_job.observed} == watchers
    wrong = {row.backend for row in main_job.observed if row.verdict == Verdict.VIOLATION}
    assert wrong == {"reading-sign", "reading-scale", "reading-outer"}
    assert main_job.answer.exit_code == 0
    assert run(slides[:1], list(readings), observers=(), mistakes=False).answer.exit_code == 1  # the same, gated


def test_the_routes_are_really_different(main_job: Outcome) -> None:
    """Two backends that agree to the last bit everywhere would be one backend run twice."""
    found: dict[str, list[Any]] = {}
    for row in main_job.rows:
        if row.quantity == "gradient":
            found.setdefault(row.backend, []).append((row.max_abs, row.worst_value))
    assert len({repr(numbers) for numbers in found.values()}) == len(found) == 4


def test_rows_say_how_far_each_is_from_the_reference(main_job: Outcome) -> None:
    own = [row for row in main_job.rows if row.backend == "reference"]
    assert {(row.reference_abs, row.reference_ulp) for row in own} == {(0.0, 0.0)}
    assert any(row.reference_ulp for row in main_job.rows if row.backend == "torch")
    assert all(row.typical is not None and 0 <= row.typical < SUSPICIOUS for row in main_job.rows)


def test_the_distance_from_the_reference_is_that_of_the_worst_entry(
    draw: Callable[..., Case], spoiled: Callable[..., Backend]
) -> None:
    def nudge(found: Any) -> Any:
        loss = found.loss.copy()
        loss[0] = loss[0] + 2.0**-40
        return replace(found, loss=loss)

    case = draw(3, 4, 3)
    (row,) = [r for r in run([case], [spoiled(nudge, real="reference")], mistakes=False).rows if r.quantity == "loss"]
    assert row.reference_abs == 2.0**-40


def test_progress_is_told_of_every_case(slides: list[Case], backends: dict[str, Backend]) -> None:
    told: list[int] = []
    run(slides, [backends["reference"]], progress=lambda finished, wrong: told.append(finished), mistakes=False)
    assert sum(told) == len(slides)


def test_cases_of_one_structure_share_a_stack_and_keep_their_own_rows(
    draw: Callable[..., Case], backends: dict[str, Backend]
) -> None:
    cases = [draw(3, 4, 3, seed=seed) for seed in range(5)]
    together = run(cases, [backends["reference-neuron"]], mistakes=False).rows
    alone = [row for case in cases for row in run([case], [backends["reference-neuron"]], mistakes=False).rows]
    assert [nearly(row) for row in together] == [nearly(row) for row in alone]


@pytest.mark.parametrize("name", [*names(), *names(runs="core"), *names(runs="asked")])
def test_backends_are_loaded_by_name_and_called_so(name: str) -> None:
    assert load(name).name == name


def test_a_name_that_is_no_backend_is_refused_with_the_list() -> None:
    with pytest.raises(
        BackendError, match="no backend is called 'numpy'; there are reference, torch, jax, reference-neuron"
    ):
        load("numpy")
