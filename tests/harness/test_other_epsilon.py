"""A layer normalisation with another ε is wrong, and told which ε it has where that is a usual one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cases.case import make_case
from cases.links import Link
from harness.backends import Evaluation
from harness.backends.reference import matrix
from harness.run import run
from harness.stack import Stack
from reference.layers import normalisation
from reference.layers.normalisation import EPSILON


@pytest.mark.parametrize("epsilon", ["1e-5", "1e-3", "2e-5"])
def test_another_epsilon_in_a_normalisation_is_told_where_it_is_a_usual_one(
    epsilon: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case(
        "normal", "tanh", "prediction", "float64", [[0.2, -0.5, 0.9]], [[0.5, -0.5, 0.1]],
        [[[0.3, -0.6, 0.2], [0.7, 0.4, -0.9], [-0.2, 0.8, 0.5]], [[1.1, 0.9, 1.2]]],
        links=[Link("dense", 3), Link("activation"), Link("normalisation"), Link("scale")],
    )  # fmt: skip

    def evaluate(stack: Stack) -> Evaluation:
        with monkeypatch.context() as patched:
            patched.setattr(normalisation, "EPSILON", float(epsilon))
            return matrix.evaluate(stack)

    mine = SimpleNamespace(name="mine", chains=True, supports=lambda case: None, evaluate=evaluate)
    rows = run([case], [mine], observers=(), mistakes=False).rows
    (detail,) = {row.detail for row in rows if row.quantity == "output"}
    told = f"; it comes out with ε = {epsilon} in the normalisation, which has ε = 2⁻¹⁷ = {EPSILON!r} here"
    assert detail.endswith(told) is (epsilon != "2e-5") and ("it comes out" in detail) is (epsilon != "2e-5")
