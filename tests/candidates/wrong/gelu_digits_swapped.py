"""Wrong: gelu_tanh with 0.044175 for 0.044715."""

import numpy as np


def sigmoid(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


def inner(z):
    z = np.clip(z, -50, 50)
    return np.sqrt(8 / np.pi).astype(z.dtype) * (z + 0.044175 * z**3)


def inner_slope(z):
    z = np.clip(z, -50, 50)
    return np.sqrt(8 / np.pi).astype(z.dtype) * (1 + 3 * 0.044175 * z**2)


SIGMA = {
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "tanh": (np.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)),
    "identity": (lambda z: z, np.ones_like),
    "gelu_tanh": (
        lambda z: z * sigmoid(inner(z)),
        lambda z: sigmoid(inner(z)) + z * sigmoid(inner(z)) * sigmoid(-inner(z)) * inner_slope(z),
    ),
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
