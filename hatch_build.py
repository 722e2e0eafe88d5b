"""What a wheel holds: one package, with this repository's other two beneath it.

In a clone there are three packages side by side, ``inflight``, ``model`` and ``experiments``; an
installed Inflight must not take two names from everybody that half of all projects call their own.
So a wheel has ``inflight/model`` and ``inflight/experiments``: copies in which absolute imports of
the three say so. Whatever else would name a module by its place at the top is refused, and the
build fails. Stored results lie beside them, without what only people look at. With
``INFLIGHT_COMPILED=1`` in the environment the model's hot modules are machine code.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HOME = "inflight"
BENEATH = ("model", "experiments")
#: Of the stored results: what commands read. Pictures are drawn from it, the page is made of it.
RESULTS = ("compare", "faults", "validation", "bench", "sweeps")
READ = {".csv", ".parquet", ".json", ".svg", ".txt"}

#: What a run spends its time in. Exceptions, enumerations, settings and the clock stay as they are.
HOT = (
    *("producer/*", "network/*", "broker/*"),
    *("alarm", "build", "cluster", "costs", "injection", "units"),
    *("wire/batches", "wire/compressed", "wire/requests", "wire/sizes"),
    *("outcome/latency", "outcome/ledger", "outcome/recorder", "outcome/rows", "outcome/run"),
    "outcome/start_times",
)

_NAMES = "|".join(BENEATH)
_FROM = re.compile(rf"from(\s+)({_NAMES})\b")
_IMPORT = re.compile(rf"import(\s+)({_NAMES})\b")
#: A module named in a text, or in the beginning of one that is filled in.
_NAMED = re.compile(rf"(?:{_NAMES})\.(?:[a-z_]|$)")


class MisplacedNameError(Exception):
    """A file names a module in a way that holds at the top only."""


def beneath(source: str, file: str) -> str:
    """A module's source with its imports of the packages beneath ``inflight``.

    Raises MisplacedNameError for what cannot be put right; ``file`` is for its message.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module or ""):
            _replace(lines, node, _FROM, rf"from\1{HOME}.\2")
        elif isinstance(node, ast.Import) and any(_is_ours(alias.name) for alias in node.names):
            (alias, *others) = node.names
            if others or ("." in alias.name and alias.asname is None):
                raise MisplacedNameError(f"{file}:{node.lineno}: import one package, or from it")
            whole = rf"from {HOME} import\1\2" if alias.asname is None else rf"import\1{HOME}.\2"
            _replace(lines, node, _IMPORT, whole)
    moved = "".join(lines)
    if left := list(_left(ast.parse(moved))):
        line, text = left[0]
        raise MisplacedNameError(f"{file}:{line}: {text} is a name at the top only")
    return moved


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in BENEATH


def _replace(lines: list[str], node: ast.stmt, found: re.Pattern[str], by: str) -> None:
    """Put one import right where it begins; all of them begin a line, white space aside."""
    line = lines[node.lineno - 1]
    before, after = line[: node.col_offset], line[node.col_offset :]
    lines[node.lineno - 1] = before + found.sub(by, after, count=1)


def _left(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Lines and texts that still name a module at the top; documentation may."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_ours(node.module or ""):
            yield node.lineno, f"from {node.module}"
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if _is_ours(a.name))
        elif isinstance(node, ast.Constant) and id(node) not in prose and _names(node.value):
            yield node.lineno, repr(node.value)
        elif isinstance(node, ast.Call | ast.List | ast.Tuple):
            words = node.args if isinstance(node, ast.Call) else node.elts
            yield from _run_as_main(words)


def _names(value: object) -> bool:
    return isinstance(value, str) and _NAMED.match(value) is not None


def _run_as_main(words: Sequence[ast.expr]) -> Iterator[tuple[int, str]]:
    """Of the words of a command, packages of ours after ``-m``; elsewhere they are plain words."""
    said = [word.value if isinstance(word, ast.Constant) else None for word in words]
    for number, (flag, word) in enumerate(pairwise(said), start=1):
        if flag == "-m" and word in BENEATH:
            yield words[number].lineno, f"-m {word!r}"


def gather(root: Path, home: Path) -> None:
    """Copy what a wheel of the repository at ``root`` holds into a folder, its ``inflight``."""
    for package in (HOME, *BENEATH):
        target = home if package == HOME else home / package
        shutil.copytree(
            root / package, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True
        )
    for path in home.rglob("*.py"):
        moved = beneath(path.read_text("utf-8"), path.relative_to(home.parent).as_posix())
        path.write_text(moved, "utf-8")
    for part in RESULTS:
        for path in sorted((root / "results" / part).rglob("*")):
            if path.suffix in READ:
                copy = home / path.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


def compile_model(folder: Path, model: str) -> None:
    """Make machine code of the hot modules of the model that lies below a folder, in place.

    SystemExit with mypyc's last lines if that fails.
    """
    hot = [
        path.relative_to(folder).as_posix()
        for pattern in HOT
        for path in sorted((folder / model).glob(f"{pattern}.py"))
        if path.name != "__init__.py"
    ]
    mypyc = [str(Path(sys.executable).with_name("mypyc")), "--strict", *hot]
    called = subprocess.run(
        mypyc,
        cwd=folder,
        env={"MYPYC_OPT_LEVEL": "3", **os.environ, "INFLIGHT_COMPILED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if called.returncode:
        raise SystemExit(f"mypyc failed:\n{called.stdout[-2_000:]}")
    for left in ("build", ".mypy_cache"):
        shutil.rmtree(folder / left, ignore_errors=True)


class Hook(BuildHookInterface[Any]):
    """Hatchling calls it before it makes a wheel; an editable install is the clone itself."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Gather the wheel's files and have them put in."""
        if version != "editable":
            self._folder = tempfile.TemporaryDirectory()
            home = Path(self._folder.name) / HOME
            gather(Path(self.root), home)
            if os.environ.get("INFLIGHT_COMPILED") == "1":
                compile_model(home.parent, f"{HOME}/model")
                for shared in home.parent.glob("*__mypyc.*"):  # what all compiled modules share
                    build_data["force_include"][str(shared)] = shared.name
                build_data["pure_python"], build_data["infer_tag"] = False, True
            build_data["force_include"][str(home)] = HOME

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing behind."""
        if version != "editable":
            self._folder.cleanup()


if __name__ == "__main__":  # of a copy of the model in this folder
    compile_model(Path(sys.argv[1]), "model")
