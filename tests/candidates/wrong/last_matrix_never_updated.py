"""Wrong: update leaves out the last matrix."""

import numpy as np


def sigmoid(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


SIGMA = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (np.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
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
    gradients = [h[-2].T @ delta]
    for n in range(len(weights) - 1, 0, -1):
        delta = (delta @ weights[n].T) * SIGMA[activation][1](nets[n - 1])
        gradients.insert(0, h[n - 1].T @ delta)
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients}


def update(weights, gradients, learning_rate):
    new = [w.copy() for w in weights]
    for n in range(len(weights) - 1):
        new[n] -= learning_rate * gradients[n]
    return new
