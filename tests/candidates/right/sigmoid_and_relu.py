"""Right: a student's solution for sigmoid and ReLU only."""

import numpy as np


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))  # where e^-z is infinite, 0 is as near as can be


def backprop(x, weights, target, activation, task):
    if activation == "sigmoid":
        act, act_slope = sigmoid, lambda h: h * (1 - h)
    elif activation == "relu":
        act, act_slope = lambda z: np.maximum(z, 0), lambda h: 1.0 * (h > 0)
    else:
        raise NotImplementedError("only sigmoid and relu so far")
    hs = [x]
    for W in weights[:-1]:
        hs.append(act(hs[-1] @ W))
    y = hs[-1] @ weights[-1]
    if task == "classification":
        y = sigmoid(y)
    grad = 2 * (y - target) / (len(x) * target.shape[1])
    if task == "classification":
        grad = grad * y * (1 - y)
    grads = []
    while hs:
        h = hs.pop()
        grads.append((h.T @ grad).astype(x.dtype))
        grad = (grad @ weights[len(hs)].T) * act_slope(h)
    return {"output": y, "gradients": grads[::-1]}
