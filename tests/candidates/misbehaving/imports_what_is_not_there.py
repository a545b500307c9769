"""Misbehaving: imports a package that does not exist."""

import no_such_package_as_this


def backprop(x, weights, target, activation, task):
    return no_such_package_as_this.gradients(x, weights, target)
