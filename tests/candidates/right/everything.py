"""Right: returns output, loss, gradients and updated, the last with α = 0.1 unless told otherwise; four activations."""

import numpy as np


def sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


SLOPES = {
    "sigmoid": lambda z, h: h * -np.expm1(-np.logaddexp(0, -z)),
    "relu": lambda z, h: np.sign(h),
    "tanh": lambda z, h: 1 - h**2,
    "identity": lambda z, h: h * 0 + 1,
}
VALUES = {"sigmoid": sigmoid, "relu": lambda z: z.clip(min=0), "tanh": np.tanh, "identity": np.copy}


def backprop(x, weights, target, activation, task, learning_rate=0.1):
    if activation not in VALUES:
        raise NotImplementedError(activation)
    acts = [activation] * len(weights)
    acts[-1] = "sigmoid" if task == "classification" else "identity"
    z, h = {}, {0: x}
    for n, w in enumerate(weights, start=1):
        z[n] = h[n - 1] @ w
        h[n] = VALUES[acts[n - 1]](z[n])
    error = h[len(weights)] - target
    flow, gradients = error * (2 / error.size), {}
    for n in range(len(weights), 0, -1):
        delta = flow * SLOPES[acts[n - 1]](z[n], h[n])
        gradients[n] = h[n - 1].T @ delta
        flow = delta @ weights[n - 1].T
    gradients = [gradients[n] for n in sorted(gradients)]
    return {
        "output": h[len(weights)],
        "loss": np.vdot(error, error) / x.dtype.type(error.size),
        "gradients": gradients,
        "updated": [w - learning_rate * g for w, g in zip(weights, gradients, strict=True)],
    }
