"""Stored results, as they were left; what does not fit its manifest is refused, not shown."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from experiments.kit.store import MANIFEST
from model import ConfigError

Manifest = Mapping[str, Any]


def read_manifest(folder: Path) -> Manifest:
    """A run's manifest, with its rows held against it. Raises ConfigError for damage."""
    path = folder / MANIFEST
    try:
        manifest: Manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError("results", path, "must exist: run the experiment first") from error
    except ValueError as error:
        raise ConfigError("results", path, "must be as written: it is not JSON") from error
    for name, vouched in manifest.get("sha256", {}).items():
        if sha256(folder / name) != vouched:
            rule = f"must be as written: it does not fit its {MANIFEST}"
            raise ConfigError("results", folder / name, rule)
    return manifest


def sha256(path: Path) -> str:
    """A file's digest; empty where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def has_run(folder: Path) -> bool:
    """Whether a run has left its manifest here."""
    return (folder / MANIFEST).is_file()


def read_svg(folder: Path, name: str) -> str | None:
    """A stored chart; None where it was not drawn."""
    path = folder / f"{name}.svg"
    return path.read_text(encoding="utf-8") if path.is_file() else None
