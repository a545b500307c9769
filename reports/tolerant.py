"""Values out of JSON that may lack any key: read tolerantly, never trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]


def items(value: Any) -> list[Item]:
    """Return the objects of a list; none where it is not a list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, (list, tuple)) else []


def string(item: Item, name: str) -> str:
    """Return text; empty where there is none."""
    value = item.get(name)
    return "" if value is None else str(value)


def whole(item: Item, name: str) -> int:
    """Return a count; 0 where there is none."""
    return int(item.get(name) or 0)


def number(item: Item, name: str) -> float | None:
    """Return a number, where "nan", "inf" and "-inf" are ones too; None where there is none."""
    value = item.get(name)
    return None if value is None else float(value)


def numbers(item: Item, name: str) -> tuple[float, ...]:
    """Return a list of numbers; NaN for what is none, and none where it is not a list."""
    value = item.get(name)
    return tuple(map(_number, value)) if isinstance(value, (list, tuple)) else ()


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def link(item: Item, name: str) -> str:
    """Return an address on the web; empty where it is anything else."""
    address = string(item, name).strip()
    return address if address.startswith(("https://", "http://")) else ""
