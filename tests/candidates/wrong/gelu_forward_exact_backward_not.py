"""Wrong: gelu forward by erfc, backward by the derivative of the tanh form."""

import math

import numpy as np

ROOT = math.sqrt(2 / math.pi)


def s(z):
    q = np.exp(-np.abs(z))
    return (np.where(z < 0, q, 1) / (1 + q)).astype(z.dtype)


def cdf(name, z):
    if name == "gelu":
        return np.array([[math.erfc(-v / math.sqrt(2)) / 2 for v in row] for row in z], z.dtype)
    return s(2 * ROOT * (z + 0.044715 * z * z * z))


def slope(z):
    u, du = ROOT * (z + 0.044715 * z * z * z), ROOT * (1 + 3 * 0.044715 * z * z)
    return s(2 * u) + 2 * z * (s(2 * u) * s(-2 * u)) * du


def backprop(x, weights, target, activation, task):
    if activation not in ("gelu", "gelu_tanh"):
        raise NotImplementedError(activation)
    nets, h = [x @ weights[0]], [x]
    for w in weights[1:]:
        h.append(nets[-1] * cdf(activation, nets[-1]))
        nets.append(h[-1] @ w)
    y = s(nets[-1]) if task == "classification" else nets[-1]
    delta = 2 * (y - target) / y.size * (s(nets[-1]) * s(-nets[-1]) if task == "classification" else 1)
    gradients = [h[-1].T @ delta]
    for n in range(len(weights) - 2, -1, -1):
        delta = slope(nets[n]) * (delta @ weights[n + 1].T)
        gradients.insert(0, h[n].T @ delta)
    return {"output": y, "loss": np.mean((y - target) ** 2), "gradients": gradients}
