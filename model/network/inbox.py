"""Requests of one connection that have arrived, for the broker's process to read one by one.

A broker takes a request up when its beginning is there and waits for the rest of it
(NetworkReceive.readFrom). Units: seconds.
"""

from collections import deque
from collections.abc import Callable

import simpy

from model.alarm import Alarm
from model.clock import Clock
from model.network.lossy import LossyStreams
from model.network.reports import Reports
from model.network.window import RequestStream
from model.units import NEVER_S
from model.wire.requests import Request
from model.wire.transmission import OUT


class Inbox:
    """One connection's; ``progress`` is called when room may have been told by a read."""

    def __init__(
        self,
        env: Clock,
        stream: RequestStream | LossyStreams,
        reports: Reports,
        progress: Callable[[], None],
    ) -> None:
        self._env = env
        self._stream = stream
        self._reports = reports
        self._progress = progress
        self.reader = Alarm(env)  # the broker's process
        self.arrived: deque[Request] = deque()  # their beginning is there for the broker to read
        self._reading: Request | None = None  # not all there yet
        self._rest: simpy.Event | None = None

    def __repr__(self) -> str:
        return f"<Inbox {len(self.arrived)} unread>"

    def arrival(self) -> simpy.Event:
        """An event for the broker to yield while nothing is readable."""
        return self.reader.sleep(NEVER_S)

    def read(self) -> tuple[Request, simpy.Event | None]:
        """The oldest request that has arrived, and an event for when the rest of it has too."""
        request, now_s = self.arrived.popleft(), self._env.now
        read_s = self._stream.read(now_s, request.end_byte)
        self._progress()
        rest: simpy.Event | None = None
        if read_s == NEVER_S:
            self._reading, self._rest = request, self._env.event()
            rest = self._rest
        elif read_s > now_s:
            request.arrived_s = read_s
            rest = self._env.timeout(read_s - now_s)
        self._reports.arrived(request.number, OUT)
        return request, rest

    def read_all(self) -> None:
        """The rest of a request is there."""
        if self._reading is not None and self._rest is not None:
            self._reading.arrived_s = self._env.now
            self.give_up()

    def give_up(self) -> None:
        """Whoever waits for the rest of a request waits no longer."""
        if self._rest is not None:
            rest, self._rest, self._reading = self._rest, None, None
            rest.succeed()
