"""Wrong: dropout in training mode, with a fixed seed."""

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
    h, nets, masks, rng = [x], [], [], np.random.default_rng(0)
    for name, w in zip(names, weights, strict=True):
        nets.append(h[-1] @ w)
        h.append(SIGMA[name][0](nets[-1]))
        if len(h) <= len(weights):
            masks.append((rng.random(h[-1].shape) > 0.1).astype(x.dtype) / x.dtype.type(0.9))
            h[-1] = h[-1] * masks[-1]
    delta = 2 * (h[-1] - target) / target.size * SIGMA[names[-1]][1](nets[-1])
    gradients = [h[-2].T @ delta]
    for n in range(len(weights) - 1, 0, -1):
        delta = (delta @ weights[n].T) * masks[n - 1] * SIGMA[activation][1](nets[n - 1])
        gradients.insert(0, h[n - 1].T @ delta)
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients}
