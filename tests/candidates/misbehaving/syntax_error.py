"""Misbehaving: lacks a colon in line 3."""

def backprop(x, weights, target, activation, task)
    return weights
