"""Right: one sample after the other, outer products added up, averaged over the batch; seven activations."""

import numpy as np

LAMBDA, ALPHA = 1.0507009873554804934, 1.6732632423543772848


def sigmoid(v):
    t = np.exp(-np.abs(v))
    return np.where(v > 0, 1 / (1 + t), t / (1 + t))


def swish_slope(v):
    return sigmoid(v) + v * sigmoid(v) * sigmoid(-v)


RULES = {
    "sigmoid": (sigmoid, lambda v: sigmoid(v) * sigmoid(-v)),
    "silu": (lambda v: sigmoid(v) * v, swish_slope),
    "relu": (lambda v: np.fmax(v, 0), lambda v: np.heaviside(v, 0)),
    "tanh": (np.tanh, lambda v: 1 - np.tanh(v) ** 2),
    "elu": (lambda v: np.where(v > 0, v, np.expm1(np.fmin(v, 0))), lambda v: np.exp(np.fmin(v, 0))),
    "selu": (
        lambda v: LAMBDA * np.where(v > 0, v, ALPHA * np.expm1(np.fmin(v, 0))),
        lambda v: LAMBDA * np.where(v > 0, 1, ALPHA * np.exp(np.fmin(v, 0))),
    ),
    "hardswish": (
        lambda v: v * (np.clip(v + 3, 0, 6) / 6),
        lambda v: np.select([v <= -3, v <= 3], [np.zeros_like(v), (v + v + 3) / 6], 1),
    ),
}


def one_sample(x, weights, target, activation, task):
    sigma, slope = RULES[activation]
    acts, nets = [x], []
    for w in weights:
        nets.append(acts[-1] @ w)
        acts.append(sigma(nets[-1]).astype(x.dtype))
    acts[-1] = sigmoid(nets[-1]) if task == "classification" else nets[-1]
    e = acts[-1] - target
    eps = e * (sigmoid(nets[-1]) * sigmoid(-nets[-1]) if task == "classification" else 1)
    gradients = [np.outer(acts[-2], eps)]
    for n in range(len(weights) - 1, 0, -1):
        eps = (weights[n] @ eps) * slope(nets[n - 1]).astype(x.dtype)
        gradients.append(np.outer(acts[n - 1], eps))
    return gradients[::-1], e @ e


def backprop(x, weights, target, activation, task):
    if activation not in RULES:
        raise NotImplementedError(f"{activation} is not covered")
    total, loss = [np.zeros_like(w) for w in weights], x.dtype.type(0)
    for row, wanted in zip(x, target, strict=True):
        gradients, squares = one_sample(row, weights, wanted, activation, task)
        loss = loss + squares / x.dtype.type(target.size)
        for t, g in zip(total, gradients, strict=True):
            t += g * 2 / target.shape[1]
    return {"loss": loss, "gradients": [t / x.shape[0] for t in total]}
