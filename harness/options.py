"""Options that several commands share. This file imports click alone, so that --help is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


class Seconds(click.FloatRange):
    """A time limit: above 0, and not more than the system's clocks count."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """A number that is one."""
        found: float = super().convert(value, param, ctx)
        if found != found:
            self.fail("nan is no number of seconds.", param, ctx)
        return found


SECONDS = Seconds(min=0, min_open=True, max=1e7)

case_files = click.option(
    "--cases", "files", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Case file (TOML) instead of the built-in catalogue; may be repeated.",
)  # fmt: skip
dtypes = click.option(
    "--dtype", "dtypes", multiple=True, metavar="NAME",
    help="Only this precision: float64, float32, bfloat16, float16; may be repeated.",
)  # fmt: skip
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), default=None, metavar="N",
    help="Worker processes; by default one a processor, and none for a few cases.",
)  # fmt: skip

scheduler_option = click.option(
    "--scheduler", metavar="ADDRESS",
    help="Compute on the Dask cluster at this address (tcp://host:8786), with the same rows; needs gradproof[dask].",
)  # fmt: skip
