"""Right: every sum is math.fsum, so only products and σ round; eight activations."""

import math

import numpy as np

SIGMA = {
    "sigmoid": lambda t: math.exp(t) / (1 + math.exp(t)) if t < 0 else 1 / (1 + math.exp(-t)),
    "identity": lambda t: t,
    "relu": lambda t: t if t > 0 else 0.0,
    "tanh": math.tanh,
    "softplus": lambda t: math.fsum([max(t, 0.0), math.log1p(math.exp(-abs(t)))]),
    "gelu": lambda t: t / 2 * math.erfc(-t * math.sqrt(0.5)),
    "hardtanh": lambda t: sorted((-1.0, t, 1.0))[1],
    "softsign": lambda t: t / math.fsum([1.0, abs(t)]),
}
PRIME = {
    "sigmoid": lambda t: SIGMA["sigmoid"](t) * SIGMA["sigmoid"](-t),
    "identity": lambda t: 1.0,
    "relu": lambda t: 1.0 if t > 0 else 0.0,
    "tanh": lambda t: 4 * PRIME["sigmoid"](2 * t),
    "softplus": SIGMA["sigmoid"],
    "gelu": lambda t: math.fsum(
        [math.erfc(-t * math.sqrt(0.5)) / 2, t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)]
    ),
    "hardtanh": lambda t: 1.0 if -1 < t <= 1 else 0.0,
    "softsign": lambda t: 1 / (1 + abs(t)) / (1 + abs(t)),
}


def product(a, b):
    """Matrix product of lists of rows."""
    columns = list(zip(*b, strict=True))
    return [[math.fsum(p * q for p, q in zip(row, column, strict=True)) for column in columns] for row in a]


def apply(function, *matrices):
    return [[function(*entry) for entry in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def transposed(a):
    return [list(column) for column in zip(*a, strict=True)]


def backprop(x, weights, target, activation, task):
    if activation not in SIGMA:
        raise NotImplementedError(activation)
    w, t = [m.tolist() for m in weights], target.tolist()
    last = "sigmoid" if task == "classification" else "identity"
    names = [activation] * (len(w) - 1) + [last]
    h, nets = [x.tolist()], []
    for name, m in zip(names, w, strict=True):
        nets.append(product(h[-1], m))
        h.append(apply(SIGMA[name], nets[-1]))
    e = apply(lambda y, wanted: y - wanted, h[-1], t)
    delta = apply(lambda a, net: 2 * a * PRIME[last](net) / target.size, e, nets[-1])
    gradients = []
    for n in range(len(w), 0, -1):
        gradients.append(np.array(product(transposed(h[n - 1]), delta), x.dtype))
        if n > 1:
            delta = apply(lambda a, net: a * PRIME[activation](net), product(delta, transposed(w[n - 1])), nets[n - 2])
    return {
        "output": np.array(h[-1], x.dtype),
        "loss": x.dtype.type(math.fsum(a * a for row in e for a in row) / target.size),
        "gradients": gradients[::-1],
    }
