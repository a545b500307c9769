"""The chain rule as S16 prints it: whole matrices of partial derivatives, of one sample.

    ∂y/∂w_i = ∂y/∂x_i · ∂x_i/∂w_i        and        ∂y/∂x_i = ∂y/∂x_{i−1} · ∂x_{i−1}/∂x_i

The deck counts the f_i from the output; here layers are listed from the input, so what is "i − 1" there is the
next layer here. `full_products` multiplies all Jacobians anew for each layer, `recursion` takes the last product
one layer further. Back-propagation (`reference.chain.backward`) is the recursion begun with the one row ∂ℰ/∂y:
the same numbers without a single product of two matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import matmul
from typing import Any

from reference.layers import Layer


def jacobian(layer: Layer, w: Any, x: Any, y: Any, unit: Any) -> Any:
    """∂x_{i−1}/∂x_i of a layer, y = f(w, x): row j is the pullback of the unit error at y_j. Shape (M, N).

    x is (1, N), y (1, M) and ``unit`` the identity (M, M): M unit errors, as if of M samples.
    """
    return layer.pullback_input(w, x, y, unit)


def jacobians(
    layers: Sequence[Layer], weights: Sequence[Any], values: Sequence[Any], units: Sequence[Any]
) -> list[Any]:
    """Those of all layers, from the input; ``values`` are those of `reference.chain.forward`, ``units[i]`` the
    identity as large as ``values[i]``.
    """
    parts = zip(layers, weights, values[:-1], values[1:], units[1:], strict=True)
    return [jacobian(*part) for part in parts]


def full_products(steps: Sequence[Any], unit: Any) -> list[Any]:
    """∂y/∂x_i for the output x_i of every layer, from the input: each the product of all Jacobians behind it.

    ``steps`` are all Jacobians; ``unit``, the identity, is ∂y/∂y.
    """
    return [*(reduce(matmul, reversed(steps[i:])) for i in range(1, len(steps))), unit]


def recursion(steps: Sequence[Any], unit: Any) -> list[Any]:
    """The same, each from the one behind it."""
    products = [unit, *steps[-1:]] if len(steps) > 1 else [unit]
    for step in reversed(steps[1:-1]):
        products.append(products[-1] @ step)
    return products[::-1]


def gradients(
    layers: Sequence[Layer], weights: Sequence[Any], values: Sequence[Any], products: Sequence[Any], slope: Any
) -> list[Any]:
    """∂ℰ/∂w_i = Σ_j ∂ℰ/∂y_j · ∂y_j/∂w_i, with ∂y_j/∂w_i = ∂y_j/∂x_i · ∂x_i/∂w_i; ``slope`` is ∂ℰ/∂y, (1, M).

    None where a layer has no weight.
    """
    found: list[Any] = []
    for layer, w, x, y, product in zip(layers, weights, values[:-1], values[1:], products, strict=True):
        if w is None:
            found.append(None)
            continue
        rows = [layer.pullback_weight(w, x, y, product[j : j + 1]) for j in range(product.shape[0])]
        found.append(sum(slope[0, j] * row for j, row in enumerate(rows[1:], start=1)) + slope[0, 0] * rows[0])
    return found
