"""Where activations are scanned: every number of a 16-bit format, and in wider ones wherever something changes."""

from __future__ import annotations

import numpy as np
import pytest

from cases.case import ACTIVATIONS, DTYPES
from harness.accuracy import ACCURACY
from harness.precision import PRECISIONS
from harness.scan import SWITCHES, points, scans


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_the_points_are_every_finite_number_of_a_16_bit_format(dtype: str) -> None:
    every = np.arange(2**16, dtype=np.uint16).view(DTYPES[dtype])
    finite = {int(bits) for bits in np.arange(2**16)[np.isfinite(every.astype(np.float32))]}
    assert {int(bits) for bits in points(dtype).view(np.uint16)} == finite
    assert len(points(dtype)) == len(finite)


@pytest.mark.parametrize("dtype", DTYPES)
def test_points_ascend_reach_both_ends_and_lie_on_and_beside_every_switch(dtype: str) -> None:
    x, precision = points(dtype), PRECISIONS[dtype]
    wide = x.astype(np.float64)
    assert x.dtype == np.dtype(DTYPES[dtype]) and np.isfinite(wide).all() and np.all(np.diff(wide) >= 0)
    assert (wide[0], wide[-1]) == (-precision.largest, precision.largest)
    assert np.abs(wide[wide != 0]).min() == precision.smallest
    for switch in np.array(SWITCHES).astype(DTYPES[dtype]):
        beside = [float(np.nextafter(switch, x.dtype.type(side))) for side in (-np.inf, np.inf)]
        assert {float(switch), *beside} <= set(wide.tolist())
    for kinks in (row.kinks for row in ACCURACY.values()):
        assert set(kinks) <= set(wide.tolist())


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_wide_formats_have_points_at_every_few_powers_of_two_and_densely_around_zero(dtype: str) -> None:
    wide = points(dtype).astype(np.float64)
    positive = wide[wide > 0]
    assert (positive[1:] / positive[:-1]).max() <= 16
    inside = wide[np.abs(wide) <= 12]
    assert np.diff(inside).max() <= 0.0201


def test_there_is_a_scan_of_every_activation_in_every_precision_with_a_name_of_its_own() -> None:
    every = list(scans())
    assert [(s.activation, s.dtype) for s in every] == [(a, d) for a in ACTIVATIONS for d in DTYPES]
    assert len({s.name for s in every}) == len(every) and every[0].name == "scan-sigmoid-float64"
