"""The immutable case: rounding to its dtype, shapes, names."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cases.case import ACTIVATIONS, DTYPES, EXPECTATIONS, SLUG, TASKS, Case, expanded_name, make_case

X = [[0.1, 0.2, 0.3], [1.0, 2.0, 3.0]]
TARGET = [[1.0, 0.0, 0.5, 0.25], [0.0, 1.0, 0.5, 0.75]]
WEIGHTS = [[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], [[0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7, 0.8]]]


def example(dtype: str = "float64", **changes: object) -> Case:
    arguments = {"x": X, "target": TARGET, "weights": WEIGHTS} | changes
    return make_case("block", "relu", "prediction", dtype, **arguments)  # type: ignore[arg-type]


def test_name_layers_and_batch() -> None:
    case = example(source="here", tags=["kink"], expect="blind")
    assert case.name == "block-relu-prediction-float64" == expanded_name("block", "relu", "prediction", "float64")
    assert case.family == "block"
    assert (case.layers, case.structure, case.batch) == ((3, 2, 4), "3-2-4", 2)
    assert (case.source, case.tags, case.expect) == ("here", ("kink",), "blind")
    assert (case.learning_rate, example(learning_rate=0.5).learning_rate) == (0.1, 0.5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_number_is_rounded_to_the_dtype(dtype: str) -> None:
    case = example(dtype)
    for array, given in zip((case.x, case.target, *case.weights), (X, TARGET, *WEIGHTS), strict=True):
        assert array.dtype == DTYPES[dtype]
        assert np.array_equal(array, np.array(given).astype(dtype))
    assert case.learning_rate == float(np.dtype(dtype).type(0.1))
    assert type(case.learning_rate) is float


def test_nothing_can_be_changed() -> None:
    given = np.array(X)
    case = example(x=given)
    for array in (case.x, case.target, *case.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 9.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        case.name = "other"  # type: ignore[misc]
    given[0, 0] = 9.0
    assert case.x[0, 0] == 0.1


def test_shapes_that_do_not_chain_are_refused() -> None:
    with pytest.raises(ValueError, match="no weights"):
        example(weights=[])
    with pytest.raises(ValueError, match=r"weight matrix 1 has shape \(2, 4\), but layer 0 has 3 nodes"):
        example(weights=WEIGHTS[1:])
    with pytest.raises(ValueError, match=r"weight matrix 2 has shape \(3, 2\), but layer 1 has 2 nodes"):
        example(weights=[WEIGHTS[0], WEIGHTS[0]])
    with pytest.raises(ValueError, match=r"target has shape \(1, 4\), output \(2, 4\)"):
        example(target=TARGET[:1])
    with pytest.raises(ValueError, match=r"target has shape \(2, 3\), output \(2, 4\)"):
        example(target=X)


def test_the_words_are_slugs_and_unique() -> None:
    for words in (TASKS, ACTIVATIONS, tuple(DTYPES), EXPECTATIONS):
        assert len(set(words)) == len(words)
        assert all(SLUG.fullmatch(word) for word in words)
