"""Wrong: central differences of the loss with step 1e-5."""

import numpy as np


def forward(x, weights, activation, task):
    for w in weights[:-1]:
        x = np.tanh(x @ w) if activation == "tanh" else x @ w
    x = x @ weights[-1]
    return 0.5 * (1 + np.tanh(x / 2)) if task == "classification" else x


def backprop(x, weights, target, activation, task):
    if activation not in ("tanh", "identity"):
        raise NotImplementedError(activation)
    wide = [w.astype(float) for w in weights]
    gradients = []
    for w in wide:
        g = np.zeros(w.shape)
        for at in np.ndindex(w.shape):
            kept, sides = w[at], []
            for step in (1e-5, -1e-5):
                w[at] = kept + step
                sides.append(np.mean((forward(x, wide, activation, task) - target) ** 2))
            w[at] = kept
            g[at] = (sides[0] - sides[1]) / 2e-5
        gradients.append(g.astype(x.dtype))
    return gradients
