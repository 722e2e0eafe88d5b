"""Requests that wait at a broker without a thread (DelayedOperationPurgatory.java).

A parked request goes on when what it waits for has happened, which somebody who made it happen
checks, or when its time is over. Its connection stays muted meanwhile. Units: seconds.
"""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import simpy

from model.alarm import Process
from model.clock import Clock, Moment
from model.units import NOW_TOLERANCE_S
from model.wire.requests import Request

Parked = TypeVar("Parked", bound=Request)


class DelayedOperation(NamedTuple, Generic[Parked]):
    """A request in the purgatory."""

    request: Parked
    completed: Moment  # with whether what it waited for happened
    deadline_s: float


class DelayedOperationPurgatory(Generic[Parked]):
    """Parked requests of one kind; ``is_complete`` says of a request whether it may go on."""

    def __init__(self, env: Clock, is_complete: Callable[[Parked], bool]) -> None:
        self._env = env
        self._is_complete = is_complete
        self._watched: list[DelayedOperation[Parked]] = []
        self._timer_is_set = False

    def __repr__(self) -> str:
        return f"<DelayedOperationPurgatory of {len(self._watched)}>"

    def try_complete_else_watch(self, request: Parked, at_most_s: float) -> Process:
        """Wait until the request may go on; False when its time is over before that."""
        if self._is_complete(request):
            return True
        completed = self._env.moment()
        self._watched.append(DelayedOperation(request, completed, self._env.now + at_most_s))
        self._set_timer()
        happened: bool = yield completed
        return happened

    def check_and_complete(self) -> None:
        """Something happened: let those go on that waited for it."""
        for operation in tuple(self._watched):
            if self._is_complete(operation.request):
                self._complete(operation, happened=True)

    def shutdown(self) -> None:
        """The broker's process ends, and with it whoever waited."""
        self._watched.clear()

    def _complete(self, operation: DelayedOperation[Parked], happened: bool) -> None:
        self._watched.remove(operation)
        self._env.wake(operation.completed, happened)

    def _set_timer(self) -> None:
        """One timer for all: it goes off for the first deadline there was when it was set."""
        if self._timer_is_set or not self._watched:
            return
        self._timer_is_set = True
        first_s = min(operation.deadline_s for operation in self._watched)
        self._env.call_at(first_s, self._expire)

    def _expire(self, _: simpy.Event) -> None:
        self._timer_is_set = False
        for operation in tuple(self._watched):
            if operation.deadline_s <= self._env.now + NOW_TOLERANCE_S:
                self._complete(operation, happened=False)
        self._set_timer()
