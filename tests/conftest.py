"""One thread for each process, nothing told to GitHub of made-up runs; and which tests stay together where several
processes share them (`make test`).
"""

from __future__ import annotations

import os
from typing import Any

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
    os.environ.pop(name, None)

APART = ("harness/grading/test_candidates.py", "harness/grading/test_likeness.py")
"""Files whose tests share nothing that takes long to make; the tests of any other file stay in one process."""


TOGETHER = "reports/browser/"
"""A folder whose tests share a browser and a run, so that they stay in one process."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share tests out file by file, those with most tests first, and in the end the tests of some files one by one."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if TOGETHER in file:
                return TOGETHER
            return nodeid if file.endswith(APART) else file

    return Scheduling(config, log)
