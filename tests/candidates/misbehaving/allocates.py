"""Misbehaving: allocates until it gets no more; at 1 GiB it says so itself, for the machine's sake."""

import numpy as np


def backprop(x, weights, target, activation, task):
    hoard = []
    while sum(block.nbytes for block in hoard) < 2**30:
        hoard.append(np.ones(2**23))  # 64 MiB, touched
    raise MemoryError("out of memory after 1 GiB")
