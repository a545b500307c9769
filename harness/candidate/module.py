"""A candidate file as a module: loaded, its functions found; runs in the candidate's own process."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Collection
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

from harness.candidate import SIGNATURE
from harness.candidate.result import described, message, told

OURS = ("reference", "cases", "harness", "reports")
ACCUMULATES = ("format", "storage")


class Unusable(Exception):
    """The file cannot be loaded; the message says why."""


class Candidate:
    """A loaded file: its functions, ``update`` None where it has none, and how it adds products.

    ``takes_rate``: backprop has an argument ``learning_rate``, and so can return updated weights by itself.
    """

    def __init__(self, module: ModuleType, path: str) -> None:
        """Take what is needed. Raises Unusable."""
        self.path = path
        self.backprop = _function(module, "backprop")
        if self.backprop is None:
            raise Unusable(f"defines no {SIGNATURE}{_nearest('backprop', module)}")
        self.update = _function(module, "update")
        self.takes_rate = "learning_rate" in _arguments(self.backprop)
        self.accumulates = getattr(module, "accumulates", ACCUMULATES[0])
        if not isinstance(self.accumulates, str) or self.accumulates not in ACCUMULATES:
            its = repr(self.accumulates) if isinstance(self.accumulates, str) else described(self.accumulates)
            raise Unusable(f"accumulates is {its}, expected one of {', '.join(ACCUMULATES)}")


def load(path: str) -> Candidate:
    """Run the file as a module, not as a script; it may import its neighbours. Raises Unusable."""
    file = Path(path)
    sys.argv = [path]
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(file.parent))
    sys.meta_path.insert(0, _Ours())
    module = ModuleType(f"gradproof_candidate_{file.stem}")
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        code = compile(file.read_bytes(), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Unusable(f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)) from error
    except Exception as error:  # unreadable, NUL bytes, nesting too deep for the compiler
        raise Unusable(f"cannot be read: {told(error)}") from error
    try:
        exec(code, module.__dict__)
        return Candidate(module, path)
    except Unusable:
        raise
    except BaseException as error:  # sys.exit and KeyboardInterrupt too
        raise Unusable(f"importing it raised {located(error, path)}") from error


def located(error: BaseException, path: str) -> str:
    """Type of an error, the innermost line of the candidate's own code, and the message."""
    folder, place, trace = str(Path(path).parent) + os.sep, "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name == path or (name.startswith(folder) and "site-packages" not in name):
            place = f" at {name.rsplit(os.sep, 1)[-1]}:{trace.tb_lineno}"
        trace = trace.tb_next
    said = message(error)
    return f"{type(error).__name__}{place}{': ' + said if said else ''}"


class _Ours:
    """Finds our packages before any of the same name beside the candidate."""

    home = (str(Path(__file__).resolve().parents[2]),)

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, self.home) if name in OURS else None


def _function(module: ModuleType, name: str) -> Callable[..., Any] | None:
    its = getattr(module, name, None)
    if its is None or callable(its):
        return its
    raise Unusable(f"{name} is {described(its)}, expected a function")


def _arguments(function: Callable[..., Any]) -> Collection[str]:
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):  # a builtin that does not tell
        return ()


def _nearest(name: str, module: ModuleType) -> str:
    from cases.faults import did_you_mean  # only where it is needed: it imports difflib and re

    hint = did_you_mean(name, [word for word, value in vars(module).items() if callable(value)])
    return f"; {hint}" if hint else ""
