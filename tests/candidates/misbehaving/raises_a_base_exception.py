"""Misbehaving: raises an exception that `except Exception` does not catch."""


class Escape(BaseException):
    pass


def backprop(x, weights, target, activation, task):
    raise Escape("past every except Exception")
