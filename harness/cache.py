"""Where programs that take long to compile are kept from one run to the next: under the user's cache directory.

JAX finds a program there by a digest of the program itself and of its own version, so what is kept is never another
program than the one asked for. Two things that its digest leaves out have a folder each: a jaxlib that somebody built
anew under the same version, and a processor of another kind, which may lack the instructions of a program.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

MOST = 2**30
"""Bytes that are kept; beyond them the oldest programs go."""


def folder() -> Path | None:
    """``GRADPROOF_CACHE``, or gradproof in the platform's place for caches; None where there is no home."""
    if asked := os.environ.get("GRADPROOF_CACHE"):
        return Path(asked).expanduser()
    try:
        return _caches() / "gradproof"
    except RuntimeError:
        return None


def programs(package: str) -> Path | None:
    """The folder for programs that ``package`` compiled on a processor like this; None where it cannot be written."""
    home = folder()
    if home is None:
        return None
    its = home / package / _digest(package)
    try:
        its.mkdir(parents=True, exist_ok=True)
        _prune(its)
    except OSError:
        return None
    return its if os.access(its, os.W_OK) else None


def _caches() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".cache"  # the standard has relative ones ignored


def _digest(package: str) -> str:
    words = (*_libraries(package), platform.machine(), *_instructions())
    return hashlib.sha256("\n".join(words).encode()).hexdigest()[:16]


def _libraries(package: str) -> list[str]:
    """A package's version, and the digests of its libraries as they were built."""
    try:
        its = distribution(package)
    except PackageNotFoundError:
        return []
    files = its.files or []
    return [its.version, *(f"{f} {f.hash and f.hash.value}" for f in files if f.suffix in (".so", ".pyd", ".dylib"))]


def _instructions() -> list[str]:
    """The instruction sets of the processor, where the system says."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return [platform.processor()]
    return next(([line] for line in lines if line.startswith(("flags", "Features"))), [platform.processor()])


def _prune(its: Path) -> None:
    """Remove the oldest files until those that remain have at most MOST bytes."""
    files = [entry for entry in os.scandir(its) if entry.is_file()]
    kept = 0
    for _, size, path in sorted(((e.stat().st_mtime, e.stat().st_size, e.path) for e in files), reverse=True):
        kept += size
        if kept > MOST:
            Path(path).unlink(missing_ok=True)
