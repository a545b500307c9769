"""Misbehaving: returns NaN everywhere."""

import numpy as np


def backprop(x, weights, target, activation, task):
    return [np.full_like(w, np.nan) for w in weights]
