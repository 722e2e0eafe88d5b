"""Ways to wait that SimPy has no ready-made, lean form of.

An :class:`Alarm` is how one thread sleeps: until an instant or until somebody rings, whichever is
first. A :class:`Permits` is a counting semaphore, first come first served, that costs no event
while permits are free. Units: seconds.
"""

from collections import deque
from collections.abc import Generator
from typing import Any

import simpy

from model.clock import Clock, Moment
from model.units import NEVER_S

#: What a process function returns.
Process = Generator[simpy.Event, Any, Any]


class Alarm:
    """One thread that may be asleep."""

    def __init__(self, env: Clock) -> None:
        self._env = env
        self._asleep: Moment | None = None

    def __repr__(self) -> str:
        return f"<Alarm {'asleep' if self._asleep else 'awake'}>"

    def sleep(self, until_s: float) -> simpy.Event:
        """An event for the thread to yield: due at ``until_s`` at the latest."""
        self._asleep = sleeper = self._env.moment()
        if until_s < NEVER_S:
            self._env.call_at(until_s, lambda _: self._time_is_over(sleeper))
        return sleeper

    def ring(self) -> None:
        """Wake the thread; nothing if it is awake already."""
        sleeper, self._asleep = self._asleep, None
        if sleeper is not None:
            self._env.wake_in_turn(sleeper)

    def ring_last(self) -> None:
        """The same for who has nothing left to do: the thread may run within this call."""
        sleeper, self._asleep = self._asleep, None
        if sleeper is not None:
            self._env.wake(sleeper)

    def _time_is_over(self, sleeper: Moment) -> None:
        if sleeper is self._asleep:  # otherwise a timer of a sleep that is over
            self.ring_last()


class Permits:
    """Permits that processes hold for a while, handed on in the order of asking."""

    def __init__(self, env: Clock, count: int) -> None:
        self._env = env
        self.free = count
        self._waiting: deque[simpy.Event] = deque()

    def __repr__(self) -> str:
        return f"<Permits {self.free} free, {len(self._waiting)} waiting>"

    def take(self) -> bool:
        """Hold a permit if one is free; else wait for a :meth:`turn`."""
        if self.free:
            self.free -= 1
            return True
        return False

    def turn(self) -> simpy.Event:
        """An event for when a permit is handed over."""
        turn = self._env.event()
        self._waiting.append(turn)
        return turn

    def release(self) -> None:
        """Give a permit back: to the longest waiting, if anybody waits."""
        if self._waiting:
            self._waiting.popleft().succeed()
        else:
            self.free += 1
