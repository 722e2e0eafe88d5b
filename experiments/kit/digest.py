"""What a row is a function of, as one hash: a changed model, setting or outcome makes another row.

The model's version is the hash of its sources, so that it is also right in a working copy with
changes. Left out: the versions of Python and of libraries, which the manifest names.
"""

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import model
from model import Scenario

DIGITS = 24


def sources_digest(folder: Path) -> str:
    """The hash of all Python files under a folder, with their names."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        found.update(path.read_bytes() + b"\0")
    return found.hexdigest()[:DIGITS]


@cache
def model_version() -> str:
    """The version of the model that this process runs."""
    return sources_digest(Path(model.__file__).parent)


@cache
def _module_source(name: str) -> str:
    return inspect.getsource(import_module(name))


def run_digest(scenario: Scenario, seed: int, measure: Callable[..., Any]) -> str:
    """The hash of one run: every value of its scenario, its seed, the model, what is measured.

    A figure counts with the source of the whole file that it is in, so with its helpers.
    """
    parts = [repr(scenario), str(seed), model_version()]
    for figure in getattr(measure, "figures", (measure,)):
        if isinstance(figure, str):
            parts += [figure, _module_source(f"{__package__}.figures")]
        else:
            parts += [figure.__qualname__, _module_source(figure.__module__)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:DIGITS]
