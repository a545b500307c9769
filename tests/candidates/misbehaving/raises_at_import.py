"""Misbehaving: raises when imported."""

SIGMA = {}["sigmoid"]


def backprop(x, weights, target, activation, task):
    return [0 * w for w in weights]
