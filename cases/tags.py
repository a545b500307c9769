"""The tags of the built-in catalogue, and what each says of a case; your own files may invent others."""

from __future__ import annotations

TAGS = {
    "slides": "the slides' network (S5), or that network with one thing changed",
    "grade": "small enough to grade an implementation in plain Python with",
    "quick": "run by `gradproof run --quick`",
    "core": "run on every route to the gradient that is installed, not on reference, torch and jax alone",
    "batch": "several samples, so that an average over them can go wrong",
    "scale": "N_O is not 2, so that S11's factor 2/N_O is not 1",
    "relu-off": "ReLU switches some unit off in some sample",
    "random": "drawn from a seed",
    "chain": "another chain of layers than the plain network: biases, scales, a convolution, a normalisation",
    "one-unit": "one unit a layer and one sample: no sums, so that it can be followed by hand",
    "square": "square weight matrices, so that a transpose or a neighbour's weights fit",
    "wide": "sums of a hundred terms or more",
    "deep": "four weight matrices or more",
    "tiny": "weights so small that every unit stays near 0",
    "strong": "weighted sums of about ±10, beyond the bends and kinks of σ",
    "kink": "a hidden input exactly on a kink of σ, where several derivatives are legal",
    "near-kink": "a hidden input so near a kink that a rounding may carry it across",
    "saturation": "hidden inputs or outputs where σ is flat",
    "overflow": "an exponential, a power or a square leaves the format's range",
    "subnormal": "numbers below the smallest normal one, which may be flushed to 0",
    "cancellation": "sums whose terms cancel, to nothing or nearly",
    "dead": "units through which no gradient flows",
    "zero-error": "the output is the target, exactly or but for a rounding",
    "large-rate": "a learning rate near the largest that anybody would try",
    "zero-rate": "a learning rate of 0",
    "signed-zero": "zeros of both signs",
    "blind": "the bound hides every gradient, and the case expects so",
    "published": "a worked example whose source prints its numbers, which are judged beside the backends",
    "range": "the exact loss is no number of the format, and the case expects so",
}
"""A sentence for each tag."""
