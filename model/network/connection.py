"""One TCP connection between a client and a broker, with the path that it runs over.

Modelled: bytes leave in order, as the windows of TCP and the path's rate let them; the next request
may start once the newest is wholly in the socket's send buffer and fewer than ``max.in.flight`` are
unanswered (InFlightRequests.canSendMore). Answers come back in order. Either end may go
(:mod:`model.network.ends`); the broker reads on until an answer that nobody awaits has drawn a
reset. Left out: slow start of answers.
Units: bytes, seconds.
"""

from collections import deque
from collections.abc import Callable

import simpy

from model.alarm import Alarm
from model.clock import Clock
from model.config.cluster import MachineConfig
from model.network.answers import Answers
from model.network.carrier import carrier
from model.network.ends import Ends
from model.network.inbox import Inbox
from model.network.lossy import LossyStreams
from model.network.path import Path
from model.network.reports import Reports
from model.network.sockets import Sockets
from model.units import NEVER_S, NOW_TOLERANCE_S
from model.wire.flights import Tap
from model.wire.requests import Request
from model.wire.transmission import BACK, OUT, Report, to_nobody


class Connection:
    """Requests on their way out, requests unanswered, answers to be read.

    ``client`` is rung when something arrives at it, ``on_lost`` is called when the client learns
    that the connection is gone; ``report`` hears of what is lost, held back or cut off, a ``tap``
    of every flight. The broker takes requests from ``inbox`` and gives them back with ``answer``.
    """

    def __init__(
        self,
        env: Clock,
        path: Path,
        sockets: Sockets,
        machine: MachineConfig,
        client: Alarm,
        on_lost: Callable[["Connection"], None],
        report: Report = to_nobody,
        tap: Tap | None = None,
    ) -> None:
        self._env = env
        self._path = path
        self._sockets = sockets
        self._max_in_flight = 1 if sockets.starts_with_one else sockets.max_in_flight
        self._wake_s = machine.wake_s(2 * path.one_way_s)
        self._client = client
        self._on_lost = on_lost
        self._reports = Reports(report)
        self._back = Answers(path, sockets.answer_window_bytes, self._reports.note)
        self._out = carrier(env, path, sockets, machine, self, self._reports, report, tap)
        self.inbox = Inbox(env, self._out, self._reports, self.progress)
        self.ends = Ends(path, self._reports)
        self._answers_expected = sockets.answers_expected
        self._writable_s = 0.0
        self.in_flight: deque[Request] = deque()
        # In the order of bytes: two events for one instant may be an ulp apart the wrong way round.
        self._unannounced: deque[Request] = deque()
        self._going: deque[Request] = deque()
        self._coming: deque[Request] = deque()
        self._unarrived: deque[Request] = deque()  # answers that may be lost
        self.answers: deque[Request] = deque()
        self._noticed_s = 0.0

    def __repr__(self) -> str:
        return (
            f"<Connection {len(self.in_flight)}/{self._max_in_flight} in flight, "
            f"{len(self.inbox.arrived)} unread, {len(self.answers)} answers>"
        )

    def warm_up(self) -> None:
        """Be one that has carried requests for a while."""
        self._out.warm_up()

    def writable_s(self) -> float:
        """When the next request may be sent as things stand: infinity until an answer comes."""
        return self._writable_s if len(self.in_flight) < self._max_in_flight else NEVER_S

    @property
    def wholly_written_s(self) -> float:
        """When the newest request is in the socket, as things stand, whatever is unanswered."""
        return self._writable_s

    def may_send(self, now_s: float) -> bool:
        """Whether a request may be sent now."""
        return self.writable_s() <= now_s + NOW_TOLERANCE_S

    def send(self, request: Request) -> None:
        """Start to write a request; it leaves as far as the windows are open."""
        request.sent_s = self._env.now
        self._out.write(self._env.now, request.size_bytes, request.number)
        request.end_byte = self._out.written
        self.in_flight.append(request)
        self._unannounced.append(request)
        self._writable_s = NEVER_S
        self._follow_up()

    def _follow_up(self) -> None:
        """Act on what the windows have let go: first bytes that will arrive, a write that ends."""
        while self._unannounced:
            request = self._unannounced[0]
            arrives_s = self._out.arrival_s(request.end_byte - request.size_bytes)
            if arrives_s == NEVER_S:
                break
            self._going.append(self._unannounced.popleft())
            self._env.call_at(arrives_s, self._arrive)
        if self._writable_s == NEVER_S and self.in_flight:
            self._writable_s = self._out.written_s(self._env.now)
            if self._writable_s < NEVER_S:
                self._written(self.in_flight[-1])

    def _written(self, request: Request) -> None:
        request.written_s = self._writable_s
        if request.batches and not self._answers_expected:
            request.received_s = request.written_s
            self._coming.append(request)
            self._env.call_at(request.written_s, self._notice)

    def _awaits_answer(self, request: Request) -> bool:
        return self._answers_expected or not request.batches

    def _arrive(self, _: simpy.Event) -> None:
        request = self._going.popleft()
        ends, left_s = self.ends, self._env.now - self._path.one_way_s
        if ends.broken or left_s > ends.client_gone_s + NOW_TOLERANCE_S:
            self._reports.cut_off(request.number, OUT, request.sent_s, self._env.now)
            return
        request.arrived_s = self._env.now
        self.inbox.arrived.append(request)
        self.inbox.reader.ring_last()

    @property
    def finished(self) -> bool:
        """Whether the broker has seen the end of what the client sent."""
        return self.ends.all_sent_is_there and not self._unannounced

    @property
    def is_reset(self) -> bool:
        """Whether a reset has come: what has not arrived in whole never will."""
        return self._env.now >= self.ends.reset_s

    def progress(self) -> None:
        """Bytes left, arrived or were acknowledged: act on it."""
        if not self._unannounced and self._writable_s < NEVER_S:
            return  # nothing hangs
        wrote = self._writable_s
        self._follow_up()
        if wrote == NEVER_S and self._writable_s < NEVER_S:
            self._client.ring()  # the socket takes more: whoever waited for that is to look again

    def read_all(self) -> None:
        """The rest of a request is there."""
        self.inbox.read_all()

    def answer(self, request: Request) -> None:
        """Send the answer of a request; with acks=0 a produce request has none."""
        if not self._awaits_answer(request) or self.ends.broken:
            return
        now_s = self._env.now
        self._out.answered(now_s)
        if self._unannounced or self._writable_s == NEVER_S:
            self._follow_up()
        if now_s >= self.ends.reset_s:
            self.ends.broken = True
            self._reports.cut_off(request.number, BACK, now_s, now_s)
        elif self.ends.closed:
            there_s = self._back.end_s(now_s, request.number)
            self.ends.draw_reset(request.number, now_s, there_s)
        else:
            self._coming.append(request)
            if isinstance(self._out, LossyStreams):
                self._unarrived.append(request)
                self._out.answer(request.answer_bytes, request.number)
            else:
                self._arrives(
                    request, self._back.arrival_s(now_s, request.answer_bytes, request.number)
                )

    def _arrives(self, request: Request, at_s: float) -> None:
        """An answer arrives, now or then, and is noticed some time after."""
        request.received_s = at_s
        if at_s + self._wake_s > self._noticed_s:
            self._noticed_s = at_s + self._wake_s
        self._env.call_at(self._noticed_s, self._notice)

    def answer_arrived(self) -> None:
        """The oldest answer is there."""
        self._arrives(self._unarrived.popleft(), self._env.now)

    def _notice(self, _: simpy.Event) -> None:
        request = self._coming.popleft()
        if self.ends.closed:
            if self._awaits_answer(request):
                self.ends.draw_reset(request.number, request.answered_s, self._env.now)
            return
        self._reports.arrived(request.number, BACK)
        self.answers.append(request)
        self._client.ring_last()

    def next_answer(self) -> Request:
        """Take the oldest answer: responses come in the order of requests.

        What awaits none is done when it is written (NetworkClient.handleCompletedSends).
        """
        request = self.answers.popleft()
        if not self._awaits_answer(request):
            self.in_flight.remove(request)
            return request
        if self.ends.broker_is_gone and not self.answers:
            self._env.call_at(self._env.now, self._end)
        if request.batches:
            self._max_in_flight = self._sockets.max_in_flight
        oldest = self.in_flight.popleft()
        if oldest is not request:
            raise RuntimeError(f"{self!r}: an answer overtook another")
        return request

    def close(self) -> list[Request]:
        """The client lets go of it; the requests that were in flight, oldest first.

        Its kernel still delivers what was sent, and then the end.
        """
        self.ends.closed = True
        unanswered = list(self.in_flight)
        self.in_flight.clear()
        self.answers.clear()
        end_s = self._out.end_s(self._env.now)
        if end_s < NEVER_S:
            self._env.call_at(end_s, lambda _: self.end_arrived())
        return unanswered

    def end_arrived(self) -> None:
        """The end of what the client sent is there."""
        self.ends.all_sent_is_there = True
        self.inbox.reader.ring()

    def reset(self) -> None:
        """Tear it down at the client's end, with a reset that follows what was sent."""
        self.ends.reset(self._env.now)
        if isinstance(self._out, LossyStreams):
            self._out.stop_client()
            self._env.call_at(self.ends.reset_s, lambda _: self.inbox.give_up())
        self._on_lost(self)

    def break_off(self) -> None:
        """The broker's end is gone; the client hears of it after the answers that were sent.

        The broker's kernel delivers those, and the end after them, also when its process is dead;
        the client's thread reads both in that order.
        """
        self.ends.broken = True
        if isinstance(self._out, LossyStreams):
            self._out.stop_client()
            self.inbox.give_up()
        self.inbox.reader.ring()
        ends_s = max(self._back.end_s(self._env.now), self._noticed_s)
        self._env.call_at(ends_s, self._end)

    def _end(self, _: simpy.Event) -> None:
        """The broker's end has arrived, behind the answers that are still to be read."""
        self.ends.broker_is_gone = True
        if not self.answers:
            self._on_lost(self)


#: Makes a connection, with whom to wake when something arrives and what to call when it is lost.
Dial = Callable[[Alarm, Callable[[Connection], None]], Connection]
