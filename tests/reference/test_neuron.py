"""The scalar form: the deck's sums with the deck's indices, and one walk over links, forward and reversed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from reference import arrays, error, neuron
from reference.activations import Formula
from reference.backward import backward
from reference.network import forward

IDENTITY, RELU = Formula("identity", arrays), Formula("relu", arrays)


def test_a_neuron_is_sigma_of_its_weighted_sum() -> None:
    """S2, by hand: 2·5 + 3·7 − 1·11 = 20."""
    assert neuron.neuron([2.0, 3.0, -1.0], [5.0, 7.0, 11.0], IDENTITY) == 20
    assert neuron.neuron([2.0, 3.0, -1.0], [-5.0, 7.0, 11.0], RELU) == 0
    assert neuron.neuron([0.0], [7.0], Formula("sigmoid", arrays)) == 0.5


def test_a_weighted_sum_is_added_in_the_order_of_i() -> None:
    big = 2.0**53
    assert neuron.weighted_sum([big, 1.0, -big], [1.0, 1.0, 1.0]) == 0
    assert neuron.weighted_sum([big, -big, 1.0], [1.0, 1.0, 1.0]) == 1
    assert neuron.weighted_sum([Fraction(1, 3)], [Fraction(3)]) == 1


@pytest.mark.parametrize("lengths", [(2, 3), (3, 2), (1, 2)])
def test_signals_and_weights_that_do_not_match_are_not_cut(lengths: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="zip"):
        neuron.weighted_sum([1.0] * lengths[0], [1.0] * lengths[1])


def test_output_and_hidden_nodes_by_hand() -> None:
    """S18: ε = 3·(−2). S19: δ = 3·(5·(−2) + 7·11). S22: Δw = ε·h."""
    assert neuron.output_node(3.0, -2.0) == -6
    assert neuron.hidden_node(3.0, [5.0, 7.0], [-2.0, 11.0]) == 201
    assert neuron.weight_change(-6.0, 0.5) == -3


def test_links_join_every_node_to_every_node_of_the_next_layer() -> None:
    assert neuron.links((2, 3)) == [
        ((0, 1), (1, 1)), ((0, 2), (1, 1)),
        ((0, 1), (1, 2)), ((0, 2), (1, 2)),
        ((0, 1), (1, 3)), ((0, 2), (1, 3)),
    ]  # fmt: skip
    links = neuron.links((3, 5, 2))
    assert len(links) == len(set(links)) == 3 * 5 + 5 * 2
    assert [link for link in links if link[0] == (1, 3)] == [((1, 3), (2, 1)), ((1, 3), (2, 2))]


def test_reversed_links_turn_round_and_come_layer_by_layer_from_the_end() -> None:
    links = neuron.links((2, 1, 2))
    assert neuron.reverse(links) == [
        ((2, 2), (1, 1)), ((2, 1), (1, 1)), ((1, 1), (0, 2)), ((1, 1), (0, 1)),
    ]  # fmt: skip
    assert neuron.reverse(neuron.reverse(links)) == links
    assert neuron.reverse([]) == []


def collect(node: neuron.Node, signals: Any, weights: Any) -> Any:
    return neuron.weighted_sum(signals, weights)


def test_a_walk_carries_signals_along_links_and_back_along_reversed_ones() -> None:
    """2-1-2 with weights 3, 5 and 7, 11: forward (3·1 + 5·2)·7 …, back 7·1 + 11·2 = 29, then 29·3, 29·5."""
    links = neuron.links((2, 1, 2))
    w = dict(zip(links, (3, 5, 7, 11), strict=True))
    there = neuron.walk(links, {(0, 1): 1, (0, 2): 2}, w.__getitem__, collect)
    assert there == {(0, 1): 1, (0, 2): 2, (1, 1): 13, (2, 1): 91, (2, 2): 143}
    back = neuron.walk(neuron.reverse(links), {(2, 1): 1, (2, 2): 2}, lambda l: w[l[1], l[0]], collect)
    assert back == {(2, 1): 1, (2, 2): 2, (1, 1): 29, (0, 1): 87, (0, 2): 145}


def walked(example: Any, sample: int = 0) -> tuple[Any, ...]:
    """The scalar form of one sample: I, h, Δ, Δw."""
    links, last = neuron.links(example.widths), len(example.weights)
    w = example.link_weights()
    x = {(0, i + 1): value for i, value in enumerate(example.x[sample])}
    I, h = neuron.forward(links, w, x, example.sigma)
    B, N_O = example.target.shape
    slopes = {
        (last, j + 1): 2 * (h[last, j + 1] - target) / (B * N_O) for j, target in enumerate(example.target[sample])
    }
    delta, change = neuron.backward(links, w, I, h, slopes, example.sigma)
    return I, h, delta, change


@pytest.mark.parametrize("output", ["sigmoid", None])
@pytest.mark.parametrize("hidden", ["sigmoid", "relu", "identity"])
def test_on_the_deck_s_network_each_change_is_that_of_its_two_nodes(
    deck: Callable[..., Any], hidden: str, output: str | None
) -> None:
    """S22: Δw^HO_32 = ε_2 h_3 and Δw^IH_23 = δ_3 x_2, in the deck's indices, bit for bit."""
    example = deck(hidden, output)
    I, h, delta, change = walked(example)
    epsilon = {j: delta[2, j] for j in (1, 2)}
    assert change[(1, 3), (2, 2)] == epsilon[2] * h[1, 3]
    assert change[(0, 2), (1, 3)] == delta[1, 3] * example.x[0, 1]
    w_ho = example.weights[1]
    slope = example.sigma(1).derivative(I[1, 3], h[1, 3])
    terms = (w_ho[2, 1] * epsilon[2], w_ho[2, 0] * epsilon[1])
    assert delta[1, 3] in (slope * (terms[0] + terms[1]), slope * (terms[1] + terms[0]))  # S19
    run = example.sigma(2).derivative(I[2, 2], h[2, 2])
    assert epsilon[2] == run * (2 * (h[2, 2] - example.target[0, 1]) / 2)  # S18, up to its sign
    assert (0, 1) not in delta


