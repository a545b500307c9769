"""Known deviations and conventions: each row is needed, each limit is measured, and a stale row fails the gate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from cases.case import Case, make_case
from cases.known import Deviation, deviations
from harness.backends import Backend, Evaluation, load
from harness.gate import Answer, gate
from harness.known import gone, installed, judged_scan, known_for, looked_for, seen
from harness.run import run
from harness.scan import Finding, Scan, points, run_scan
from reports.verdict import Verdict

TABLE = deviations()
IN_FORCE = [row for row in TABLE if row.covers(installed(row.backend))]
each_row = pytest.mark.parametrize("row", IN_FORCE, ids=lambda row: row.id)

Findings = dict[tuple[str, str], list[Finding]]
"""By activation and precision."""


@pytest.fixture(scope="module")
def findings(backends: dict[str, Backend]) -> Findings:
    """The scans that a row of the table concerns, on every backend."""
    names = dict.fromkeys((row.activation, row.dtype) for row in TABLE)
    scanned = list(({row.backend: load(row.backend) for row in TABLE} | backends).values())
    return {name: run_scan(Scan(*name), scanned) for name in names}


def finding_of(row: Deviation, findings: Findings) -> Finding:
    quantity = "activation" if row.of == "value" else "derivative"
    (found,) = [f for f in findings[row.activation, row.dtype] if (f.backend, f.quantity) == (row.backend, quantity)]
    return found


def gated(findings: Sequence[Finding], table: Sequence[Deviation]) -> Answer:
    """What a run would answer to these scans with this table."""
    stale = gone(looked_for(findings, table), seen(findings, table), table)
    return gate([], [judged_scan(finding, table) for finding in findings], {}, gone=stale)


def test_the_table_is_about_the_installed_versions() -> None:
    assert len(IN_FORCE) > 0 and len({row.id for row in TABLE}) == len(TABLE)


def test_with_the_table_every_scan_passes(findings: Findings) -> None:
    for its in findings.values():
        assert gated(its, TABLE).failures == ()


@each_row
def test_without_its_row_the_scan_fails_the_gate(row: Deviation, findings: Findings) -> None:
    without = [other for other in TABLE if other.id != row.id]
    answer = gated(findings[row.activation, row.dtype], without)
    assert answer.exit_code == 1
    (failure,) = [f for f in answer.failures if f.backend == row.backend]
    quantity = "activation" if row.of == "value" else "derivative"
    assert (failure.case, failure.incomplete) == (Scan(row.activation, row.dtype).name, False)
    lost = any(finding_of(row, findings).wrong & ~np.isfinite(finding_of(row, findings).worst))
    expected = "nonfinite" if lost else "violation"
    assert failure.reason.startswith(f"{expected}: {quantity} at x = ")


@each_row
def test_with_its_row_the_scan_is_known_by_its_name(row: Deviation, findings: Findings) -> None:
    judged = judged_scan(finding_of(row, findings), TABLE)
    assert judged.verdict == Verdict.KNOWN
    assert row.id in judged.detail.split(": ")[0].split(", ")


@each_row
def test_the_limit_is_the_worst_figure_of_the_scan_rounded_up_to_a_power_of_two(
    row: Deviation, findings: Findings
) -> None:
    finding = finding_of(row, findings)
    x = points(row.dtype).astype(np.float64)
    inside = np.logical_or.reduce([(x >= left) & (x <= right) for left, right in row.x])
    worst = finding.worst[finding.wrong & inside]
    if row.limit == "nonfinite":
        assert not np.isfinite(worst).any()
    else:
        assert float(row.limit) == 2.0 ** math.ceil(math.log2(worst.max()))
    assert x[finding.wrong & inside].size > 0


@each_row
def test_a_limit_below_the_measured_one_is_a_violation(row: Deviation, findings: Findings) -> None:
    lower = 2.0**60 if row.limit == "nonfinite" else float(row.limit) / 2
    table = [other.model_copy(update={"limit": lower}) if other.id == row.id else other for other in TABLE]
    answer = gated(findings[row.activation, row.dtype], table)
    assert answer.exit_code == 1
    (failure,) = [f for f in answer.failures if f.backend == row.backend]
    assert failure.reason.startswith(("violation: ", "nonfinite: "))


@each_row
def test_an_interval_that_misses_a_point_is_a_violation(row: Deviation, findings: Findings) -> None:
    x = points(row.dtype).astype(np.float64)[finding_of(row, findings).wrong]
    x = x[np.logical_or.reduce([(x >= left) & (x <= right) for left, right in row.x])]
    cut = float(np.median(x))
    narrower = tuple((a, min(b, cut - abs(cut) / 4)) for a, b in row.x if a < cut - abs(cut) / 4)
    table = [other.model_copy(update={"x": narrower}) if other.id == row.id else other for other in TABLE]
    assert gated(findings[row.activation, row.dtype], table).exit_code == 1


@each_row
def test_in_another_version_the_scan_says_extend_the_row(row: Deviation, findings: Findings) -> None:
    table = [other.model_copy(update={"versions": "<0.1"}) if other.id == row.id else other for other in TABLE]
    answer = gated(findings[row.activation, row.dtype], table)
    (failure,) = [f for f in answer.failures if f.backend == row.backend]
    words = f"same deviation as {row.id} (listed for <0.1): extend the row in cases/deviations.toml"
    assert failure.reason.endswith(words)


def test_another_deviation_than_the_listed_one_of_another_version_has_changed(findings: Findings) -> None:
    row = next(row for row in IN_FORCE if row.limit != "nonfinite")
    other = row.model_copy(update={"versions": "<0.1", "limit": float(row.limit) / 4})
    judged = judged_scan(finding_of(row, findings), [other])
    assert judged.verdict == Verdict.VIOLATION
    assert f"changed since {row.id} (listed for <0.1)" in judged.detail and "extend" not in judged.detail


# rows that are no longer so


def made_up(**changes: Any) -> Deviation:
    row = {"id": "made-up", "activation": "softplus", "backend": "torch", "versions": ">=0", "dtype": "float64"}
    rest = {"of": "value", "x": ((-3.0, -2.0),), "limit": 1024.0, "what": "nothing that was ever seen"}
    return Deviation.model_validate(row | rest | changes)


def test_a_row_that_was_looked_for_and_not_seen_fails_and_names_the_block(findings: Findings) -> None:
    answer = gated(findings["softplus", "float64"], [*TABLE, made_up()])
    assert answer.exit_code == 1
    (failure,) = answer.failures
    assert failure.backend == "torch"
    assert failure.reason == (
        f"known deviation made-up is gone in torch {installed('torch')}: "
        "remove the block with id = 'made-up' from cases/deviations.toml"
    )


@pytest.mark.parametrize(
    "changes",
    [{"versions": "<0.1"}, {"activation": "silu"}, {"dtype": "float32"}, {"backend": "nobody"}],
    ids=lambda changes: next(iter(changes)),
)
def test_a_row_that_this_run_did_not_look_for_is_not_gone(changes: dict[str, str], findings: Findings) -> None:
    assert gated(findings["softplus", "float64"], [*TABLE, made_up(**changes)]).failures == ()


@pytest.mark.parametrize("result", [ValueError("no"), None, 3.0, (np.zeros(2), np.zeros(2))], ids=repr)
def test_a_scan_that_gave_no_values_has_looked_for_nothing(result: Any) -> None:
    class Broken:
        name = "torch"

        def supports(self, case: Case) -> None:
            return None

        def evaluate(self, stack: Any) -> Any:
            raise NotImplementedError

        def pointwise(self, activation: str, x: Any) -> Any:
            if isinstance(result, Exception):
                raise result
            return result

    found = run_scan(Scan("softplus", "float64"), [Broken()])
    assert looked_for(found, TABLE) == set()
    answer = gated(found, TABLE)
    assert not [f for f in answer.failures if "is gone" in f.reason]
    assert answer.exit_code == (0 if result is None else 3 if isinstance(result, Exception) else 1)


def test_a_nonfinite_row_does_not_excuse_a_wrong_number(findings: Findings) -> None:
    row = next(row for row in IN_FORCE if row.limit == "nonfinite")
    finding = finding_of(row, findings)
    wrong_number = replace(finding, worst=np.where(finding.wrong, 2.0**40, finding.worst))
    assert judged_scan(finding, TABLE).verdict == Verdict.KNOWN
    assert judged_scan(wrong_number, TABLE).verdict == Verdict.NONFINITE


def test_routes_of_a_framework_share_its_rows_and_other_backends_do_not(draw: Callable[..., Case]) -> None:
    row = IN_FORCE[0]
    case = draw(3, 4, 2, activation=row.activation, dtype=row.dtype)
    assert row in known_for(row.backend, case, TABLE).here
    assert row in known_for(f"{row.backend}-func", case, TABLE).here
    assert known_for(f"my{row.backend}", case, TABLE).here == ()
    other = row.model_copy(update={"versions": "<0.1"})
    assert known_for(row.backend, case, [other]).elsewhere == (other,)
    assert known_for(row.backend, draw(3, 4, 2, activation="identity", dtype=row.dtype), TABLE).here == ()


# the same in a network


def threshold(**extra: Any) -> Case:
    """A unit at 25, where torch's softplus is the identity and its slope 1."""
    weights = [[[1.0]], [[0.5]]]
    return make_case("threshold", "softplus", "prediction", "float64", [[25.0]], [[1.0]], weights, **extra)


