"""The matrix form: hand-made numbers, shapes, dtypes, stacks of cases, and the chain that carries it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from reference import arrays, chain, error
from reference.activations import Formula
from reference.backward import backward
from reference.layers.activation import Activation
from reference.layers.dense import Dense
from reference.network import Network, between, forward

each_output = pytest.mark.parametrize("output", ["sigmoid", "relu", None])
each_hidden = pytest.mark.parametrize("hidden", ["sigmoid", "relu", "identity"])


def both(example: Any) -> tuple[Any, Any]:
    run = forward(example.network, example.weights, example.x)
    return run, backward(example.network, example.weights, run, example.target)


def test_a_network_worked_by_hand() -> None:
    """2-2-3, ReLU, linear output, one hidden unit off; every number whole, N_O = 3 and B = 1.

    I^1 = (1·1 + 2·2, 1·3 − 2·4) = (5, −5), h^1 = (5, 0), Y = (5, 10, −5), Y − Y* = (3, 6, −9), times 2/3.
    """
    network = Network(Formula("relu", arrays), None)
    x, target = np.array([[1.0, 2.0]]), np.array([[2.0, 4.0, 4.0]])
    weights = (np.array([[1.0, 3.0], [2.0, -4.0]]), np.array([[1.0, 2.0, -1.0], [7.0, 8.0, 9.0]]))
    run = forward(network, weights, x)
    assert [I.tolist() for I in run.I] == [[[1, 2]], [[5, -5]], [[5, 10, -5]]]
    assert [h.tolist() for h in run.h] == [[[1, 2]], [[5, 0]], [[5, 10, -5]]]
    E = error.error(run.Y, target)
    assert E.tolist() == [[-3, -6, 9]]
    assert error.total_error(E) == 42
    back = backward(network, weights, run, target)
    assert [d.tolist() for d in back.deltas] == [[[16, 0]], [[2, 4, -6]]]
    assert [g.tolist() for g in back.gradients] == [[[16, 0], [32, 0]], [[10, 20, -30], [0, 0, 0]]]


def test_two_samples_are_averaged() -> None:
    """The same sample twice has the gradients and the total error of one."""
    network = Network(Formula("identity", arrays), None)
    x, target, weights = np.array([[1.0, 2.0]]), np.array([[3.0]]), (np.array([[2.0], [4.0]]),)
    once, twice = (both(_example(network, np.repeat(x, n, 0), np.repeat(target, n, 0), weights)) for n in (1, 2))
    assert once[1].gradients[0].tolist() == twice[1].gradients[0].tolist() == [[14.0], [28.0]]
    assert once[1].deltas[0].tolist() == [[14.0]] and twice[1].deltas[0].tolist() == [[7.0], [7.0]]
    losses = [
        error.total_error(error.error(run.Y, np.repeat(target, n, 0))) for run, n in ((once[0], 1), (twice[0], 2))
    ]
    assert losses == [49.0, 49.0]


def _example(network: Network, x: Any, target: Any, weights: tuple[Any, ...]) -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(network=network, x=x, target=target, weights=weights)


@each_hidden
def test_a_network_without_hidden_layers_and_its_two_tasks(whole: Callable[..., Any], hidden: str) -> None:
    example = whole(3, 4, batch=2, hidden=hidden)
    run, back = both(example)
    assert np.array_equal(run.Y, example.x @ example.weights[0])
    assert np.array_equal(back.gradients[0], example.x.T @ (2 * (run.Y - example.target) / 8))
    classified, _ = both(whole(3, 4, batch=2, hidden=hidden, output="sigmoid"))
    assert np.array_equal(classified.Y, 1 / (1 + np.exp(-run.Y)))


def test_a_central_difference_moves_every_weight_on_its_own(whole: Callable[..., Any]) -> None:
    """Linear network of whole numbers: ℰ is a square in each weight, so its central difference is exact."""
    example = whole(2, 3, 4, batch=2, hidden="identity", seed=5)
    _, back = both(example)

    def loss(weights: list[Any]) -> Any:
        return error.total_error(error.error(forward(example.network, weights, example.x).Y, example.target))

    for l, w in enumerate(example.weights):
        for index in np.ndindex(w.shape):
            sides = []
            for step in (1.0, -1.0):
                moved = [v.copy() for v in example.weights]
                moved[l][index] += step
                sides.append(loss(moved))
            assert back.gradients[l][index] == (sides[0] - sides[1]) / 2


@each_output
@each_hidden
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_shapes_and_dtypes_are_kept_everywhere(
    whole: Callable[..., Any], hidden: str, output: str | None, dtype: Any
) -> None:
    example = whole(3, 5, 4, 2, batch=6, hidden=hidden, output=output, dtype=dtype)
    with np.errstate(over="ignore"):
        run, back = both(example)
    widths = (3, 5, 4, 2)
    assert [I.shape for I in run.I] == [h.shape for h in run.h] == [(6, n) for n in widths]
    assert [d.shape for d in back.deltas] == [(6, n) for n in widths[1:]]
    assert [g.shape for g in back.gradients] == [w.shape for w in example.weights]
    loss = error.total_error(error.error(run.Y, example.target))
    arrays = [*run.I, *run.h, *back.deltas, *back.gradients, loss, error.slope(run.Y, example.target)]
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}
    assert loss.shape == ()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("hidden", "output", "widths", "batch"),
    # shapes in which no sum is rounded, so that its order, which BLAS chooses, does not show
    [
        ("relu", None, (3, 5, 4), 2),
        ("identity", "relu", (2, 3, 2, 1), 4),
        ("sigmoid", "sigmoid", (3, 1, 1), 1),
        ("sigmoid", None, (4, 1, 1), 1),
    ],
)
def test_a_leading_axis_of_cases_gives_the_same_as_case_by_case(
    whole: Callable[..., Any], hidden: str, output: str | None, widths: tuple[int, ...], batch: int, dtype: Any
) -> None:
    stacked = whole(*widths, batch=batch, hidden=hidden, output=output, dtype=dtype, stack=(7,))
    run, back = both(stacked)
    loss = error.total_error(error.error(run.Y, stacked.target))
    assert loss.shape == (7,)
    for k in range(7):
        alone = _example(stacked.network, stacked.x[k], stacked.target[k], tuple(w[k] for w in stacked.weights))
        one, its = both(alone)
        assert loss[k] == error.total_error(error.error(one.Y, alone.target))
        together = (*run.I, *run.h, *back.deltas, *back.gradients)
        for ours, theirs in zip(together, (*one.I, *one.h, *its.deltas, *its.gradients), strict=True):
            assert np.array_equal(ours[k], theirs)


# the chain


def test_a_chain_has_one_value_more_than_layers_and_one_delta_a_layer() -> None:
    layers = [Dense(), Activation(Formula("relu", arrays)), Dense()]
    weights = [np.array([[1.0, -2.0, 3.0]]), None, np.ones((3, 2))]
    values = chain.forward(layers, weights, np.array([[2.0]]))
    assert [v.tolist() for v in values] == [[[2]], [[2, -4, 6]], [[2, 0, 6]], [[8, 8]]]
    slope = np.array([[1.0, 10.0]])
    deltas, gradients = chain.backward(layers, weights, values, slope)
    assert [d.tolist() for d in deltas] == [[[11, 0, 11]], [[11, 11, 11]], [[1, 10]]]
    assert deltas[-1] is slope
    assert gradients[0].tolist() == [[22, 0, 22]]
    assert gradients[1] is None
    assert gradients[2].tolist() == [[2, 20], [0, 0], [6, 60]]


def test_a_chain_of_one_layer_and_of_none() -> None:
    x, w = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    values = chain.forward([Dense()], [w], x)
    deltas, gradients = chain.backward([Dense()], [w], values, np.array([[5.0]]))
    assert (len(values), len(deltas), gradients[0].tolist()) == (2, 1, [[5.0], [10.0]])
    assert chain.forward([], [], x) == [x]


def test_a_chain_whose_lists_do_not_match_is_refused() -> None:
    x, w = np.ones((1, 2)), np.ones((2, 2))
    with pytest.raises(ValueError, match="zip"):
        chain.forward([Dense(), Dense()], [w], x)
    values = chain.forward([Dense(), Dense()], [w, w], x)
    with pytest.raises(ValueError, match="zip"):
        chain.backward([Dense(), Dense()], [w, w], [*values, x], np.ones((1, 2)))
    with pytest.raises(ValueError, match="zip"):
        chain.backward([Dense(), Dense()], [w, w, w], values, np.ones((1, 2)))


def test_the_network_is_dense_and_activation_in_turn() -> None:
    hidden, output = Formula("relu", arrays), Formula("sigmoid", arrays)
    assert [type(layer) for layer in Network(hidden, output).layers(2)] == [Dense, Activation, Dense, Activation]
    assert [type(layer) for layer in Network(hidden, None).layers(2)] == [Dense, Activation, Dense]
    assert [layer.sigma for layer in Network(hidden, output).layers(3)[1::2]] == [hidden, hidden, output]  # type: ignore[attr-defined]
    assert between(["W1", "W2"], 4) == ["W1", None, "W2", None]
    assert between(["W1", "W2"], 3) == ["W1", None, "W2"]
