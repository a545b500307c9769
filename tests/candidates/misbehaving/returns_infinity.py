"""Misbehaving: returns infinity everywhere."""

import numpy as np


def backprop(x, weights, target, activation, task):
    return [np.full_like(w, np.inf) for w in weights]
