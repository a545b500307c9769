"""Misbehaving: raises NotImplementedError for everything."""


def backprop(x, weights, target, activation, task):
    raise NotImplementedError(activation)
