"""Imports in ``model/`` point one way, rules know no clock, and the model knows few libraries."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MODEL = Path(__file__).parents[1] / "model"

#: From the ground up; a file imports from rows below its own, or from its own package.
LAYERS = (
    "machine_code units streams",
    "clients",
    "clock wire",
    "alarm",
    "config",
    "costs settings",
    "outcome",
    "network",
    "producer broker",
    "injection build",
    "cluster",
    "simulation",
)
RANK = {name: rank for rank, row in enumerate(LAYERS) for name in row.split()}

#: Files that wait, or import who waits. All others decide, and take the time as an argument.
CLOCKED = (
    "__init__ alarm build clock cluster injection simulation",
    "broker/broker broker/follower_connection broker/log_appender broker/purgatory",
    "broker/controller broker/lifecycle broker/moving_replicas broker/replica_fetcher",
    "broker/replica_manager",
    "network/carrier network/connection network/inbox network/lossy network/one_way",
    "producer/completion producer/compressing_sender producer/network_client producer/node",
    "producer/producer producer/sender",
)

#: SimPy for the clock, NumPy for rows and draws, boost-histogram for quantiles of long runs.
LIBRARIES = {"simpy", "numpy", "boost_histogram", "model"} | sys.stdlib_module_names


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, in full."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import hides where it points"
            yield node.module or ""


def home(path: Path) -> str:
    """The module or package of ``model/`` that a file belongs to."""
    return path.relative_to(MODEL).with_suffix("").parts[0]


def sources() -> list[Path]:
    """All files of the model."""
    return sorted(MODEL.rglob("*.py"))


def test_every_module_has_its_place_in_the_layers() -> None:
    assert {home(path) for path in sources()} - {"__init__"} <= set(RANK)


def test_imports_point_down() -> None:
    upward = [
        f"{home(path)} imports {name}"
        for path in sources()
        for name in imports(path)
        if name.startswith("model") and home(path) != "__init__" and not points_down(path, name)
    ]
    assert not upward


def points_down(path: Path, name: str) -> bool:
    """Whether an import goes to a lower row or stays in its package."""
    there = [*name.split("."), ""][1]
    return there == home(path) or (there in RANK and RANK[there] < RANK[home(path)])


def test_producer_and_broker_never_meet() -> None:
    meetings = [
        f"{path.name} imports {name}"
        for path in sources()
        for name in imports(path)
        if {home(path), [*name.split("."), ""][1]} == {"producer", "broker"}
    ]
    assert not meetings


def module(path: Path) -> str:
    """The full name of a file of the model."""
    parts = path.relative_to(MODEL.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def reaches() -> dict[str, set[str]]:
    """Of each module of the model all that it imports, itself or through others of the model."""
    found = {module(path): set(imports(path)) for path in sources()}
    # Python runs model/__init__.py first whatever is imported, which is the door and no rule's need
    del found["model"]
    growing = True
    while growing:
        growing = False
        for names in found.values():
            through = set().union(*(found.get(name, set()) for name in names)) - names
            names |= through
            growing = growing or bool(through)
    return found


def test_only_who_waits_knows_the_clock_and_not_even_through_others_a_rule() -> None:
    clocked = {f"{name}.py" for name in " ".join(CLOCKED).split()}
    reached = reaches()
    knowing = {
        path.relative_to(MODEL).as_posix()
        for path in sources()
        if "simpy" in reached.get(module(path), {"simpy"})
    }
    assert knowing == clocked


def test_the_model_needs_few_libraries() -> None:
    foreign = [
        f"{path.name} imports {name}"
        for path in sources()
        for name in imports(path)
        if name.partition(".")[0] not in LIBRARIES
    ]
    assert not foreign


def test_the_model_prints_nothing() -> None:
    talkers = [
        path
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Name) and node.id == "print"
    ]
    assert not talkers
