"""NumPy's peer: ``assert_allclose`` with a result of torch.autograd, in the tolerances that one meets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from harness.peers import Answer, Peer, Question, answer
from harness.peers.questions import expected

CALL = "numpy.testing.assert_allclose(claimed, expected"


def allclose(question: Question, equal: Callable[..., None] = np.testing.assert_allclose) -> Answer:
    """Layer by layer, with the float64 gradients by autograd."""

    def check() -> None:
        for claimed, ours in zip(question.gradients, expected(question), strict=True):
            equal(claimed, ours)

    return answer(check, AssertionError, "Not equal to tolerance")


def within(rtol: float, atol: float) -> Callable[[Question], Answer]:
    """The same with tolerances given."""
    return partial(allclose, equal=partial(np.testing.assert_allclose, rtol=rtol, atol=atol))


PEERS = (
    Peer("allclose", f"{CALL}), so rtol=1e-7, atol=0", "numpy", allclose),
    Peer("allclose\n1e-5, 1e-8", f"{CALL}, rtol=1e-5, atol=1e-8)", "numpy", within(rtol=1e-5, atol=1e-8)),
    Peer("allclose\n1e-3, 1e-5", f"{CALL}, rtol=1e-3, atol=1e-5)", "numpy", within(rtol=1e-3, atol=1e-5)),
)
