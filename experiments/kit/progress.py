"""How far something is: a bar with rate and time left on a terminal.

Elsewhere a sweep, which takes minutes, says so in plain lines now and then, and all else nothing.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Self, TypeVar

from rich import progress as bars
from rich.console import Console
from rich.text import Text

Item = TypeVar("Item")

#: Ours: seconds between plain lines, which end up in logs.
EVERY_S = 5.0


class RateColumn(bars.ProgressColumn):
    """So many per second of late."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: bars.Task) -> Text:
        """The rate, once there is one."""
        return Text(f"{task.speed:.1f} {self._unit}/s" if task.speed else "")


def _bar(name: str, output: Console, unit: str, *, stays: bool) -> bars.Progress:
    """A bar on a terminal, and nothing elsewhere; ``stays`` when it is over."""
    return bars.Progress(
        *(bars.TextColumn(name), bars.BarColumn(), bars.MofNCompleteColumn(), RateColumn(unit)),
        *(bars.TextColumn("left"), bars.TimeRemainingColumn()),
        console=output,
        disable=not output.is_terminal,
        transient=not stays,
    )


def _on_stderr() -> Console:
    return Console(stderr=True, highlight=False, markup=False)


class Waiting:
    """A bar on a terminal while one waits, gone when it is over; nothing elsewhere."""

    def __init__(self, name: str, unit: str = "runs", output: Console | None = None) -> None:
        """``unit``: what is counted."""
        self._bar = _bar(name, output or _on_stderr(), unit, stays=False)
        self._task = self._bar.add_task(name, total=0)
        self._total = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def expect(self, more: int) -> None:
        """So many are to come, beside those that were told before."""
        self._total += more
        self._bar.update(self._task, total=self._total)

    def done(self) -> None:
        """One of them is done."""
        self._bar.advance(self._task)

    def each(self, items: Iterable[Item], count: int) -> Iterator[Item]:
        """The items, so many, each of them done when the next is asked for."""
        self.expect(count)
        for item in items:
            yield item
            self.done()


class Progress:
    """Counts runs: those met before in this process once, those kept from before, those made."""

    def __init__(self, name: str, output: Console | None = None) -> None:
        self._output = output or _on_stderr()
        self._name, self._met = name, set[str]()
        self.total, self.done, self.kept_before = 0, 0, 0
        self._started_s = self._told_s = time.monotonic()
        self._bar = _bar(name, self._output, "runs", stays=True)
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
