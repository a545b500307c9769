"""Wrong: sigmoid as e^I / (1 + e^I)."""

import numpy as np


def sigmoid(I):
    with np.errstate(over="ignore", invalid="ignore"):
        return np.exp(I) / (1 + np.exp(I))


def backprop(x, weights, target, activation, task):
    if activation != "sigmoid":
        raise NotImplementedError(activation)
    h = [x]
    for w in weights:
        h.append(sigmoid(h[-1] @ w))
    if task == "prediction":
        h[-1] = h[-2] @ weights[-1]
    delta = 2 / target.size * (h[-1] - target)
    gradients = []
    for n in range(len(weights), 0, -1):
        if n < len(weights) or task == "classification":
            delta = delta * h[n] * (1 - h[n])
        gradients.append(h[n - 1].T @ delta)
        delta = delta @ weights[n - 1].T
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients[::-1]}
