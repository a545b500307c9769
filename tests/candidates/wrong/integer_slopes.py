"""Wrong: stores σ' in an array of integers."""

import numpy as np


def sigmoid(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


SIGMA = {
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1, 0.01).astype(z.dtype)),
    "hardtanh": (lambda z: np.clip(z, -1, 1), lambda z: ((z > -1) & (z <= 1)).astype(z.dtype)),
    "elu": (lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))), lambda z: np.exp(np.minimum(z, 0))),
    "softplus": (lambda z: np.logaddexp(0, z), sigmoid),
    "identity": (lambda z: z, np.ones_like),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
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
        slopes = np.zeros(nets[n - 1].shape, dtype=int)
        slopes[...] = SIGMA[activation][1](nets[n - 1])
        delta = ((delta @ weights[n].T) * slopes).astype(x.dtype)
        gradients.insert(0, h[n - 1].T @ delta)
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients}
