"""Imports in ``experiments/`` point one way: no arrow up, no circle between its packages."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from experiments.catalogue import OTHERS
from tests.test_layers import imports

EXPERIMENTS = Path(__file__).parents[1] / "experiments"

#: What has a module that speaks for stored results: each a package, or a file, of its own.
SPEAKERS = {stored.module.split(".")[0] for stored in OTHERS}

#: From the ground up; a file imports from rows below its own, or from its own package.
LAYERS = (
    "files",
    "kit",
    " ".join(["questions", "measure", *sorted(SPEAKERS)]),
    "catalogue",
    "report",
    "explore",
    "commands",
    "__main__",
)
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row.split()}
TOP = len(LAYERS)
#: Sideways, within a row: who draws the stories of faults, and who predicts measured ones.
SIDEWAYS = {("questions", "faults"), ("validation", "faults")}


def home(path: Path) -> str:
    """The module or package of ``experiments/`` that a file belongs to."""
    return path.relative_to(EXPERIMENTS).with_suffix("").parts[0]


def sources() -> list[Path]:
    """All files of the experiments, but those that a package is only named by."""
    return [path for path in sorted(EXPERIMENTS.rglob("*.py")) if home(path) != "__init__"]


def arrows() -> set[tuple[str, str, str]]:
    """(file, package it is in, package it imports from), where these differ."""
    return {
        (path.relative_to(EXPERIMENTS).as_posix(), home(path), name.split(".")[1])
        for path in sources()
        for name in imports(path)
        if name.startswith("experiments.") and name.split(".")[1] != home(path)
    }


def entry(path: str) -> bool:
    """Whether a file only starts a command: ``python -m experiments.compare``."""
    return path.endswith("/__main__.py")


def test_every_module_has_its_place_in_the_layers() -> None:
    assert {home(path) for path in sources()} <= set(RANK)


def test_imports_point_down_or_to_what_may_be_met_sideways() -> None:
    wrong = {
        f"{path} imports {there}"
        for path, here, there in arrows()
        if not RANK.get(there, TOP) < RANK.get(here, TOP)
        and (here, there) not in SIDEWAYS
        and not entry(path)
    }
    assert not wrong


def test_no_two_files_import_each_other_in_a_circle() -> None:
    modules = {path: _module(path) for path in sources()}
    names = set(modules.values())
    graph = {
        module: {name for name in reached(path) if name in names}
        for path, module in modules.items()
    }
    try:
        assert list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {error.args[1]}")


def reached(path: Path) -> Iterator[str]:
    """Every module that a file imports, or imports something from, in full."""
    yield from imports(path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_knows_the_public_names_that_are_made_of_it() -> None:
    below = [*sources(), *EXPERIMENTS.parent.glob("model/**/*.py")]
    assert not [path for path in below for name in imports(path) if name.startswith("inflight")]


def test_the_kit_knows_no_experiment_by_name() -> None:
    named = [
        path for path in EXPERIMENTS.glob("kit/*.py") if "experiments.questions" in path.read_text()
    ]
    assert not named


def _module(path: Path) -> str:
    """The name by which a file is imported."""
    parts = path.relative_to(EXPERIMENTS.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
