"""Learning: two hundred steps of gradient descent on every backend, from the same weights (S12, S13, S27).

training   which networks are trained, from where, and at which learning rate
path       the exact trajectory, in balls
growth     how far rounding may carry a run away from it: products of I − αH
course     a backend running freely, each step on its own result
restarted  every step started again from the reference's weights, and judged by the bound
train      one training, all of this; what came of it
rates      S27: the same network at many learning rates
exhibit    the exhibit ``curves``
"""
