"""Misbehaving: ends with SIGSEGV, as a faulty extension would."""

import os
import signal


def backprop(x, weights, target, activation, task):
    os.kill(os.getpid(), signal.SIGSEGV)