def test_the_deck_s_hidden_nodes_receive_what_the_deck_s_numbers_give(deck: Callable[..., Any]) -> None:
    I, h, _, _ = walked(deck("relu", None))
    exact = ["0.06", "0.152", "0.11", "0.9", "0.19"]
    x, w = [Fraction(v) for v in ("-0.1", "0.2", "0.3")], deck().weights[0]
    for j, text in enumerate(exact):
        column = [Fraction(str(value)) for value in w[:, j]]
        assert neuron.weighted_sum(x, column) == Fraction(text)
        assert h[1, j + 1] == I[1, j + 1] > 0


@pytest.mark.parametrize("hidden", ["relu", "identity"])
@pytest.mark.parametrize("batch", [1, 2, 4])
@pytest.mark.parametrize("widths", [(3, 5, 2), (2, 1), (4, 3, 1), (2, 3, 2, 4), (1, 2, 2, 2, 2)], ids=str)
def test_scalar_and_matrix_form_are_the_same_numbers(
    whole: Callable[..., Any], widths: tuple[int, ...], batch: int, hidden: str
) -> None:
    """S28, on whole numbers, where every order of evaluation is exact: equal to the last bit."""
    example = whole(*widths, batch=batch, hidden=hidden)
    run = forward(example.network, example.weights, example.x)
    back = backward(example.network, example.weights, run, example.target)
    total = [np.zeros_like(w) for w in example.weights]
    loss = 0.0
    for sample in range(batch):
        I, h, delta, change = walked(example, sample)
        for (l, j), value in I.items():
            assert (value, h[l, j]) == (run.I[l][sample, j - 1], run.h[l][sample, j - 1])
            assert delta[l, j] == back.deltas[l - 1][sample, j - 1]
        for ((l, i), (_, j)), value in change.items():
            total[l][i - 1, j - 1] += value
        last = len(widths) - 1
        loss += sum((t - h[last, j + 1]) ** 2 for j, t in enumerate(example.target[sample]))
    assert all(np.array_equal(ours, theirs) for ours, theirs in zip(total, back.gradients, strict=True))
    assert loss / example.target.size == error.total_error(error.error(run.Y, example.target))


def test_a_node_sees_the_number_of_its_own_layer() -> None:
    """σ is asked for by layer: hidden 1, output 2; the input layer has none."""
    asked: list[int] = []

    def sigma(layer: int) -> Formula:
        asked.append(layer)
        return IDENTITY

    links = neuron.links((2, 3, 2))
    neuron.forward(links, dict.fromkeys(links, 1.0), {(0, 1): 1.0, (0, 2): 2.0}, sigma)
    assert asked == [1, 1, 1, 2, 2]
