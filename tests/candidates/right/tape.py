"""Right: a scalar autodiff tape, one node for each product and sum; eight activations."""

import math

import numpy as np


class Node:
    def __init__(self, tape, value, parents=()):
        self.tape, self.value, self.parents, self.adjoint = tape, value, parents, 0.0
        tape.append(self)

    def __add__(self, other):
        return Node(self.tape, self.value + other.value, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        return Node(self.tape, self.value * other.value, ((self, other.value), (other, self.value)))

    def through(self, value, slope):
        return Node(self.tape, value(self.value), ((self, slope(self.value)),))


def s(t):
    return math.exp(min(t, 0)) / (1 + math.exp(-abs(t)))


def normal(t):
    return 0.5 * math.erfc(-t / 2**0.5)


SIGMA = {
    "sigmoid": (s, lambda t: s(t) * s(-t)),
    "identity": (lambda t: t, lambda t: 1.0),
    "relu": (lambda t: t * (t > 0), lambda t: float(t > 0)),
    "leaky_relu": (lambda t: t if t > 0 else 0.01 * t, lambda t: 1.0 if t > 0 else 0.01),
    "tanh": (math.tanh, lambda t: 4 * s(2 * t) * s(-2 * t)),
    "gelu": (lambda t: t * normal(t), lambda t: normal(t) + t * math.exp(-t * t / 2) / (2 * math.pi) ** 0.5),
    "elu": (lambda t: t if t > 0 else math.expm1(t), lambda t: math.exp(min(t, 0))),
    "softplus": (lambda t: max(t, 0) + math.log1p(math.exp(-abs(t))), s),
}


def backprop(x, weights, target, activation, task):
    if activation not in SIGMA:
        raise NotImplementedError(activation)
    tape = []
    leaves = [[[Node(tape, float(v)) for v in row] for row in w] for w in weights]
    last = "sigmoid" if task == "classification" else "identity"
    total = Node(tape, 0.0)
    for sample, wanted in zip(x, target, strict=True):
        h = [Node(tape, float(v)) for v in sample]
        for n, w in enumerate(leaves):
            nets = [h[0] * cell for cell in w[0]]
            for node, row in zip(h[1:], w[1:], strict=True):
                nets = [net + node * cell for net, cell in zip(nets, row, strict=True)]
            h = [net.through(*SIGMA[last if n == len(leaves) - 1 else activation]) for net in nets]
        for y, t in zip(h, wanted, strict=True):
            e = y + Node(tape, -float(t))
            total = total + e * e
    total.adjoint = 1.0 / target.size
    for node in reversed(tape):
        for parent, factor in node.parents:
            parent.adjoint += factor * node.adjoint
    gradients = [np.array([[cell.adjoint for cell in row] for row in w], dtype=x.dtype) for w in leaves]
    return {"loss": x.dtype.type(total.value / target.size), "gradients": gradients}
