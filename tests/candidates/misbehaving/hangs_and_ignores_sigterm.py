"""Misbehaving: hangs, and asked to end, goes on."""

import signal


def backprop(x, weights, target, activation, task):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        pass
