"""Misbehaving: returns objects whose __array__ raises."""


class Empty:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no numbers today")


def backprop(x, weights, target, activation, task):
    return [Empty() for _ in weights]
