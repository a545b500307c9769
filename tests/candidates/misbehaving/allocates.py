"""Misbehaving: allocates until it gets no more; at 256 MiB it says so itself, for the machine's sake."""

import numpy as np


def backprop(x, weights, target, activation, task):
    hoard = []
    while sum(block.nbytes for block in hoard) < 2**28:
        hoard.append(np.ones(2**23))  # 64 MiB, touched
    raise MemoryError("out of memory after 256 MiB")
