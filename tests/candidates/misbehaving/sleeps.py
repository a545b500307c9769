"""Misbehaving: sleeps for ever."""

import time


def backprop(x, weights, target, activation, task):
    while True:
        time.sleep(3600)
