"""Wrong: one sample after the other, but `=` where `+=` is meant."""

import numpy as np


def sig(v):
    e = np.exp(-abs(v))
    return np.where(v > 0, 1, e) / (1 + e)


def backprop(x, weights, target, activation, task):
    if activation not in ("relu", "sigmoid"):
        raise NotImplementedError
    gradients, outputs = [None] * len(weights), []
    for b in range(x.shape[0]):
        h, slopes = [x[b]], []
        for n, w in enumerate(weights):
            v = h[-1] @ w
            name = activation if n < len(weights) - 1 else {"classification": "sigmoid", "prediction": ""}[task]
            h.append(sig(v) if name == "sigmoid" else np.maximum(v, 0) if name == "relu" else v)
            slopes.append(sig(v) * sig(-v) if name == "sigmoid" else 1.0 * (v > 0) if name == "relu" else v * 0 + 1)
        outputs.append(h[-1])
        error = 2 * (h[-1] - target[b]) / target.size
        for n in reversed(range(len(weights))):
            delta = (error * slopes[n]).astype(x.dtype)
            gradients[n] = np.outer(h[n], delta)
            error = weights[n] @ delta
    return {"output": np.array(outputs), "loss": np.mean((outputs - target) ** 2), "gradients": gradients}
