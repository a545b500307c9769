"""A run's rows as a DataFrame: all of them, with their figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from reports.frame import frame
from reports.record import FolderError, write
from reports.row import COLUMNS, Row


def test_every_row_is_a_line_with_its_figures(row: Callable[..., Row], folder: Path) -> None:
    rows = [row(share=0.25), row(backend="torch", share=None), row(backend="jax", layer=2, share=1.5)]
    write(folder, rows, {}, {})
    found = frame(folder)
    assert list(found.columns) == list(COLUMNS) and list(found.backend) == [its.backend for its in rows]
    assert found.share.isna().tolist() == [False, True, False]
    assert found.groupby("layer").share.max().to_dict() == {rows[0].layer: 0.25, 2: 1.5}


def test_what_is_no_run_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderError):
        frame(tmp_path)
