"""Right: σ' is computed from the node's input I alone, never from h, and no h is kept; all 15 activations."""

import math

import numpy as np

SQRT2, SQRT_2PI, ROOT = math.sqrt(2.0), math.sqrt(2 * math.pi), math.sqrt(2 / math.pi)
SELU_L, SELU_A = 1.0507009873554804934, 1.6732632423543772848


def elementwise(function):
    """A function of one float, on arrays, with the result in the argument's precision."""
    return lambda I: np.vectorize(function, otypes=[float])(I).astype(I.dtype)


def sig(t):
    return math.exp(min(t, 0.0)) / (1.0 + math.exp(-abs(t)))


def gt(t):
    return 2 * ROOT * (t + 0.044715 * t * t * t)


def gt_slope(t):
    p = t * (sig(gt(t)) * sig(-gt(t)))
    return sig(gt(t)) + 2 * ROOT * (p + 3 * 0.044715 * (p * t * t))


def inside(t, lo, hi):
    return lo < t <= hi


VALUE = {
    "sigmoid": sig,
    "relu": lambda t: max(0.0, t),
    "tanh": math.tanh,
    "identity": float,
    "softplus": lambda t: math.log1p(math.exp(t)) if t < 0 else t + math.log1p(math.exp(-t)),
    "silu": lambda t: t * sig(t),
    "gelu": lambda t: t * math.erfc(-t / SQRT2) / 2,
    "gelu_tanh": lambda t: t * sig(gt(t)),
    "leaky_relu": lambda t: max(t, 0.01 * t),
    "elu": lambda t: max(t, 0.0) + math.expm1(min(t, 0.0)),
    "selu": lambda t: SELU_L * (max(t, 0.0) + SELU_A * math.expm1(min(t, 0.0))),
    "hardtanh": lambda t: min(max(t, -1.0), 1.0),
    "hardsigmoid": lambda t: min(max((t + 3) / 6, 0.0), 1.0),
    "hardswish": lambda t: t * min(max((t + 3) / 6, 0.0), 1.0),
    "softsign": lambda t: t / (1 + abs(t)),
}
SLOPE = {
    "sigmoid": lambda t: math.exp(-abs(t)) / (1 + math.exp(-abs(t))) ** 2,
    "relu": lambda t: float(t > 0),
    "tanh": lambda t: 4 * math.exp(-2 * abs(t)) / (1 + math.exp(-2 * abs(t))) ** 2,
    "identity": lambda t: 1.0,
    "softplus": sig,
    "silu": lambda t: sig(t) + t * sig(t) * sig(-t),
    "gelu": lambda t: math.erfc(-t / SQRT2) / 2 + t * math.exp(-t * t / 2) / SQRT_2PI,
    "gelu_tanh": gt_slope,
    "leaky_relu": lambda t: 1.0 if t > 0 else 0.01,
    "elu": lambda t: math.exp(min(t, 0.0)),
    "selu": lambda t: SELU_L if t > 0 else SELU_L * SELU_A * math.exp(t),
    "hardtanh": lambda t: float(inside(t, -1, 1)),
    "hardsigmoid": lambda t: inside(t, -3, 3) / 6,
    "hardswish": lambda t: t / 3 + 0.5 if inside(t, -3, 3) else float(t > 3),
    "softsign": lambda t: (1 + abs(t)) ** -1 * (1 + abs(t)) ** -1,
}


def backprop(x, weights, target, activation, task):
    value, slope = elementwise(VALUE[activation]), elementwise(SLOPE[activation])
    I = [x @ weights[0]]
    for W in weights[1:]:
        I.append(value(I[-1]) @ W)
    final = "sigmoid" if task == "classification" else "identity"
    error = elementwise(VALUE[final])(I[-1]) - target
    delta = elementwise(SLOPE[final])(I[-1]) * error * x.dtype.type(2 / error.size)
    gradients = [None] * len(weights)
    for layer in range(len(weights) - 1, 0, -1):
        gradients[layer] = value(I[layer - 1]).T @ delta
        delta = slope(I[layer - 1]) * (delta @ weights[layer].T)
    gradients[0] = x.T @ delta
    return gradients
