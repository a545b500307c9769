"""Misbehaving: computes without end."""


def backprop(x, weights, target, activation, task):
    while True:
        pass
