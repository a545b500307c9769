"""What is found in all tasks of a run, put together in their order, in whatever order they end."""

from __future__ import annotations

from harness.found import Found


class Tally:
    """What is found in all tasks up to the first that is not done; of those after it, each by itself."""

    def __init__(self) -> None:
        self.found = Found()
        self._waiting: dict[int, Found] = {}
        self._next = 0

    def add(self, number: int, its: Found) -> None:
        """Take what is found in the task of this number."""
        self._waiting[number] = its
        while self._next in self._waiting:
            self.found.add(self._waiting.pop(self._next))
            self._next += 1
