"""Misbehaving: calls sys.exit(0)."""

import sys


def backprop(x, weights, target, activation, task):
    sys.exit(0)
