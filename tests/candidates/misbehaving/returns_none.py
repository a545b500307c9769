"""Misbehaving: returns None, having forgotten the return."""


def backprop(x, weights, target, activation, task):
    gradients = [0 * w for w in weights]  # noqa: F841
