"""Another folder with the name of one of our packages, which would be imported in its place."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("reference", "cases", "harness", "reports")


def shadow() -> str | None:
    """A sentence if another folder has taken the place of one of our packages."""
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = find_spec(name)
        places = [] if spec is None else list(spec.submodule_search_locations or [])
        if home / name not in [Path(place).resolve() for place in places]:
            where = places[0] if places else "nowhere"
            return (
                f"the package {name!r} is found in {where}, not in {home / name}: another folder of that name shadows "
                "ours; take its parent off PYTHONPATH, or install gradproof in an environment of its own"
            )
    return None
