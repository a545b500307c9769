"""Gradient descent (S13, S26), and learning as its repetition (S12)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def update(weights: Sequence[Any], gradients: Sequence[Any], alpha: Any) -> tuple[Any, ...]:
    """W' = W − α ΔW (S13, S26) for every layer; shapes as the weights'."""
    return tuple(W - alpha * dW for W, dW in zip(weights, gradients, strict=True))


def learn(
    weights: Sequence[Any], gradient: Callable[[Sequence[Any]], Sequence[Any]], alpha: Any, steps: int
) -> tuple[Any, ...]:
    """W_{t+1} = W_t − α ΔW_t for ``steps`` steps: the way the deck takes towards W* = argmin ℰ (S12)."""
    current = tuple(weights)
    for _ in range(steps):
        current = update(current, gradient(current), alpha)
    return current
