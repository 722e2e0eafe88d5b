"""What a run leaves in its folder: frames as CSV, charts, and a manifest that says whence.

Everything is made first and written then; each file replaces its old version in one step and the
manifest comes last, so that a folder whose manifest does not fit its rows was interrupted. Left
out: times and places, so that the same run leaves the same bytes; its date is that of the code.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model import ConfigError

if TYPE_CHECKING:
    import pandas as pd

#: What results are made with, from the top of a clone.
CODE = ("model", "experiments", "inflight", "pyproject.toml")
MANIFEST = "manifest.json"
Manifest = Mapping[str, Any]
#: Files with what they are to hold.
Contents = list[tuple[Path, bytes]]


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises ConfigError if the folder cannot be written."""
    require_place(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_anew(partial, content)
        os.replace(partial, path)
    except OSError as error:
        raise ConfigError("out", path, f"must be writable ({error.strerror})") from error


def write(contents: Contents) -> list[Path]:
    """Write files, each whole or not at all; their paths."""
    for path, content in contents:
        replace_file(path, content)
    return [path for path, _ in contents]


def _write_anew(partial: Path, content: bytes) -> None:
    """Write what nobody reads yet; nothing stays of it if it cannot be written whole."""
    partial.unlink(missing_ok=True)  # what a kill left, or a pipe that would be waited for
    try:
        with partial.open("xb") as file:
            file.write(content)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def require_place(path: Path, setting: str = "out") -> None:
    """Raise ConfigError for what a file would not go to but replace: a device, a pipe, a folder.

    And for a place that it cannot go to.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise ConfigError(setting, path, "must be a regular file, or none yet")
    require_folder(path.parent, path, setting)


def require_folder(folder: Path, told: Path | None = None, setting: str = "out") -> None:
    """Raise ConfigError, before anything is run, for a folder that nothing can be written to.

    It makes none; ``told``: what the user named, if that is not the folder.
    """
    place = folder.absolute()
    while not os.path.lexists(place) and place != place.parent:
        place = place.parent
    if not (os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK)):
        raise ConfigError(setting, told or folder, f"must be writable ({place} is not)")


def require_results(folder: Path) -> None:
    """Raise ConfigError for what is no folder to read results from."""
    if not os.path.isdir(folder):
        raise ConfigError("results", folder, "must be a folder with results")


def csv_bytes(frame: "pd.DataFrame") -> bytes:
    """A frame as CSV: no index, ``\\n`` at line ends, floats in full."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def save_run(
    folder: Path,
    frames: Mapping[str, "pd.DataFrame"],
    says: Mapping[str, object],
    beside: Mapping[str, bytes] | None = None,
) -> None:
    """Store frames as NAME.csv and then the manifest: what it says, versions, digests.

    ``beside``: other files of the run, which the manifest vouches for as well.
    """
    rows = {f"{name}.csv": csv_bytes(frame) for name, frame in frames.items()}
    contents = {**rows, **(beside or {})}
    for name, content in contents.items():
        replace_file(folder / name, content)
    versions = {package: version(package) for package in ("inflight", "simpy", "numpy")}
    manifest = {
        **says,
        "versions": {"python": platform.python_version(), **versions},
        "commit": _commit(),
        "commit_date": _git("log", "-1", "--format=%cs"),
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    replace_file(folder / MANIFEST, text.encode())


def sha256(path: Path) -> str:
    """A file's digest; empty where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if os.path.isfile(path) else ""


def has_run(folder: Path) -> bool:
    """Whether a run has left its manifest here."""
    return os.path.isfile(folder / MANIFEST)  # False also for a name that is too long


def require_undamaged(folder: Path, complete: bool = False) -> None:
    """Raise ConfigError if the folder holds stored files that are not as they were written.

    A folder with nothing in it, or one that a run was interrupted in, is fine unless it is to be
    ``complete``.
    """
    for name, digest in _digests(folder).items() if has_run(folder) else ():
        found = sha256(folder / name)
        if found != digest and (found or complete):
            raise _damaged(folder / name)


def read_manifest(folder: Path) -> Manifest:
    """A run's manifest, with all of its files held against it. Raises ConfigError for damage."""
    if not has_run(folder):
        raise _missing(folder / MANIFEST)
    require_undamaged(folder, complete=True)
    manifest: Manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return manifest


def _missing(path: Path) -> ConfigError:
    return ConfigError("results", path, "must exist: run the experiment first")


def _damaged(path: Path) -> ConfigError:
    return ConfigError("results", path, f"must be as written: it does not fit its {MANIFEST}")


def _digests(folder: Path) -> dict[str, str]:
    """The digests of a folder's manifest. Raises ConfigError for one that is damaged."""
    manifest = folder / MANIFEST
    try:
        digests = json.loads(manifest.read_text(encoding="utf-8"))["sha256"]
        return {str(name): str(digest) for name, digest in digests.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError("results", manifest, "must be as written: it is damaged") from error


def read_svg(folder: Path, name: str) -> str | None:
    """A stored chart; None where it was not drawn."""
    path = folder / f"{name}.svg"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def load_frame(folder: Path, name: str) -> "pd.DataFrame":
    """A stored frame. Raises ConfigError if it is missing or not what the manifest vouches for."""
    path = folder / f"{name}.csv"
    if not path.is_file() or not has_run(folder):
        raise _missing(path)
    if sha256(path) != _digests(folder).get(path.name):
        raise _damaged(path)
    import pandas as pd  # slow, and who only writes has what it writes already

    return pd.read_csv(path)


def _commit() -> str | None:
    """The commit that the code is at, marked where code has changes; None outside its clone.

    Results that are made one after another change the tree, but not what makes the next one.
    """
    commit = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *CODE)
    return f"{commit}-dirty" if commit and changed else commit


def _git(*asked: str) -> str | None:
    """What git says of the code; None outside its clone.

    An installed Inflight may lie within somebody else's repository, whose commit is not its own.
    """
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    try:
        return subprocess.check_output(
            ["git", *asked], cwd=root, stderr=subprocess.DEVNULL, text=True
        ).strip()
    except (OSError, subprocess.CalledProcessError):
        return None
