"""Right: the slides' recipe without any factor, and 2/(B·N_O) applied to the finished gradients; ten activations."""

import numpy as np


def forward(name, z):
    low, high = np.minimum(z, 0), np.maximum(z, 0)
    if name == "sigmoid":
        return np.exp(low) / (1 + np.exp(-np.abs(z)))
    if name == "softplus":
        return high + np.log1p(np.exp(-np.abs(z)))
    simple = {
        "tanh": np.tanh(z),
        "identity": z,
        "relu": high,
        "leaky_relu": high + low / 100,
        "elu": high + np.expm1(low),
        "hardtanh": np.maximum(-1, np.minimum(1, z)),
        "hardsigmoid": np.maximum(0, np.minimum(6, 3 + z)) / 6,
        "softsign": z / (1 + high - low),
    }
    if name not in simple:
        raise NotImplementedError(f"no {name} here")
    return simple[name]


def backward(name, z, y):
    """σ', from the output y where that loses nothing."""
    one = np.ones_like(z)
    return {
        "sigmoid": lambda: y * (1 - y),
        "softplus": lambda: -np.expm1(-y),
        "tanh": lambda: (1 - y) * (1 + y),
        "identity": lambda: one,
        "relu": lambda: one * (y > 0),
        "leaky_relu": lambda: np.where(y > 0, one, one / 100),
        "elu": lambda: np.exp(np.minimum(z, 0)),
        "hardtanh": lambda: one * ((z > -1) & (z <= 1)),
        "hardsigmoid": lambda: one * ((z > -3) & (z <= 3)) / 6,
        "softsign": lambda: (one / (1 + abs(z))) ** 2,
    }[name]()


def backprop(x, weights, target, activation, task):
    top = {"classification": "sigmoid", "prediction": "identity"}[task]
    layers = []
    y = x
    for n, w in enumerate(weights, start=1):
        name = top if n == len(weights) else activation
        z = y @ w
        layers.append((name, y, z, forward(name, z)))
        y = layers[-1][-1]
    forward(activation, x)  # raises where the activation is not covered
    unscaled, signal = [], y - target
    for w, (name, below, z, above) in zip(weights[::-1], layers[::-1], strict=True):
        signal = signal * backward(name, z, above)
        unscaled.append(below.T @ signal)
        signal = signal @ w.T
    scale = 2 / (target.shape[0] * target.shape[1])
    return {"output": y, "loss": np.square(y - target).sum() / y.size, "gradients": [scale * g for g in unscaled[::-1]]}
