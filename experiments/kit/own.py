"""An experiment in a file of the user's own: ``EXPERIMENT``, or ``SWEEP`` for a plain one.

The file is a module like any other, so that worker processes can import it too. Whatever its code
raises is told in one line, with the last line of it that was reached.
"""

import inspect
import os.path
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from experiments.kit.experiment import Experiment
from experiments.kit.plain_sweep import plain_sweep
from experiments.kit.varied import meant
from model import ConfigError
from model.settings.shown import one_line

DEFINED = ("EXPERIMENT", "SWEEP")
#: What a SWEEP may say; its name is the file's.
ARGUMENTS = tuple(inspect.signature(plain_sweep).parameters)[1:]


def is_own(name: str) -> bool:
    """Whether a name is that of a file, and not of an experiment of the project."""
    return name.endswith(".py")


def load_own(path: Path) -> Experiment:
    """The experiment that a file defines. Raises ConfigError, also for what its code raises."""
    with in_one_line(path):
        module = _imported(path)
    defined = [name for name in DEFINED if hasattr(module, name)]
    if len(defined) != 1:
        raise ConfigError("sweep", path, f"must define one of {' and '.join(DEFINED)}")
    if defined == ["SWEEP"]:
        return _plain(path, module.SWEEP)
    experiment = module.EXPERIMENT
    if not isinstance(experiment, Experiment):
        raise ConfigError("sweep", path, "must have an inflight.kit.Experiment as EXPERIMENT")
    if not re.fullmatch(r"[\w-]+", experiment.name):
        raise ConfigError("name", one_line(experiment.name), "must be a word: it names a folder")
    return experiment


def _plain(path: Path, given: object) -> Experiment:
    if not isinstance(given, Mapping):
        raise ConfigError("sweep", path, f"must have a dict of {', '.join(ARGUMENTS)} as SWEEP")
    for name in given:
        if name not in ARGUMENTS:
            rule = f"must be one of {', '.join(ARGUMENTS)}{meant(name, ARGUMENTS)}"
            raise ConfigError("SWEEP", one_line(str(name)), rule)
    for name in ("scenario", "over"):
        if name not in given:
            raise ConfigError("SWEEP", f"({', '.join(given)})", f"must have {name}")
    return plain_sweep(path.stem, **given)


def _imported(path: Path) -> ModuleType:
    """The module that a file is, under its own name, by which workers import it."""
    file = os.path.abspath(path)
    if not os.path.isfile(file):
        raise ConfigError("sweep", path, "there is no such file")
    if not path.stem.isidentifier():
        raise ConfigError(
            "sweep", path, "must be called as Python can import it: letters, digits, _"
        )
    if (folder := os.path.dirname(file)) not in sys.path:
        sys.path.append(folder)  # last: it must hide nothing
    invalidate_caches()
    found = find_spec(path.stem)
    if found is None or found.origin != file:
        raise ConfigError("sweep", path, "must not be called as another module is")
    return import_module(path.stem)


@contextmanager
def in_one_line(path: Path) -> Iterator[None]:
    """Whatever is raised while the user's file is at work, as a ConfigError of one line."""
    try:
        yield
    except SyntaxError as error:
        raise ConfigError("sweep", path, f"line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        line = _last_line(error, os.path.abspath(path))
        if isinstance(error, ConfigError) and not line:
            raise
        kind = "" if isinstance(error, ConfigError) else f"{type(error).__name__}: "
        raise ConfigError("sweep", path, one_line(f"{line}{kind}{error}")) from error


def _last_line(error: BaseException, file: str) -> str:
    """The last line of a file that led to an error, for a message; empty if none did."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file]
    return f"line {lines[-1]}: " if lines else ""
