"""Right: a complex step of 2^-40 i in one weight at a time, which has no cancellation; float64; three smooth σ."""

import numpy as np

STEP = 2.0**-40


def sigmoid(z):
    t = np.exp(np.where(z.real > 0, -z, z))
    return np.where(z.real > 0, 1, t) / (1 + t)


SIGMA = {"sigmoid": sigmoid, "tanh": np.tanh, "identity": lambda z: z}


def error(x, weights, target, activation, task):
    for w in weights[:-1]:
        x = SIGMA[activation](x @ w)
    y = x @ weights[-1]
    e = (sigmoid(y) if task == "classification" else y) - target
    return np.mean(e.real * e.real - e.imag * e.imag) + 1j * np.mean(2 * e.real * e.imag)


def backprop(x, weights, target, activation, task):
    if activation not in SIGMA or x.dtype == np.float32:
        raise NotImplementedError("float64 and sigmoid, tanh or identity only")
    moved = [w.astype(complex) for w in weights]
    gradients = []
    for w in moved:
        g = np.empty(w.shape)
        for at in np.ndindex(w.shape):
            w[at] += 1j * STEP
            g[at] = error(x, moved, target, activation, task).imag / STEP
            w[at] = w[at].real
        gradients.append(g)
    return {"loss": error(x, moved, target, activation, task).real, "gradients": gradients}
