"""The clock of a run: SimPy's, with lean forms of what the model waits for.

A process waits for a :class:`Moment`; somebody who waits for nothing is called back. Events of one
instant happen in the order in which they were scheduled; one of this very instant, with nothing
before it, need not be one: :meth:`Clock.wake`. Units: seconds.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import NORMAL

Then = Callable[[simpy.Event], None]


class Moment(simpy.Event):
    """What a process waits for until somebody says that it is there.

    Made by the thousand: :data:`new_moment` leaves SimPy's constructor out, and with it the
    environment, which no moment is asked for; whoever makes one says what it calls.
    """

    _ok = True
    _value = None


new_moment: Callable[[], Moment] = partial(object.__new__, Moment)


class Clock(simpy.Environment):
    """SimPy's environment; the present instant is asked for more often than it changes."""

    now: float = 0.0  # SimPy's is a property

    def __init__(self) -> None:
        super().__init__(0.0)  # an int would show in rows of the first instant

    def step(self) -> None:
        """Process the next event; EmptySchedule if there is none."""
        try:
            at_s, _, _, event = heappop(self._queue)
        except IndexError:
            raise EmptySchedule from None
        self._now = self.now = at_s
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):
            raise event._value

    def moment(self) -> Moment:
        """One for a process to yield: it comes when somebody says so."""
        moment = new_moment()
        moment.callbacks = []
        return moment

    def call_at(self, at_s: float, then: Then) -> None:
        """Call ``then`` at an instant; now if it is over. One event, and no process."""
        moment, now_s = new_moment(), self._now
        moment.callbacks = [then]
        at_s = now_s + (at_s - now_s) if at_s > now_s else now_s  # as SimPy adds a delay
        heappush(self._queue, (at_s, NORMAL, next(self._eid), moment))

    def until(self, at_s: float) -> Moment:
        """An event for a process to yield, at this very instant, which is not over."""
        moment = new_moment()
        moment.callbacks = []
        heappush(self._queue, (at_s, NORMAL, next(self._eid), moment))
        return moment

    def wake_in_turn(self, moment: Moment, value: Any = None) -> None:
        """Have whoever waits go on when all is done that is due by now. One event."""
        moment._value = value
        heappush(self._queue, (self._now, NORMAL, next(self._eid), moment))

    def wake(self, moment: Moment, value: Any = None) -> None:
        """The same for who calls it last, or does not mind to be overtaken: if nothing else is due
        by now, whoever waits goes on within this call, and that is no event."""
        if self._queue and self._queue[0][0] <= self._now:
            self.wake_in_turn(moment, value)
            return
        moment._value = value
        callbacks, moment.callbacks = moment.callbacks, None  # type: ignore[assignment]
        for callback in callbacks:
            callback(moment)
