"""The exhibit ``terms``: the lesson's numbers are those that `gradproof show` and the rows of a run have."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from harness import lesson
from harness.commands.shown import column, exact_terms
from harness.terms import terms

COMBINATIONS = list(product(lesson.FAMILIES, lesson.ACTIVATIONS, ("classification", "prediction")))


@pytest.fixture(scope="module")
def found(slides, backends) -> dict[str, Any]:
    return lesson.exhibit(slides, [backends[name] for name in ("reference", "torch", "jax")])


def of(found, family, activation, task):
    wanted = {"family": family, "activation": activation, "task": task}
    (its,) = [case for case in found["cases"] if wanted.items() <= case.items()]
    return its


def test_the_lesson_has_every_combination(found):
    assert [(c["family"], c["activation"], c["task"]) for c in found["cases"]] == COMBINATIONS


def test_without_its_cases_there_is_none(slides, backends):
    others = [case for case in slides if not lesson.shown(case)]
    assert lesson.exhibit(others, list(backends.values())) == {}


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_terms_are_those_of_show(found, slides, backends, combination):
    its = of(found, *combination)
    (case,) = [case for case in slides if case.name == its["case"]]
    exact, columns = exact_terms(case), [column(case, backends[name]) for name in its["backends"]]
    assert [part["name"] for part in its["terms"]] == [term.name for term in terms(case)]
    for part, term in zip(its["terms"], terms(case), strict=True):
        assert part["exact"] == exact[term.key].high.ravel().tolist()
        assert part["entries"] == [term.entry(index) for index in np.ndindex(exact[term.key].high.shape)]
        for col in columns:
            assert part["values"][col.name] == np.ravel(col.seen[term.key].values).tolist()


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_terms_are_those_of_the_rows(found, main_job, combination):
    its = of(found, *combination)
    of_kind = {part["term"]: part for part in its["terms"]}
    rows = [row for row in main_job.rows if row.case == its["case"] and row.backend in its["backends"]]
    assert len(rows) == 6 * len(its["backends"])
    for row in rows:
        part = of_kind[lesson.key(row.quantity, row.layer)]
        l, layers = row.layer, its["layers"]
        shape = {"output": (1, layers[-1]), "loss": ()}.get(row.quantity, tuple(layers[l - 1 : l + 1]))
        flat = int(np.ravel_multi_index(row.worst_index, shape)) if shape else 0
        assert part["values"][row.backend][flat] == row.worst_value
        assert part["exact"][flat] == row.worst_exact
        assert max(part["ulps"][row.backend]) == pytest.approx(row.max_ulp, rel=0.06, abs=0.01)


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_paths_start_at_the_case_and_step_by_S13(found, combination):
    its = of(found, *combination)
    exact = {part["term"]: part["exact"] for part in its["terms"]}
    unit = 10.0**-lesson.DECIMALS
    assert [path["alpha"] for path in its["paths"]] == list(lesson.ALPHAS)
    for path in its["paths"]:
        assert path["steps"] == lesson.STEPS + 1
        assert all(len(rows) == path["steps"] for key, rows in path.items() if key in exact)
        for key in exact.keys() & path.keys():
            assert path[key][0] == pytest.approx(exact[key], abs=0.501 * unit)
        for l in (1, 2):
            W, dW = (np.array(path[f"{kind}{l}"]) for kind in ("weight", "gradient"))
            assert W[0].tolist() == its["weights"][l - 1]
            assert W[1:] == pytest.approx(W[:-1] - path["alpha"] * dW, abs=(2 + path["alpha"]) * unit)


@pytest.mark.parametrize("combination", COMBINATIONS, ids="-".join)
def test_readings_are_what_the_deck_says_otherwise(found, combination):
    its = of(found, *combination)
    derivative, sign, scale, outer = its["readings"]
    assert [one["reading"] for one in its["readings"]] == ["derivative", "sign", "scale", "outer"]
    unit = 10.0**-lesson.DECIMALS
    for l in (0, 1):
        (exact,) = [part["exact"] for part in its["terms"] if part["term"] == f"gradient{l + 1}"]
        assert derivative["gradients"][l] == pytest.approx(exact, abs=0.501 * unit)
        assert sign["gradients"][l] == [-v + 0.0 for v in derivative["gradients"][l]]
    assert scale == derivative | {key: scale[key] for key in ("reading", "equations", "statement")}
    hidden = its["activation"] == "relu" and its["family"] == "slide-3-5-2"
    assert outer["gradients"][0] == derivative["gradients"][0]
    assert (outer["gradients"][1] == derivative["gradients"][1]) == hidden
    for falls, climbs, path in zip(derivative["losses"], sign["losses"], its["paths"], strict=True):
        assert falls == pytest.approx([loss for (loss,) in path["loss"]], abs=2 * unit)
        assert climbs[1] > climbs[0] == falls[0]
