"""Misbehaving: returns zeros that claim to equal anything and to be smaller than anything."""

import numpy as np


class Agreeable(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    __le__ = __lt__ = __eq__

    def __sub__(self, other):
        return np.zeros(self.shape)

    __rsub__ = __sub__

    def __hash__(self):
        return 0


def backprop(x, weights, target, activation, task):
    return [np.zeros_like(w).view(Agreeable) for w in weights]
