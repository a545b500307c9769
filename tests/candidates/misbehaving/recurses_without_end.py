"""Misbehaving: calls itself without end."""


def backprop(x, weights, target, activation, task):
    return backprop(x, weights, target, activation, task)
