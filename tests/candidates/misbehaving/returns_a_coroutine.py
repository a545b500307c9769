"""Misbehaving: backprop is an async function."""


async def backprop(x, weights, target, activation, task):
    return [0 * w for w in weights]
