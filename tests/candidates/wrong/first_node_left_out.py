"""Wrong: counts the nodes from 1, in a language that counts from 0."""

import numpy as np


def logistic(z):
    q = np.exp(-np.abs(z))
    return np.where(z < 0, q, 1) / (1 + q)


def backprop(x, weights, target, activation, task):
    if activation not in ("tanh", "identity"):
        raise NotImplementedError(activation)
    h, slopes = [x], []
    for n, w in enumerate(weights):
        net = h[-1] @ w
        if n == len(weights) - 1 and task == "classification":
            h.append(logistic(net))
            slopes.append(logistic(net) * logistic(-net))
        elif n == len(weights) - 1 or activation == "identity":
            h.append(net)
            slopes.append(np.ones_like(net))
        else:
            h.append(np.tanh(net))
            slopes.append(4 * logistic(2 * net) * logistic(-2 * net))
    delta = 2 / target.size * (h[-1] - target) * slopes[-1]
    gradients = [np.zeros_like(w) for w in weights]
    for n in range(len(weights) - 1, 0, -1):
        gradients[n] += h[n].T @ delta
        delta = (delta @ weights[n].T) * slopes[n - 1]
    for i in range(1, x.shape[1]):
        gradients[0][i] += x[:, i] @ delta
    return {"output": h[-1], "loss": np.mean((h[-1] - target) ** 2), "gradients": gradients}
