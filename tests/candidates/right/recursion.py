"""Right: S16 as a recursive function, no loop over layers at all; returns the gradients only; five activations."""

import numpy as np


def logistic(I):
    return 0.5 * (1 + np.tanh(I / 2)) if np.all(I > -1) else np.exp(np.minimum(I, 0)) / (1 + np.exp(-abs(I)))


SIGMA = {
    "sigmoid": (logistic, lambda I: logistic(I) * logistic(-I)),
    "softplus": (lambda I: np.logaddexp(I, 0), logistic),
    "relu": (lambda I: np.where(I > 0, I, 0), lambda I: np.where(I > 0, I.dtype.type(1), I.dtype.type(0))),
    "identity": (lambda I: I, np.ones_like),
    "hardsigmoid": (
        lambda I: np.clip(I + 3, 0, 6) / 6,
        lambda I: np.where(np.logical_and(I > -3, I <= 3), I.dtype.type(1) / 6, I.dtype.type(0)),
    ),
}


def descend(h, weights, target, names):
    """Gradients of the layers above h, and the error sent back to h."""
    if not weights:
        return [], 2 * (h - target) / target.size
    sigma, slope = SIGMA[names[0]]
    I = h @ weights[0]
    above, sent = descend(sigma(I), weights[1:], target, names[1:])
    delta = slope(I) * sent
    return [h.T @ delta, *above], delta @ weights[0].T


def backprop(x, weights, target, activation, task):
    if activation not in SIGMA:
        raise NotImplementedError(activation)
    names = [activation] * (len(weights) - 1) + ["sigmoid" if task == "classification" else "identity"]
    return descend(x, list(weights), target, names)[0]
