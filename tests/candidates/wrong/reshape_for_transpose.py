"""Wrong: h.reshape(N, B) where h.T is meant."""

import numpy as np


def sigmoid(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


SIGMA = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "hardsigmoid": (
        lambda z: np.clip(z + 3, 0, 6) / 6,
        lambda z: ((z > -3) & (z <= 3)).astype(z.dtype) / 6,
    ),
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
    gradients = [h[-2].reshape(-1, len(x)) @ delta]
    for n in range(len(weights) - 1, 0, -1):
        delta = (delta @ weights[n].T) * SIGMA[activation][1](nets[n - 1])
        gradients.insert(0, h[n - 1].reshape(-1, len(x)) @ delta)
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients}
