"""The rows of a run as a pandas DataFrame, for whoever wants to ask something that no report answers."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from reports.record import read
from reports.row import COLUMNS, cells


def frame(folder: Path | str) -> pd.DataFrame:
    """One line a row of the run folder, in its order; columns as in results.csv, numbers as they were computed.

    Raises FolderError where the folder is no run's.
    """
    return pd.DataFrame(map(cells, read(Path(folder)).rows), columns=list(COLUMNS))
