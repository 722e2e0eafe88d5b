"""What came with Inflight: stored results, and files that a command takes by their bare name.

In a clone results are those of the clone; a wheel has them beside the code, to be read only.
"""

from pathlib import Path
from typing import Any

import click

from experiments.kit.store import has_run

_PACKAGE = Path(__file__).parents[1]
RESULTS = _PACKAGE.parent / "results"


def own_or_published(results: Path, part: str) -> Path:
    """The user's own results if they have a run of a part, else those that came with Inflight."""
    return results if has_run(results / part) else RESULTS


class OwnOrPublished(click.Path):
    """A path as an option, or the bare name of a file that came with Inflight."""

    def __init__(self, folder: str, suffix: str) -> None:
        """Where they are in the package, and how their names end."""
        super().__init__(path_type=Path)
        self._files = {path.stem: path for path in sorted((_PACKAGE / folder).glob(f"*{suffix}"))}

    def convert(self, value: Any, parameter: Any, context: Any) -> Path:
        """The user's file, if there is one; whether it can be read is told by who opens it."""
        path = Path(value)
        return path if path.exists() else self._files.get(str(path), path)
