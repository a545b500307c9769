"""Misbehaving: raises ValueError."""


def backprop(x, weights, target, activation, task):
    raise ValueError("these weights do not suit me")
