"""Wrong: asks whether "relu" or "tanh" is in the activation's name."""

import numpy as np


def sigmoid(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


def pick(activation):
    if "relu" in activation:
        return lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(z.dtype)
    if "tanh" in activation:
        return np.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)
    if "sigmoid" in activation:
        return sigmoid, lambda z: sigmoid(z) * sigmoid(-z)
    if activation == "identity":
        return lambda z: z, np.ones_like
    raise NotImplementedError(activation)


def backprop(x, weights, target, activation, task):
    layers = [pick(activation)] * (len(weights) - 1) + [pick("sigmoid" if task == "classification" else "identity")]
    pick(activation)
    h, slopes = [x], []
    for (value, slope), w in zip(layers, weights, strict=True):
        net = h[-1] @ w
        h.append(value(net))
        slopes.append(slope(net))
    delta, gradients = 2 * (h[-1] - target) / target.size * slopes[-1], []
    for n in range(len(weights) - 1, -1, -1):
        gradients.append(h[n].T @ delta)
        if n:
            delta = (delta @ weights[n].T) * slopes[n - 1]
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients[::-1]}
