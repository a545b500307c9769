#!/usr/bin/env python3
"""Right: a program in plain Python, without numpy, that speaks JSON lines; all 15 activations, every result."""

import json
import math
import struct
import sys

LAMBDA, ALPHA = 1.0507009873554804934, 1.6732632423543772848
ROOT, CUBIC = math.sqrt(2 / math.pi), 0.044715


def s(t):
    return math.exp(min(t, 0)) / (1 + math.exp(-abs(t)))


def cdf(t):
    return math.erfc(-t / math.sqrt(2)) / 2


def v(t):
    return 2 * ROOT * (t + CUBIC * (t * t * t))


def gelu_tanh_slope(t):
    p = t * (s(v(t)) * s(-v(t)))
    return s(v(t)) + 2 * ROOT * (p + 3 * CUBIC * (p * t * t))


SIGMA = {
    "sigmoid": (s, lambda t: s(t) * s(-t)),
    "relu": (lambda t: t if t > 0 else 0.0, lambda t: 1.0 if t > 0 else 0.0),
    "tanh": (math.tanh, lambda t: 4 * s(2 * t) * s(-2 * t)),
    "identity": (lambda t: t, lambda t: 1.0),
    "softplus": (lambda t: max(t, 0.0) + math.log1p(math.exp(-abs(t))), s),
    "silu": (lambda t: t * s(t), lambda t: s(t) * (1 + t * s(-t))),
    "gelu": (lambda t: t * cdf(t), lambda t: cdf(t) + t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)),
    "gelu_tanh": (lambda t: t * s(v(t)), gelu_tanh_slope),
    "leaky_relu": (lambda t: t if t > 0 else 0.01 * t, lambda t: 1.0 if t > 0 else 0.01),
    "elu": (lambda t: t if t > 0 else math.expm1(t), lambda t: math.exp(min(t, 0))),
    "selu": (
        lambda t: LAMBDA * (t if t > 0 else ALPHA * math.expm1(t)),
        lambda t: LAMBDA * (1 if t > 0 else ALPHA * math.exp(t)),
    ),
    "hardtanh": (lambda t: max(-1.0, min(1.0, t)), lambda t: 1.0 if -1 < t <= 1 else 0.0),
    "hardsigmoid": (lambda t: max(0.0, min(6.0, t + 3)) / 6, lambda t: 1 / 6 if -3 < t <= 3 else 0.0),
    "hardswish": (
        lambda t: t * (max(0.0, min(6.0, t + 3)) / 6),
        lambda t: 0.0 if t <= -3 else t / 3 + 0.5 if t <= 3 else 1.0,
    ),
    "softsign": (lambda t: t / (1 + abs(t)), lambda t: 1 / (1 + abs(t)) / (1 + abs(t))),
}


def read(value):
    """Numbers from JSON: nested lists of numbers or of hexadecimal strings."""
    if isinstance(value, list):
        return [read(entry) for entry in value]
    return float.fromhex(value) if isinstance(value, str) else float(value)


def rounded(value, dtype):
    if isinstance(value, list):
        return [rounded(entry, dtype) for entry in value]
    return struct.unpack("f", struct.pack("f", value))[0] if dtype == "float32" else value


def dot(a, b):
    return [[sum(p * q for p, q in zip(row, column, strict=True)) for column in zip(*b, strict=True)] for row in a]


def transposed(a):
    return [list(column) for column in zip(*a, strict=True)]


def each(function, *matrices):
    return [[function(*entry) for entry in zip(*rows, strict=True)] for rows in zip(*matrices, strict=True)]


def answer(request):
    x, weights, target = read(request["x"]), read(request["weights"]), read(request["target"])
    alpha, count = read(request["learning_rate"]), len(target) * len(target[0])
    names = [request["activation"]] * len(weights)
    names[-1] = "sigmoid" if request["task"] == "classification" else "identity"
    h, nets = [x], []
    for name, w in zip(names, weights, strict=True):
        nets.append(dot(h[-1], w))
        h.append(each(SIGMA[name][0], nets[-1]))
    e = each(lambda y, t: y - t, h[-1], target)
    sent, gradients = each(lambda d: 2 * d / count, e), []
    for n in reversed(range(len(weights))):
        delta = each(lambda d, t, slope=SIGMA[names[n]][1]: d * slope(t), sent, nets[n])
        gradients.insert(0, dot(transposed(h[n]), delta))
        sent = dot(delta, transposed(weights[n]))
    updated = [each(lambda w, g: w - alpha * g, w, g) for w, g in zip(weights, gradients, strict=True)]
    results = {
        "output": h[-1],
        "loss": sum(d * d for row in e for d in row) / count,
        "gradients": gradients,
        "updated": updated,
    }
    return {"id": request["id"]} | {key: rounded(value, request["dtype"]) for key, value in results.items()}


for line in sys.stdin:
    if line.strip():
        print(json.dumps(answer(json.loads(line))), flush=True)