def test_a_network_that_meets_a_deviation_is_known_with_its_row_and_a_violation_without(
    frameworks: list[Backend], with_table: Any
) -> None:
    found = with_table()([threshold()], frameworks)
    assert found.answer.exit_code == 0
    known = [row for row in found.rows if row.verdict == Verdict.KNOWN]
    assert {row.backend for row in known} == {"torch"} and {"output", "gradient"} <= {row.quantity for row in known}
    assert all("torch-softplus-threshold" in row.detail for row in known)
    without = with_table([row for row in TABLE if row.activation != "softplus"])([threshold()], frameworks)
    assert [f.backend for f in without.answer.failures] == ["torch"]
    assert without.answer.failures[0].reason.startswith("violation")


def test_a_network_in_another_version_says_extend_the_row(frameworks: list[Backend], with_table: Any) -> None:
    table = [row.model_copy(update={"versions": "<0.1"}) for row in TABLE]
    answer = with_table(table)([threshold()], frameworks).answer
    assert answer.exit_code == 1
    assert "same deviation as torch-softplus-threshold" in answer.failures[0].reason
    assert "listed for other versions: extend the row; first wrong term: H (S6)" in answer.failures[0].reason


def test_a_deviation_excuses_nothing_beyond_its_own_size(spoiled: Callable[..., Backend], with_table: Any) -> None:
    def wrong(factor: float) -> Backend:
        return spoiled(lambda e: replace(e, gradients=[g * factor for g in e.gradients]), name="torch-wrong")

    assert with_table()([threshold()], [wrong(1.0)]).answer.exit_code == 0
    for factor in (-1.0, 1.0005, 1 + 1e-6):
        answer = with_table()([threshold()], [wrong(factor)]).answer
        assert answer.exit_code == 1 and answer.failures[0].reason.startswith("violation: gradient")


