"""The source tree: which way imports go, where frameworks are imported, and nothing hidden, giant or copied.

What is found by these functions is itself tested, on trees in which something is wrong.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("reference", "cases", "harness", "reports")

MAY_IMPORT = {
    "reference": {"reference"},
    "cases": {"cases", "reference"},
    "harness": {"harness", "cases", "reference", "reports"},
    "reports": {"reports"},
}

THIRD_PARTY = {"reference": {"numpy", "scipy"}, "cases": {"numpy", "ml_dtypes", "pydantic", "packaging"}}
"""All that the equations and the cases need of others."""

FRAMEWORKS = {"torch", "jax", "jaxlib", "flax", "optax", "autograd", "tensorflow", "keras", "mxnet", "tinygrad"}

JUDGING = {f"harness.{name}" for name in ("run", "engine", "check", "judge", "compare", "gate", "truth", "bound")}
"""What one runner does for every backend, so that none of them does."""

INSIDE_FUNCTIONS = {
    "harness/bench/options.py": ("harness.commands.",),
    "harness/candidate/module.py": ("cases.",),
    "harness/candidate/result.py": ("cases.",),
    "harness/cli.py": ("harness.commands.",),
    "harness/commands/list.py": ("cases.loader.", "harness.", "reference."),
    "harness/cluster.py": ("distributed.",),
    "harness/limits.py": ("resource.",),
    "harness/progress.py": ("rich.",),
    "reports/listing.py": ("rich.", "reports."),
}
"""Files in which a function may import, and what: so that nothing quick has to wait for it."""

GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "misc", "shared"}


def files(root: Path = ROOT) -> list[Path]:
    return [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]


def module(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules(root: Path) -> frozenset[str]:
    """Names of all modules of a tree."""
    return frozenset(module(path, root) for path in files(root))


def imported(node: ast.AST, ours: frozenset[str]) -> Iterator[str]:
    """Full names that one statement imports: of ours, modules; of others, what the statement says."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0 and node.module is not None, "imports are absolute"
        for alias in node.names:
            full = f"{node.module}.{alias.name}"
            yield full if full in ours else node.module


def imports(path: Path, root: Path = ROOT) -> set[str]:
    """Everything that a file imports, wherever in it."""
    return {name for node in ast.walk(ast.parse(path.read_text())) for name in imported(node, modules(root))}


def inside_functions(path: Path, root: Path = ROOT) -> set[str]:
    """What a file imports in its functions."""
    functions = (n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef))
    return {name for function in functions for node in ast.walk(function) for name in imported(node, modules(root))}


def circle(root: Path = ROOT) -> list[str]:
    """Modules that import each other in a circle; empty where there is none."""
    ours = {module(path, root): path for path in files(root)}
    graph = {name: imports(path, root) & ours.keys() - {name} for name, path in ours.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def copies(paths: list[Path], least: int = 30) -> list[set[str]]:
    """Places of functions in different files whose bodies are the same, if they have ``least`` syntax nodes."""
    places: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                if sum(1 for statement in body for _ in ast.walk(statement)) >= least:
                    places["\n".join(map(ast.dump, body))].add(str(path))
    return [found for found in places.values() if len(found) > 1]


def test_no_module_is_part_of_a_circle() -> None:
    assert circle() == []


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    for path in files():
        if module(path).split(".")[0] == package:
            roots = {name.split(".")[0] for name in imports(path)}
            assert roots & set(PACKAGES) <= MAY_IMPORT[package], path


@pytest.mark.parametrize("package", THIRD_PARTY)
def test_equations_and_cases_need_little(package: str) -> None:
    for path in files():
        if module(path).split(".")[0] == package:
            roots = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - set(PACKAGES)
            assert roots <= THIRD_PARTY[package], path


def test_a_framework_is_imported_in_the_files_named_after_it_and_nowhere_else() -> None:
    found = defaultdict(set)
    for path in files():
        for name in {name.split(".")[0] for name in imports(path)} & FRAMEWORKS:
            found[name].add(path.relative_to(ROOT).as_posix())
    folders = ("backends", "layers", "peers", "bench")
    allowed = {name: {f"harness/{folder}/{name}.py" for folder in folders} for name in FRAMEWORKS}
    assert {name: its - allowed[name] for name, its in found.items() if its - allowed[name]} == {}
    assert found["torch"] == allowed["torch"] and found["jax"] == allowed["jax"]


def test_dask_is_imported_in_one_file() -> None:
    found = {path.name for path in files() if {"dask", "distributed"} & {n.split(".")[0] for n in imports(path)}}
    assert found == {"cluster.py"}


def test_a_backend_judges_nothing() -> None:
    for path in sorted((ROOT / "harness" / "backends").glob("*.py")):
        assert not imports(path) & JUDGING, path


def test_functions_import_only_where_it_is_listed() -> None:
    found = {path.relative_to(ROOT).as_posix(): its for path in files() if (its := inside_functions(path))}
    assert found.keys() == INSIDE_FUNCTIONS.keys(), "the list is strict both ways"
    for name, its in found.items():
        assert all(f"{one}.".startswith(INSIDE_FUNCTIONS[name]) for one in its), name


def test_no_module_is_a_grab_bag() -> None:
    assert {part for path in files() for part in module(path).split(".")} & GRAB_BAGS == set()


def test_no_file_is_giant_and_most_are_short() -> None:
    lengths = sorted(len(path.read_text().splitlines()) for path in files())
    assert lengths[-1] <= 300
    assert lengths[3 * len(lengths) // 4] <= 150


def test_no_function_is_copied_from_file_to_file() -> None:
    assert copies(files()) == []


# trees in which something is wrong


def tree(root: Path, **sources: str) -> Path:
    """Write files, named like ``harness__run``."""
    for name, source in sources.items():
        path = root.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return root


def test_a_circle_hidden_in_a_function_is_seen(tmp_path: Path) -> None:
    hidden = "def f():\n    from harness.a import g\n"
    root = tree(tmp_path, harness__a="import harness.b\n", harness__b="from harness import c\n", harness__c=hidden)
    assert set(circle(root)) == {"harness.a", "harness.b", "harness.c"}
    assert inside_functions(root / "harness" / "c.py", root) == {"harness.a"}
    assert circle(tree(tmp_path, harness__c="")) == []


def test_an_import_is_seen_wherever_it_stands(tmp_path: Path) -> None:
    source = "try:\n    import torch.nn as t\nexcept ImportError:\n    from reports import row\n"
    root = tree(tmp_path, cases__a=source, reports__row="")
    assert imports(root / "cases" / "a.py", root) == {"torch.nn", "reports.row"}


def test_a_copy_is_seen_whatever_its_name(tmp_path: Path) -> None:
    body = "    for a in x:\n        if a > 1:\n            print(a + 1, a - 1, a * 2, sum(x), max(x))\n    return x\n"
    root = tree(tmp_path, harness__a=f"def run(x):\n    'One.'\n{body}", harness__b=f"def start(x):\n{body}")
    assert len(copies(files(root))) == 1
    assert copies(files(root)[:1]) == []
