"""Misbehaving: calls os._exit(0), so that no cleanup runs and the status is that of success."""

import os


def backprop(x, weights, target, activation, task):
    os._exit(0)