# NaN and infinity in a network


def overflow(task: str = "prediction", deep: bool = False, dtype: str = "float32") -> Case:
    """A unit at 6e37, where torch's hardswish is infinite, beside one at 1; what they add up to is about 1.7."""
    second = [[[2.0**-125, 2.0**-126], [0.25, 0.5]], [[1.0], [0.5]]] if deep else [[[2.0**-125], [0.5]]]
    target = 0.25 if task == "classification" else 1.25
    return make_case("overflow", "hardswish", task, dtype, [[1.0]], [[target]], [[[6e37, 1.0]], *second], 0.01)


def nan(x: float = 200.0, task: str = "prediction") -> Case:
    """A unit at x, where JAX's gradient of gelu_tanh in float16 is NaN, beside one at 1; one input is 0."""
    weights = [[[x, 1.0], [0.5, 0.5]], [[0.01], [0.5]]]
    return make_case("nan", "gelu_tanh", task, "float16", [[1.0, 0.0]], [[0.25]], weights, 0.01)


LOST = [
    pytest.param("torch", overflow(), id="torch-linear"),
    pytest.param("torch", overflow(dtype="bfloat16"), id="torch-linear-bfloat16"),
    pytest.param("torch", overflow("classification"), id="torch-sigmoid"),
    pytest.param("torch", overflow(deep=True), id="torch-deep"),
    pytest.param("torch", overflow("classification", deep=True), id="torch-deep-sigmoid"),
    pytest.param("jax", nan(), id="jax-linear"),
    pytest.param("jax", nan(task="classification"), id="jax-sigmoid"),
]
"""Whose deviation, and a case that meets it."""


