"""Misbehaving: backprop is not a function."""

backprop = 0.1
