"""Right: scalar loops in plain Python floats, index by index as in S2 and S18-S23; all 15 activations."""

import math

import numpy as np

A, K = 1.6732632423543772848, 1.0507009873554804934
C, D = math.sqrt(2 / math.pi), 0.044715


def s(t):
    return 1 / (1 + math.exp(-t)) if t >= 0 else math.exp(t) / (1 + math.exp(t))


def phi(t):
    return math.erfc(-t / math.sqrt(2)) / 2


def sech2(t):
    q = math.exp(-2 * abs(t))
    return 4 * q / ((1 + q) * (1 + q))


def u(t):
    return C * (t + D * t * t * t)


SIGMA = {
    "sigmoid": (s, lambda t: s(t) * s(-t)),
    "relu": (lambda t: t if t > 0 else 0.0, lambda t: 1.0 if t > 0 else 0.0),
    "tanh": (math.tanh, sech2),
    "identity": (lambda t: t, lambda t: 1.0),
    "softplus": (lambda t: max(t, 0.0) + math.log1p(math.exp(-abs(t))), s),
    "silu": (lambda t: t * s(t), lambda t: s(t) * (1 + t * s(-t))),
    "gelu": (lambda t: t * phi(t), lambda t: phi(t) + t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)),
    "gelu_tanh": (lambda t: t * s(2 * u(t)), lambda t: s(2 * u(t)) + C / 2 * slope_part(t)),
    "leaky_relu": (lambda t: t if t > 0 else t / 100, lambda t: 1.0 if t > 0 else 0.01),
    "elu": (lambda t: t if t > 0 else math.expm1(t), lambda t: 1.0 if t > 0 else math.exp(t)),
    "selu": (lambda t: K * t if t > 0 else K * A * math.expm1(t), lambda t: K if t > 0 else K * A * math.exp(t)),
    "hardtanh": (lambda t: max(-1.0, min(1.0, t)), lambda t: 1.0 if -1 < t <= 1 else 0.0),
    "hardsigmoid": (lambda t: max(0.0, min(6.0, t + 3)) / 6, lambda t: 1 / 6 if -3 < t <= 3 else 0.0),
    "hardswish": (
        lambda t: t * (max(0.0, min(6.0, t + 3)) / 6),
        lambda t: 0.0 if t <= -3 else (2 * t + 3) / 6 if t <= 3 else 1.0,
    ),
    "softsign": (lambda t: t / (1 + abs(t)), lambda t: 1 / (1 + abs(t)) / (1 + abs(t))),
}


def slope_part(t):
    p = t * sech2(u(t))  # 0 before t * t can overflow
    return p + 3 * D * (p * t * t)


def backprop(x, weights, target, activation, task):
    sigma, slope = SIGMA[activation]
    out, out_slope = SIGMA["sigmoid" if task == "classification" else "identity"]
    W = [w.astype(float).tolist() for w in weights]
    gradients = [[[0.0] * len(row) for row in w] for w in W]
    outputs, loss = [], 0.0
    samples, n_out = target.shape
    for sample, wanted in zip(x.astype(float).tolist(), target.astype(float).tolist(), strict=True):
        h, inputs = [sample], []
        for n, w in enumerate(W):
            inputs.append([0.0] * len(w[0]))
            for j in range(len(w[0])):
                for i in range(len(w)):
                    inputs[n][j] += h[n][i] * w[i][j]
            h.append([(out if n == len(W) - 1 else sigma)(t) for t in inputs[n]])
        outputs.append(h[-1])
        delta = []
        for k in range(n_out):
            e = h[-1][k] - wanted[k]
            loss += e * e / (samples * n_out)
            delta.append(2 * e * out_slope(inputs[-1][k]) / (samples * n_out))
        for n in range(len(W) - 1, -1, -1):
            for i in range(len(W[n])):
                for j in range(len(delta)):
                    gradients[n][i][j] += h[n][i] * delta[j]
            if n > 0:
                below = []
                for i in range(len(W[n])):
                    sent = 0.0
                    for j in range(len(delta)):
                        sent += W[n][i][j] * delta[j]
                    below.append(sent * slope(inputs[n - 1][i]))
                delta = below
    return {
        "output": np.array(outputs, dtype=x.dtype),
        "loss": x.dtype.type(loss),
        "gradients": [np.array(g, dtype=x.dtype) for g in gradients],
    }
