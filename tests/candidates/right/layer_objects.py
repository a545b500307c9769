"""Right: a small library of layer classes, each with forward and backward; all 15 activations."""

import math

import numpy as np

SCALE, RATE = 1.0507009873554804934, 1.6732632423543772848


class Linear:
    def __init__(self, weight):
        self.weight = weight

    def forward(self, x):
        self.x = x
        return x @ self.weight

    def backward(self, upstream):
        self.gradient = self.x.T @ upstream
        return upstream @ self.weight.T


class Activation:
    def forward(self, x):
        self.x = x
        self.y = self.value(x).astype(x.dtype)
        return self.y

    def backward(self, upstream):
        return upstream * self.slope(self.x).astype(upstream.dtype)


class Sigmoid(Activation):
    def value(self, x):
        return np.exp(np.minimum(x, 0)) / (1 + np.exp(-np.abs(x)))

    def slope(self, x):
        return self.y * self.value(-x)


class Identity(Activation):
    def value(self, x):
        return x

    def slope(self, x):
        return np.ones_like(x)


class Tanh(Activation):
    def value(self, x):
        return np.tanh(x)

    def slope(self, x):
        return 4 * Sigmoid().value(2 * x) * Sigmoid().value(-2 * x)


class Softplus(Activation):
    def value(self, x):
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def slope(self, x):
        return Sigmoid().value(x)


class Gated(Activation):
    """x·gate(x): silu and both forms of gelu."""

    def value(self, x):
        return x * self.gate(x)

    def slope(self, x):
        near = np.clip(x, -1000, 1000).astype(float)
        return self.gate(near) + near * self.gate_slope(near)


class Silu(Gated):
    def gate(self, x):
        return Sigmoid().value(x)

    def gate_slope(self, x):
        return self.gate(x) * self.gate(-x)


class Gelu(Gated):
    def gate(self, x):
        return np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)) / 2

    def gate_slope(self, x):
        return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


class GeluTanh(Gated):
    def inner(self, x):
        x = np.clip(x, -100, 100)
        return math.sqrt(8 / math.pi) * (x + 0.044715 * x * x * x)

    def gate(self, x):
        return Sigmoid().value(self.inner(x))

    def gate_slope(self, x):
        u = self.inner(x)
        return self.gate(x) * Sigmoid().value(-u) * math.sqrt(8 / math.pi) * (1 + 3 * 0.044715 * x * x)


class Piecewise(Activation):
    """Straight pieces: ``knots`` part the line, and at a knot the left piece counts."""

    def __init__(self, knots, values, slopes):
        self.knots, self.values, self.slopes = knots, values, slopes

    def value(self, x):
        return np.choose(np.searchsorted(self.knots, x), [f(x) for f in self.values])

    def slope(self, x):
        return np.choose(np.searchsorted(self.knots, x), [f(x) for f in self.slopes])


class Softsign(Activation):
    def value(self, x):
        return x / (1 + abs(x))

    def slope(self, x):
        return (1 / (1 + abs(x))) ** 2


def constant(c):
    return lambda x: np.full_like(x, c)


def linear(c):
    return lambda x: c * x


def expm1(c):
    return lambda x: c * np.expm1(np.minimum(x, 0))


def exp(c):
    return lambda x: c * np.exp(np.minimum(x, 0))


LAYERS = {
    "sigmoid": Sigmoid,
    "identity": Identity,
    "tanh": Tanh,
    "softplus": Softplus,
    "silu": Silu,
    "gelu": Gelu,
    "gelu_tanh": GeluTanh,
    "softsign": Softsign,
    "relu": lambda: Piecewise([0], [constant(0), linear(1)], [constant(0), constant(1)]),
    "leaky_relu": lambda: Piecewise([0], [linear(0.01), linear(1)], [constant(0.01), constant(1)]),
    "elu": lambda: Piecewise([0], [expm1(1), linear(1)], [exp(1), constant(1)]),
    "selu": lambda: Piecewise([0], [expm1(SCALE * RATE), linear(SCALE)], [exp(SCALE * RATE), constant(SCALE)]),
    "hardtanh": lambda: Piecewise(
        [-1, 1], [constant(-1), linear(1), constant(1)], [constant(0), constant(1), constant(0)]
    ),
    "hardsigmoid": lambda: Piecewise(
        [-3, 3], [constant(0), lambda x: (x + 3) / 6, constant(1)], [constant(0), constant(1 / 6), constant(0)]
    ),
    "hardswish": lambda: Piecewise(
        [-3, 3],
        [constant(0), lambda x: np.clip(x, -3, 3) * (np.clip(x, -3, 3) + 3) / 6, linear(1)],
        [constant(0), lambda x: (2 * np.clip(x, -3, 3) + 3) / 6, constant(1)],
    ),
}


def backprop(x, weights, target, activation, task):
    chain = []
    for w in weights:
        chain += [Linear(w), LAYERS[activation]()]
    chain[-1] = Sigmoid() if task == "classification" else Identity()
    for layer in chain:
        x = layer.forward(x)
    upstream = 2 * (x - target) / target.size
    for layer in reversed(chain):
        upstream = layer.backward(upstream)
    return {
        "output": x,
        "loss": ((x - target) ** 2).mean(),
        "gradients": [layer.gradient for layer in chain[::2]],
    }
