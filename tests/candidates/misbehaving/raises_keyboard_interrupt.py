"""Misbehaving: raises KeyboardInterrupt."""


def backprop(x, weights, target, activation, task):
    raise KeyboardInterrupt
