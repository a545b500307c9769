"""Right: forward returns closures that pull the error back, in a functional style; all 15 activations."""

import math
from functools import reduce

import numpy as np


def node(value, slope):
    """A layer that returns its value and the closure of its vector-Jacobian product."""
    return lambda I: (value(I), lambda g: g * slope(I))


def s(I):
    q = np.exp(-np.abs(I))
    return np.where(I < 0, q, 1) / (1 + q)


def cdf(I):
    return np.reshape([math.erfc(-t / math.sqrt(2)) / 2 for t in I.ravel()], I.shape).astype(I.dtype)


def pdf(I):
    return np.exp(-np.square(np.clip(I, -60, 60)) / 2) / math.sqrt(2 * math.pi)


def twice_u(I):
    c = np.clip(I, -60, 60)
    return math.sqrt(8 / math.pi) * c * (1 + 0.044715 * c * c)


def gelu_tanh_slope(I):
    c, v = np.clip(I, -60, 60), twice_u(I)
    return s(v) + c * s(v) * s(-v) * math.sqrt(8 / math.pi) * (1 + 0.134145 * c * c)


def pick(condition, yes, no):
    return np.where(condition, yes, no)


def elu(I, scale=1.0):
    return scale * np.expm1(np.minimum(I, 0))


def elu_slope(I, scale=1.0):
    return scale * np.exp(np.minimum(I, 0))


L, LA = 1.0507009873554804934, 1.7580993408473768599
NODES = {
    "sigmoid": node(s, lambda I: s(I) * s(-I)),
    "relu": node(lambda I: np.maximum(I, 0), lambda I: I > 0),
    "tanh": node(np.tanh, lambda I: 4 * s(2 * I) * s(-2 * I)),
    "identity": lambda I: (I, lambda g: g),
    "softplus": node(lambda I: np.logaddexp(np.zeros_like(I), I), s),
    "silu": node(lambda I: I * s(I), lambda I: s(I) + np.clip(I, -1e4, 1e4) * s(I) * s(-I)),
    "gelu": node(lambda I: I * cdf(I), lambda I: cdf(I) + np.clip(I, -60, 60) * pdf(I)),
    "gelu_tanh": node(lambda I: I * s(twice_u(I)), gelu_tanh_slope),
    "leaky_relu": node(lambda I: pick(I > 0, I, 0.01 * I), lambda I: pick(I > 0, I.dtype.type(1), I.dtype.type(0.01))),
    "elu": node(lambda I: pick(I > 0, I, elu(I)), elu_slope),
    "selu": node(lambda I: pick(I > 0, L * I, elu(I, LA)), lambda I: pick(I > 0, I.dtype.type(L), elu_slope(I, LA))),
    "hardtanh": node(lambda I: np.clip(I, -1, 1), lambda I: (I > -1) & ~(I > 1)),
    "hardsigmoid": node(lambda I: np.clip(I + 3, 0, 6) / 6, lambda I: ((I > -3) & ~(I > 3)) * I.dtype.type(1 / 6)),
    "hardswish": node(
        lambda I: I * (np.clip(I + 3, 0, 6) / 6),
        lambda I: pick(I > 3, I.dtype.type(1), (I > -3) * (np.clip(I, -3, 3) / 3 + I.dtype.type(0.5))),
    ),
    "softsign": node(lambda I: I / (1 + np.abs(I)), lambda I: np.reciprocal(1 + np.abs(I)) ** 2),
}


def backprop(x, weights, target, activation, task):
    def up(state, layer):
        h, pulls = state
        W, name = layer
        y, pull = NODES[name](h @ W)
        return y, [(lambda g: (h.T @ pull(g), pull(g) @ W.T)), *pulls]

    names = [activation] * (len(weights) - 1) + [{"classification": "sigmoid", "prediction": "identity"}[task]]
    y, pulls = reduce(up, zip(weights, names, strict=True), (x, []))
    g, gradients = 2 * (y - target) / target.size, []
    for pull in pulls:
        gradient, g = pull(g)
        gradients.append(gradient)
    return {"output": y, "loss": np.mean((y - target) ** 2), "gradients": gradients[::-1]}
