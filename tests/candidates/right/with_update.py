"""Right: defines update (S13) as well, and returns every array Fortran-ordered and read-only; four activations."""

import numpy as np


def s(t):
    a = np.exp(-np.abs(t))
    return (np.where(t < 0, a, 1) / (1 + a)).astype(t.dtype)


def leaky(t, top, bottom):
    return np.where(t > 0, top, bottom).astype(t.dtype)


def backprop(x, weights, target, activation, task):
    match activation:
        case "sigmoid":
            f, g = s, lambda t: s(t) * s(-t)
        case "tanh":
            f, g = np.tanh, lambda t: 4 * s(2 * t) * s(-2 * t)
        case "leaky_relu":
            f, g = lambda t: leaky(t, t, 0.01 * t), lambda t: leaky(t, 1, 0.01)
        case "softsign":
            f, g = lambda t: t / (1 + np.abs(t)), lambda t: np.square(1 / (1 + np.abs(t)))
        case _:
            raise NotImplementedError
    nets = [x @ weights[0]]
    for w in weights[1:]:
        nets.append(f(nets[-1]) @ w)
    y = s(nets[-1]) if task == "classification" else nets[-1]
    delta = (y - target) / target.size
    delta = delta + delta
    if task == "classification":
        delta *= s(nets[-1]) * s(-nets[-1])
    found = []
    for w, net in zip(weights[:0:-1], nets[-2::-1], strict=True):
        found.append(f(net).T @ delta)
        delta = g(net) * (delta @ w.T)
    found.append(x.T @ delta)
    return {"output": sealed(y), "gradients": [sealed(a) for a in reversed(found)]}


def sealed(array):
    array = np.asfortranarray(array)
    array.flags.writeable = False
    return array


def update(weights, gradients, learning_rate):
    return tuple(sealed(w - w.dtype.type(learning_rate) * g) for w, g in zip(weights, gradients, strict=True))
