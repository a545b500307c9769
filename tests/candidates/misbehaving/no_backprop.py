"""Misbehaving: calls its function back_prop."""


def back_prop(x, weights, target, activation, task):
    return [0 * w for w in weights]
