"""Requests that wait at a broker without a thread (DelayedOperationPurgatory).

A parked request goes on when what it waits for has happened, which somebody who made it happen
checks, or when its time is over. Its connection stays muted meanwhile. Units: seconds.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import simpy

from model.alarm import Process
from model.units import NOW_TOLERANCE_S
from model.wire.requests import Request


class Parked(NamedTuple):
    """A request in the purgatory."""

    request: Any
    done: simpy.Event  # with whether it happened
    deadline_s: float


class Purgatory:
    """Parked requests of one kind; ``is_due`` says of a request whether it may go on."""

    def __init__(self, env: simpy.Environment, is_due: Callable[[Any], bool]) -> None:
        self._env = env
        self._is_due = is_due
        self._parked: list[Parked] = []
        self._watching = False

    def __repr__(self) -> str:
        return f"<Purgatory of {len(self._parked)}>"

    def wait(self, request: Request, at_most_s: float) -> Process:
        """Wait until the request is due; False when its time is over before that."""
        if self._is_due(request):
            return True
        parked = Parked(request, self._env.event(), self._env.now + at_most_s)
        self._parked.append(parked)
        self._watch()
        happened: bool = yield parked.done
        return happened

    def check(self) -> None:
        """Something happened: let those go on that waited for it."""
        for parked in tuple(self._parked):
            if self._is_due(parked.request):
                self._release(parked, happened=True)

    def forget(self) -> None:
        """The broker's process ends, and with it whoever waited."""
        self._parked.clear()

    def _release(self, parked: Parked, happened: bool) -> None:
        self._parked.remove(parked)
        parked.done.succeed(happened)

    def _watch(self) -> None:
        """One timer for all: it goes off for the first deadline there was when it was set."""
        if self._watching or not self._parked:
            return
        self._watching = True
        first_s = min(parked.deadline_s for parked in self._parked)
        timer = self._env.timeout(max(0.0, first_s - self._env.now))
        assert timer.callbacks is not None  # a fresh event
        timer.callbacks.append(lambda _: self._expire())

    def _expire(self) -> None:
        self._watching = False
        for parked in tuple(self._parked):
            if parked.deadline_s <= self._env.now + NOW_TOLERANCE_S:
                self._release(parked, happened=False)
        self._watch()
