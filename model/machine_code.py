"""Where the model lies as machine code: `make compiled` leaves it in a clone, of these sources.

Whoever imports the model gets it. One edited source, another Python, or ``INFLIGHT_COMPILED=0`` in
the environment, and the sources run. Left out: an installed compiled wheel, which is compiled where
it lies.
"""

import hashlib
import os
import sys
from enum import Enum
from pathlib import Path

SOURCES = Path(__file__).parent
FOLDER = SOURCES.parent / "build" / "compiled"
STAMP = FOLDER / "of"
SWITCH = "INFLIGHT_COMPILED"


class Runs(Enum):
    """What an import of the model gets, where there is a choice."""

    SOURCES = "the sources"
    COMPILED = "machine code"
    EDITED = "the sources: they were edited since make compiled"

    __hash__ = object.__hash__


def fingerprint() -> str:
    """Of the sources and of the Python that runs them."""
    found = hashlib.sha256(f"{sys.implementation.cache_tag} {sys.platform}".encode())
    for path in sorted(each for each in SOURCES.rglob("*") if each.suffix in (".py", ".json")):
        found.update(path.relative_to(SOURCES).as_posix().encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def runs() -> Runs:
    """What runs here."""
    if os.environ.get(SWITCH) == "0" or not STAMP.is_file():
        return Runs.SOURCES
    return Runs.COMPILED if STAMP.read_text("ascii") == fingerprint() else Runs.EDITED


RUNS = runs()


def path(sources: list[str]) -> list[str]:
    """Where modules of the model are looked for: what an import system calls ``__path__``."""
    if RUNS is not Runs.COMPILED:
        return sources
    sys.path.append(str(FOLDER))  # what all compiled modules share lies beside them
    return [str(FOLDER / SOURCES.name), *sources]


def stamp() -> None:
    """Say what was compiled. Called in the copy: the sources may have been edited meanwhile."""
    (SOURCES.parent / STAMP.name).write_text(fingerprint(), "ascii")
