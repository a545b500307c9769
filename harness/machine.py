"""What a run should say of itself: versions, machine, and a digest of its cases."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from cases.case import Case

PACKAGES = ("gradproof", "numpy", "torch", "jax", "jaxlib", "python-flint", "ml_dtypes", "pandas")


def versions() -> dict[str, str]:
    """Versions of Python and of every package whose numbers count."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> str:
    """The kind of machine, without its name."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"


def digest(case: Case) -> str:
    """SHA-256 of everything that a case computes with, and of what is held against its exact values as printed."""
    words = (
        case.name,
        case.activation,
        case.task,
        case.dtype,
        case.learning_rate.hex(),
        case.structure,
        str(case.batch),
    )
    sha = hashlib.sha256(" ".join(words).encode())
    if case.published is not None:
        sha.update(repr(case.published).encode())
    for array in (case.x, case.target, *case.weights):
        sha.update(array.astype(array.dtype.newbyteorder("<")).tobytes())
    return sha.hexdigest()


def catalogue_digest(cases: Iterable[Case]) -> str:
    """SHA-256 over the digests of all cases, in order."""
    return hashlib.sha256("\n".join(digest(case) for case in cases).encode()).hexdigest()
