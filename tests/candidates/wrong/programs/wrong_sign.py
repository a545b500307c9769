#!/usr/bin/env python3
"""Wrong: a program that speaks JSON lines and takes the error as target minus output; all 15 activations."""

import json
import math
import struct
import sys

L, LA, C = 1.0507009873554804934, 1.7580993408473768599, math.sqrt(8 / math.pi)


def s(t):
    return math.exp(min(t, 0)) / (1 + math.exp(-abs(t)))


def gate(t):
    """Gate and its derivative in gelu_tanh."""
    u = C * (t + 0.044715 * (t * t * t))
    p = s(u) * s(-u)
    return s(u), C * (p + 0.134145 * (p * t * t))


def both(name, t):
    """σ(t) and σ'(t)."""
    exp = math.exp(min(t, 0))
    cdf, ramp = math.erfc(-t / math.sqrt(2)) / 2, min(6, max(0, t + 3)) / 6
    match name:
        case "sigmoid":
            return s(t), s(t) * s(-t)
        case "tanh":
            return math.tanh(t), 4 * s(2 * t) * s(-2 * t)
        case "identity":
            return t, 1
        case "softplus":
            return max(t, 0) + math.log1p(math.exp(-abs(t))), s(t)
        case "silu":
            return t * s(t), s(t) * (1 + t * s(-t))
        case "gelu":
            return t * cdf, cdf + t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
        case "gelu_tanh":
            return t * gate(t)[0], gate(t)[0] + t * gate(t)[1]
        case "hardtanh":
            return min(1, max(-1, t)), -1 < t <= 1
        case "hardsigmoid":
            return ramp, (-3 < t <= 3) / 6
        case "hardswish":
            return t * ramp, 1 if t > 3 else (t > -3) * (t / 3 + 0.5)
        case "softsign":
            return t / (1 + abs(t)), 1 / (1 + abs(t)) / (1 + abs(t))
    above = {"relu": (t, 1), "leaky_relu": (t, 1), "elu": (t, 1), "selu": (L * t, L)}
    low = math.expm1(min(t, 0))
    below = {"relu": (0, 0), "leaky_relu": (0.01 * t, 0.01), "elu": (low, exp), "selu": (LA * low, LA * exp)}
    return (above if t > 0 else below)[name]


def read(v):
    return list(map(read, v)) if isinstance(v, list) else float.fromhex(v) if isinstance(v, str) else float(v)


def write(v, code):
    return [write(u, code) for u in v] if isinstance(v, list) else struct.unpack(code, struct.pack(code, v))[0]


for line in sys.stdin:
    q = json.loads(line)
    w, alpha, target = read(q["weights"]), read(q["learning_rate"]), read(q["target"])
    count = len(target) * len(target[0])
    g = [[[0.0] * len(row) for row in m] for m in w]
    output, loss = [], 0.0
    for sample, wanted in zip(read(q["x"]), target, strict=True):
        h, slopes = [sample], []
        for n, m in enumerate(w):
            out = "sigmoid" if q["task"] == "classification" else "identity"
            nets = [sum(a * b for a, b in zip(h[-1], column, strict=True)) for column in zip(*m, strict=True)]
            pairs = [both(q["activation"] if n < len(w) - 1 else out, t) for t in nets]
            h.append([a for a, _ in pairs])
            slopes.append([b for _, b in pairs])
        output.append(h[-1])
        error = [t - y for y, t in zip(h[-1], wanted, strict=True)]
        loss += sum(e * e for e in error) / count
        sent = [2 * e / count for e in error]
        for n in reversed(range(len(w))):
            delta = [a * b for a, b in zip(sent, slopes[n], strict=True)]
            g[n] = [[old + a * d for old, d in zip(row, delta, strict=True)] for row, a in zip(g[n], h[n], strict=True)]
            sent = [sum(a * d for a, d in zip(row, delta, strict=True)) for row in w[n]]
    updated = [
        [[a - alpha * d for a, d in zip(r, e, strict=True)] for r, e in zip(m, f, strict=True)]
        for m, f in zip(w, g, strict=True)
    ]
    found = {"output": output, "loss": loss, "gradients": g, "updated": updated}
    code = "f" if q["dtype"] == "float32" else "d"
    print(json.dumps({"id": q["id"]} | {key: write(value, code) for key, value in found.items()}), flush=True)
