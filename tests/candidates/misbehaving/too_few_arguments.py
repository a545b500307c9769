"""Misbehaving: backprop takes three arguments."""


def backprop(x, weights, target):
    return [0 * w for w in weights]
