"""Text with formulas in it, as a page shows it."""

from __future__ import annotations

import pytest

from reports.prose import prose


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ΔW^{l,l+1} = h^l", "ΔW<sup>l,l+1</sup> = h<sup>l</sup>"),
        ("2/N_O, 2^20, e^{-|x|}", "2/N<sub>O</sub>, 2<sup>20</sup>, e<sup>-|x|</sup>"),
        ("Δw_41^HO, I^H_1, e_j²", "Δw<sub>41</sub><sup>HO</sup>, I<sup>H</sup><sub>1</sub>, e<sub>j</sub>²"),
        ("gelu_tanh, ml_dtypes, no_x, x_", "gelu_tanh, ml_dtypes, no_x, x_"),
        ("off by -1.5e-08.", 'off by <span class="nowrap">-1.5e-08</span>.'),
        ("<b>^{<i>}", "&lt;b&gt;<sup>&lt;i&gt;</sup>"),
        ("\x1b^2", "\\x1b<sup>2</sup>"),
        ("", ""),
    ],
)
def test_prose(text, shown):
    assert prose(text) == shown
