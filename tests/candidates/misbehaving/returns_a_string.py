"""Misbehaving: returns a string."""


def backprop(x, weights, target, activation, task):
    return "the gradients"