@pytest.mark.parametrize(("framework", "case"), LOST)
def test_what_follows_from_an_overflow_is_known(framework: str, case: Case, frameworks: list[Backend]) -> None:
    found = run([case], frameworks, observers=(), mistakes=False)
    assert found.answer.failures == ()
    known = [row for row in found.rows if row.verdict == Verdict.KNOWN]
    assert {row.backend for row in known} == {framework} and "gradient" in {row.quantity for row in known}


def test_what_follows_from_an_overflow_may_be_finite(backends: dict[str, Backend]) -> None:
    """sigmoid(inf) = 1 where the exact value is 0.85."""
    rows = run([overflow("classification")], [backends["torch"]], observers=(), mistakes=False).rows
    (output,) = [row for row in rows if row.quantity == "output"]
    assert (output.verdict, output.worst_value) == (Verdict.KNOWN, 1.0)


def test_it_is_known_too_where_the_gradient_that_is_lost_leaves_the_range(backends: dict[str, Backend]) -> None:
    weights = [[[1.5e38, 1.0]], [[2.0**-126], [0.5]]]
    case = make_case("overflow", "hardswish", "classification", "float32", [[1.0]], [[-20.0]], weights, 0.01)
    found = {(r.quantity, r.layer): r for r in run([case], [backends["torch"]], observers=(), mistakes=False).rows}
    assert found["gradient", 2].verdict == Verdict.RANGE
    assert (found["output", 0].verdict, found["output", 0].worst_value) == (Verdict.KNOWN, 1.0)
    assert {row.verdict for row in found.values()} == {Verdict.KNOWN, Verdict.RANGE}


@pytest.mark.parametrize(("framework", "case"), LOST)
@pytest.mark.parametrize("quantity", ["output", "loss", "gradients", "updated"])
def test_a_finite_wrong_number_is_not_excused_by_a_row_for_nan(
    framework: str, case: Case, quantity: str, spoiled: Callable[..., Backend]
) -> None:
    """It would be: where h may be infinite, every bound is."""

    def wrong(found: Evaluation) -> Evaluation:
        value: Any = getattr(found, quantity)
        return replace(found, **{quantity: [-part for part in value] if isinstance(value, list) else -value})

    outcome = run([case], [spoiled(wrong, "reference", f"{framework}-wrong")], observers=(), mistakes=False)
    assert outcome.answer.exit_code == 1
    assert outcome.answer.failures[0].reason.startswith("violation: ")
    assert (
        run(
            [case], [spoiled(lambda e: e, "reference", f"{framework}-right")], observers=(), mistakes=False
        ).answer.failures
        == ()
    )


@pytest.mark.parametrize(
    ("framework", "case"), [(p.values[0], p.values[1]) for p in LOST if p.id in ("torch-linear", "jax-sigmoid")]
)
def test_beside_a_nan_a_finite_wrong_number_is_not_excused_either(
    framework: str, case: Case, backends: dict[str, Backend], spoiled: Callable[..., Backend]
) -> None:
    """With no σ behind the one that is lost, what is a number has nothing to do with it."""

    def wrong(found: Evaluation) -> Evaluation:
        assert found.gradients is not None
        hidden, output = (np.array(g) for g in found.gradients)
        hidden[0, 0, 1] = 3.0
        return replace(found, gradients=[hidden, output])

    outcome = run([case], [spoiled(wrong, framework, f"{framework}-wrong")], observers=(), mistakes=False)
    (failure,) = outcome.answer.failures
    assert outcome.answer.exit_code == 1 and failure.reason.startswith("nonfinite: gradient of layer 1")


def test_a_row_for_nan_excuses_nan_only_where_it_may_have_reached(
    backends: dict[str, Backend], spoiled: Callable[..., Backend]
) -> None:
    def wrong(found: Evaluation) -> Evaluation:
        assert found.gradients is not None
        hidden, output = (np.array(g) for g in found.gradients)
        hidden[0, 0, 1] = np.nan
        return replace(found, gradients=[hidden, output])

    case = nan()
    assert run([case], [spoiled(lambda e: e, "jax", "jax-right")], observers=(), mistakes=False).answer.exit_code == 0
    outcome = run([case], [spoiled(wrong, "jax", "jax-wrong")], observers=(), mistakes=False)
    assert [f.reason.split(":")[0] for f in outcome.answer.failures] == ["nonfinite"]
