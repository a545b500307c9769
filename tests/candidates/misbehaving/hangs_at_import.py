"""Misbehaving: hangs when imported."""

while True:
    pass
