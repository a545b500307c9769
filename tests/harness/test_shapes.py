"""The curves of σ and σ' for the drawings of a report."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from harness.shapes import ENDS, exhibit
from reference.activations import FORMULAS


@pytest.mark.parametrize("name", FORMULAS)
def test_pieces_join_and_have_no_jump_inside(name):
    (found,) = exhibit([name, name])
    assert found["activation"] == name
    pieces = found["pieces"]
    assert (pieces[0]["x"][0], pieces[-1]["x"][-1]) == ENDS
    for one, other in pairwise(pieces):
        assert one["x"][-1] == other["x"][0]
        assert abs(one["derivative"][-1] - other["derivative"][0]) > 0.1
    for piece in pieces:
        assert all(abs(b - a) < 0.2 for a, b in pairwise(piece["derivative"]))


def test_relu():
    (found,) = exhibit(["relu", "nobody's"])
    left, right = found["pieces"]
    assert set(left["derivative"]) == {0.0}
    assert set(right["derivative"]) == {1.0}
    assert json.loads(json.dumps(found)) == found
