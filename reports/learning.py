"""What the section on learning says: its words, and the headers of its tables."""

from __future__ import annotations

LEARNING = "learning"
"""Family of the rows of trainings, which have a section of their own: their ulps at an error of 1e-30 say little."""

TITLE = "Learning"

ABOUT = (
    "Gradient descent (S12, S13) from the same weights on every backend: running freely, and with each step started "
    "again from the reference’s weights. How far rounding may carry a free run away from the exact trajectory is "
    "predicted to first order: the rounding of each step, at most its bound, is carried to the end by the product of "
    "I − αH over all later steps, where H (the Hessian) holds the second derivatives of the total error by the "
    "weights, on the exact trajectory."
)

CELL = (
    "Exact total error: of the exact trajectory, first → last step; the backends’ own end where rounding leaves them, "
    "and the largest is shown (∞ at 25: it overflows at step 25). αλ at most: λ is the largest eigenvalue of H, the "
    "second derivatives of the total error; descent is stable below 2. Worst share: largest error over bound of the "
    "steps that were started again. Drift / predicted: largest distance of a weight from the exact one over that "
    "predicted for it, in the free run. A prediction as large as the weights, or a million times the drift, is blind, "
    "and says nothing from that step on. Wrong sign: where that reading of the deck (S10, S18) ends."
)
"""What the figures mean."""

RATES = "The larger α, the larger the adjustment (S27)"

RATES_EXPLANATION = (
    "The same networks by the reference in float64. The first adjustment is proportional to α until rounding swallows "
    "it. The total error does not keep falling with it: descent is stable where α is below 2 over the largest "
    "eigenvalue λ of the Hessian."
)

HEADER = ("network", "task", "α", "dtype", "exact total error", "falls", "αλ at most", "wrong sign")
"""A line for each training."""

RUN_HEADER = (
    *("network", "task", "α", "dtype", "backend", "total error at the end", "worst share"),
    *("drift / predicted, worst", "drift / predicted, last", "blind from step"),
)
"""A line for each training and the backends that have the same figures."""

WORST_HEADER = (
    *("network", "task", "α", "dtype", "exact\ntotal error", "backends\nend at", "αλ\nat most", "worst\nshare"),
    *("drift /\npredicted", "wrong\nsign"),
)
"""A line for each training, with the worst of all backends, in 120 columns; a header may have two lines."""

OVERFLOW = "leave the range"
"""What the note of a run says that ended because its weights did."""

RATES_HEADER = ("network and task", "α", "first adjustment", "αλ at the start", "total error", "outcome")
