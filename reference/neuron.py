"""The scalar form: nodes, links, and sums with indices as the deck prints them (S1, S2, S17–S19, S22).

A node is (l, j): node j of layer l, both as in the deck, nodes counted from 1. A link joins node i of
layer l to node j of layer l + 1 and has the weight w_ij. One `walk` carries numbers along links; the
forward pass walks the links, the backward pass walks the same links reversed (S17).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from reference.activations import Sigma

Node = tuple[int, int]
Link = tuple[Node, Node]


def links(widths: Sequence[int]) -> list[Link]:
    """S1: every node of a layer is linked to every node of the next; widths are N_0 … N_L."""
    return [
        ((l, i), (l + 1, j))
        for l in range(len(widths) - 1)
        for j in range(1, widths[l + 1] + 1)
        for i in range(1, widths[l] + 1)
    ]


def reverse(links: Iterable[Link]) -> list[Link]:
    """S17, step 1: turn every link round."""
    return [(end, start) for start, end in reversed(list(links))]


def weighted_sum(signals: Sequence[Any], w: Sequence[Any]) -> Any:
    """Σ_i x_i w_ij, added in the order of i: the inside of S2, S18 and S19."""
    total = signals[0] * w[0]
    for x_i, w_ij in zip(signals[1:], w[1:], strict=True):
        total = total + x_i * w_ij
    return total


def neuron(x: Sequence[Any], w: Sequence[Any], sigma: Sigma) -> Any:
    """S2: y_j = σ(Σ_i x_i w_ij)."""
    return sigma.value(weighted_sum(x, w))


def output_node(slope: Any, e: Any) -> Any:
    """S18: ε_i = σ'(I_i) e_i, with slope = σ'(I_i)."""
    return slope * e


def hidden_node(slope: Any, w: Sequence[Any], epsilon: Sequence[Any]) -> Any:
    """S19: δ_3 = σ'(I_3)(w_31 ε_1 + w_32 ε_2), with slope = σ'(I_3)."""
    return slope * weighted_sum(epsilon, w)


def weight_change(epsilon_j: Any, h_i: Any) -> Any:
    """S22: Δw_ij = ε_j h_i, from the two nodes that the link joins."""
    return epsilon_j * h_i


def walk(
    links: Iterable[Link],
    start: Mapping[Node, Any],
    weight: Callable[[Link], Any],
    answer: Callable[[Node, Sequence[Any], Sequence[Any]], Any],
) -> dict[Node, Any]:
    """Carry signals along links until every node has answered.

    ``start`` holds the signals at the first nodes. ``answer(node, signals, weights)`` says what a node
    makes of the signals that arrive. Links must come layer by layer.
    """
    arriving: dict[Node, tuple[list[Node], list[Any]]] = defaultdict(lambda: ([], []))
    for link in links:
        sources, weights = arriving[link[1]]
        sources.append(link[0])
        weights.append(weight(link))
    signal = dict(start)
    for node, (sources, weights) in arriving.items():
        signal[node] = answer(node, [signal[source] for source in sources], weights)
    return signal


def forward(
    links: Sequence[Link], w: Mapping[Link, Any], x: Mapping[Node, Any], sigma: Callable[[int], Sigma]
) -> tuple[dict[Node, Any], dict[Node, Any]]:
    """S1 walked from the input: returns I and h of every node. ``sigma(l)`` is the σ of layer l."""
    I: dict[Node, Any] = {}

    def answer(node: Node, signals: Sequence[Any], weights: Sequence[Any]) -> Any:
        I[node] = weighted_sum(signals, weights)
        return sigma(node[0]).value(I[node])

    return I, walk(links, x, w.__getitem__, answer)


def backward(
    links: Sequence[Link],
    w: Mapping[Link, Any],
    I: Mapping[Node, Any],
    h: Mapping[Node, Any],
    e: Mapping[Node, Any],
    sigma: Callable[[int], Sigma],
) -> tuple[dict[Node, Any], dict[Link, Any]]:
    """S17 walked from the output: returns ε (or δ) of every node, and Δw of every link.

    ``e`` is the error at each output node. The four steps of S17: links reversed; errors sent along them;
    σ' in place of σ; each weight changed by the two nodes it joins.
    """

    def slope(node: Node) -> Any:
        return sigma(node[0]).derivative(I[node], h[node])

    def answer(node: Node, signals: Sequence[Any], weights: Sequence[Any]) -> Any:
        return hidden_node(slope(node), weights, signals)

    outputs = {node: output_node(slope(node), e_j) for node, e_j in e.items()}
    inner = [link for link in links if link[0][0] > 0]
    epsilon = walk(reverse(inner), outputs, lambda link: w[link[1], link[0]], answer)
    return epsilon, {link: weight_change(epsilon[link[1]], h[link[0]]) for link in links}
