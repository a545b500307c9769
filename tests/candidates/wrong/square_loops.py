"""Wrong: both loops over W run to the number of columns."""

import math

import numpy as np


def s(t):
    return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))


SIGMA = {
    "sigmoid": (s, lambda t: s(t) * s(-t)),
    "relu": (lambda t: max(t, 0.0), lambda t: float(t > 0)),
    "tanh": (math.tanh, lambda t: 4 * s(2 * t) * s(-2 * t)),
    "identity": (lambda t: t, lambda t: 1.0),
}


def backprop(x, weights, target, activation, task):
    if activation not in SIGMA:
        raise NotImplementedError(activation)
    names = [activation] * (len(weights) - 1) + ["sigmoid" if task == "classification" else "identity"]
    gradients = [np.zeros_like(w) for w in weights]
    for sample, wanted in zip(x.astype(float), target.astype(float), strict=True):
        h, nets = [sample], []
        for name, w in zip(names, weights, strict=True):
            nets.append(h[-1] @ w.astype(float))
            h.append(np.array([SIGMA[name][0](t) for t in nets[-1]]))
        sent = 2 * (h[-1] - wanted) / target.size
        for l in range(len(weights) - 1, -1, -1):
            n = weights[l].shape[1]
            delta = [sent[j] * SIGMA[names[l]][1](nets[l][j]) for j in range(n)]
            for i in range(min(n, len(h[l]))):
                for j in range(n):
                    gradients[l][i, j] += h[l][i] * delta[j]
            sent = weights[l].astype(float) @ np.array(delta)
    return gradients
