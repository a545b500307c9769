"""Misbehaving: returns an empty dict."""


def backprop(x, weights, target, activation, task):
    return {}
