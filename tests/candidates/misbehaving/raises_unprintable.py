"""Misbehaving: raises an exception whose __str__ and __repr__ raise."""


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def backprop(x, weights, target, activation, task):
    raise Unprintable
