"""Wrong: adds the gradients up in float32, whatever the precision of the case."""

import numpy as np


def sigmoid(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


def single_sum(h, delta):
    total = np.zeros((h.shape[1], delta.shape[1]), dtype=np.float32)
    for row, d in zip(h, delta, strict=True):
        total += np.outer(row, d).astype(np.float32)
    return total.astype(h.dtype)


SIGMA = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (np.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "softplus": (lambda z: np.logaddexp(0, z), sigmoid),
    "identity": (lambda z: z, np.ones_like),
}


def backprop(x, weights, target, activation, task):
    if activation not in SIGMA:
        raise NotImplementedError(activation)
    names = [activation] * (len(weights) - 1) + ["sigmoid" if task == "classification" else "identity"]
    h, nets = [x], []
    for name, w in zip(names, weights, strict=True):
        nets.append(h[-1] @ w)
        h.append(SIGMA[name][0](nets[-1]))
    delta = 2 * (h[-1] - target) / target.size * SIGMA[names[-1]][1](nets[-1])
    gradients = [single_sum(h[-2], delta)]
    for n in range(len(weights) - 1, 0, -1):
        delta = (delta @ weights[n].T) * SIGMA[activation][1](nets[n - 1])
        gradients.insert(0, single_sum(h[n - 1], delta))
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients}
