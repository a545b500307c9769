"""The deck's equations, once, in array code. Read it beside the deck.

    neuron      S1, S2, S17–S19, S22   the scalar form: nodes, links, sums with indices
    layers/     S6, S7, S20, S23       the two kinds of layer: dense, activation
    chain       S15, S16               layers one after another, forward and back
    network     S6–S9                  the plain network as such a chain
    error       S10, S11               error, total error, and its slope
    backward    S18, S20, S23, S26     the whole run backward
    update      S12, S13               one step of gradient descent, and many
    readings                           the three places where the deck says two things
    products    S21, S24, S25          the three products, written out
    activations/ S3, S4                σ and σ', one file each

Everything is written in ``@ * + - / .mT`` and in functions of a namespace ``xp``, so the same text runs
on arrays, on exact numbers, on running-error numbers and on symbols. ``.mT`` is the transpose of the last
two axes; a leading axis, where there is one, stacks cases of one structure.
"""
