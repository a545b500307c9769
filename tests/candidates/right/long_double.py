"""Right: long double inside, rounded once at the end; all activations but gelu."""

import numpy as np

LD = np.longdouble
LAMBDA, ALPHA = LD("1.0507009873554804934193349852946"), LD("1.6732632423543772848170429916717")


def logistic(t):
    return np.exp(np.minimum(t, 0)) / (1 + np.exp(-np.abs(t)))


def cubic(t):
    return np.sqrt(2 / (4 * np.arctan(LD(1)))) * (t + LD("0.044715") * t**3)


def sigma(name, t):
    """σ(t)."""
    match name:
        case "sigmoid":
            return logistic(t)
        case "tanh":
            return np.tanh(t)
        case "identity":
            return t
        case "relu":
            return np.maximum(t, 0)
        case "leaky_relu":
            return np.where(t > 0, t, t / 100)
        case "softplus":
            return np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t)))
        case "silu":
            return t * logistic(t)
        case "gelu_tanh":
            return t * logistic(2 * cubic(t))
        case "elu":
            return np.where(t > 0, t, np.expm1(np.minimum(t, 0)))
        case "selu":
            return LAMBDA * np.where(t > 0, t, ALPHA * np.expm1(np.minimum(t, 0)))
        case "hardtanh":
            return np.clip(t, -1, 1)
        case "hardsigmoid":
            return np.clip(t + 3, 0, 6) / 6
        case "hardswish":
            return t * np.clip(t + 3, 0, 6) / 6
        case "softsign":
            return t / (1 + np.abs(t))
    raise NotImplementedError(name)


def slope(name, t):
    """σ'(t)."""
    match name:
        case "sigmoid":
            return logistic(t) * logistic(-t)
        case "tanh":
            return 4 * logistic(2 * t) * logistic(-2 * t)
        case "identity":
            return LD(1) + 0 * t
        case "relu":
            return (t > 0).astype(LD)
        case "leaky_relu":
            return np.where(t > 0, LD(1), LD(1) / 100)
        case "softplus":
            return logistic(t)
        case "silu":
            return logistic(t) * (1 + t * logistic(-t))
        case "gelu_tanh":
            g, inner = logistic(2 * cubic(t)), np.sqrt(1 / (2 * np.arctan(LD(1)))) * (1 + LD("0.134145") * t * t)
            return g + 2 * t * (g * logistic(-2 * cubic(t))) * inner
        case "elu":
            return np.exp(np.minimum(t, 0))
        case "selu":
            return LAMBDA * np.where(t > 0, LD(1), ALPHA * np.exp(np.minimum(t, 0)))
        case "hardtanh":
            return ((t > -1) & (t <= 1)).astype(LD)
        case "hardsigmoid":
            return ((t > -3) & (t <= 3)) / LD(6)
        case "hardswish":
            return np.where(t > 3, 1, np.where(t > -3, (2 * t + 3) / 6, 0))
    return 1 / (1 + np.abs(t)) ** 2


def backprop(x, weights, target, activation, task):
    *hidden, last = [w.astype(LD) for w in weights]
    inputs, h = [], [x.astype(LD)]
    for w in hidden:
        inputs.append(h[-1] @ w)
        h.append(sigma(activation, inputs[-1]))
    top = "sigmoid" if task == "classification" else "identity"
    sigma(activation, LD(0))  # refuses an uncovered one even where there is no hidden layer
    output = sigma(top, h[-1] @ last)
    e = output - target
    delta = 2 * e * slope(top, h[-1] @ last) / e.size
    gradients, deeper = [h[-1].T @ delta], [*hidden, last][1:]
    for w, net, below in zip(deeper[::-1], inputs[::-1], h[-2::-1], strict=True):
        delta = (delta @ w.T) * slope(activation, net)
        gradients.append(below.T @ delta)
    return {
        "loss": np.mean(e * e).astype(x.dtype),
        "output": output.astype(x.dtype),
        "gradients": [g.astype(x.dtype) for g in gradients[::-1]],
    }
