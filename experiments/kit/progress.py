"""How far a sweep is: a bar with rate and time left on a terminal, plain lines elsewhere."""

import time
from typing import Self

from rich import progress as bars
from rich.console import Console
from rich.text import Text

#: Ours: seconds between plain lines, which end up in logs.
EVERY_S = 5.0


class RateColumn(bars.ProgressColumn):
    """Runs per second of late."""

    def render(self, task: bars.Task) -> Text:
        """The rate, once there is one."""
        return Text(f"{task.speed:.1f} runs/s" if task.speed else "")


class Progress:
    """Counts runs: those met before in this process once, those kept from before, those made."""

    def __init__(self, name: str, output: Console | None = None) -> None:
        self._output = output or Console(stderr=True, highlight=False, markup=False)
        self._name, self._met = name, set[str]()
        self.total, self.done, self.kept_before = 0, 0, 0
        self._started_s = self._told_s = time.monotonic()
        self._bar = bars.Progress(
            *(bars.TextColumn(name), bars.BarColumn(), bars.MofNCompleteColumn(), RateColumn()),
            *(bars.TextColumn("left"), bars.TimeRemainingColumn()),
            console=self._output,
            disable=not self._output.is_terminal,
        )
        self._task = self._bar.add_task(name, total=0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def meets(self, digest: str) -> bool:
        """Whether a run is new to this process; it then counts to the total."""
        if digest in self._met:
            return False
        self._met.add(digest)
        self.total += 1
        self._bar.update(self._task, total=self.total)
        return True

    def kept(self) -> None:
        """A run is in the journal already."""
        self.kept_before += 1
        self.done += 1
        self._bar.reset(self._task, completed=self.done, total=self.total)  # not part of the rate

    def ran(self, point: str, error: str | None) -> None:
        """A run ended, well or not."""
        self.done += 1
        self._bar.advance(self._task)
        if error is not None:
            self._bar.console.print(f"{self._name}: {point} failed: {error}", soft_wrap=True)
        now_s = time.monotonic()
        if not self._output.is_terminal and now_s - self._told_s >= EVERY_S:
            self._told_s = now_s
            self._output.print(self._line(now_s), soft_wrap=True)

    def _line(self, now_s: float) -> str:
        rate = (self.done - self.kept_before) / (now_s - self._started_s)
        left_s = (self.total - self.done) / rate if rate else 0.0
        return f"{self._name}: {self.done} of {self.total} runs, {rate:.1f}/s, {left_s:.0f} s left"
