"""A copy of what the tests need, in which the model is changed, and what the fast tests say to it.

Tests come by relevance and the first failure ends it: golden rows, traces and the tests that are
named as the file, then all rules and what real clients say, then laws and runs of the whole.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("model", "tests", "experiments", "inflight")
LINKED = ("pyproject.toml", "docs", "results")
#: What is not of the model is not asked.
LAST = ("tests/laws", "tests/test_events.py", "tests/experiments/test_campaign.py")
#: CPU seconds after which a command is taken to run for ever: four times what all tests take.
MOST_CPU_S = 200
#: Who runs for ever may also take memory for ever; all tests take a tenth of it.
MOST_BYTES = 4 << 30


class Clone:
    """The clone once more, in a folder of its own."""

    def __init__(self, place: Path) -> None:
        self._place = place
        for part in COPIED:
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, place / part, ignore=ignored)
        for part in LINKED:
            (place / part).symlink_to(ROOT / part)

    @contextmanager
    def with_source(self, file: Path, source: str) -> Iterator[None]:
        """Meanwhile one file is another one."""
        sound = (self._place / file).read_text()
        (self._place / file).write_text(source)
        try:
            yield
        finally:
            (self._place / file).write_text(sound)

    def verdict(self, file: Path) -> tuple[str, str]:
        """Whether fast tests fail that matter to a file, and the first that does."""
        for tests in self._stages(file):
            command = ["-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider"]
            command += ["-m", "not (slow or trial)", "--hypothesis-profile=quick", *tests]
            done = self.run(command)
            if done.returncode < 0:
                return "killed", "runs for ever"
            if done.returncode != 0:
                told = [x for x in done.stdout.splitlines() if x.startswith(("FAILED", "ERR"))]
                return "killed", told[0].split(" - ")[0].split(" ", 1)[-1] if told else tests[0]
        return "SURVIVED", ""

    def run(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        """Have Python do something there."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self._place,
            text=True,
            capture_output=True,
            check=False,
            preexec_fn=_limit,
        )

    def _stages(self, file: Path) -> Iterator[list[str]]:
        """Tests by relevance."""
        words = {file.stem, *file.stem.split("_"), file.parent.name}
        named = [
            str(path.relative_to(self._place))
            for path in sorted(self._place.glob("tests/rules/test_*.py"))
            if words & {path.stem.removeprefix("test_"), *path.stem.split("_")[1:]}
        ]
        yield ["tests/golden", *named]
        yield ["tests/traces"]
        yield ["tests/rules", "tests/clients"]
        yield list(LAST)


@contextmanager
def clones(count: int) -> Iterator[list[Clone]]:
    """So many in which the tests pass, or there is nothing to be learnt from them."""
    with ExitStack() as stack:
        folders = [stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(count)]
        places = [Clone(Path(folder)) for folder in folders]
        if places[0].verdict(Path("model/simulation.py"))[0] != "SURVIVED":
            sys.exit("The tests fail without any change.")
        yield places


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
