"""A follower's connection to its leader: one request at a time, and nobody else's.

Source: BrokerBlockingSender.scala. As it carries either a fetch or its answer, when they arrive is
arithmetic and no event, but where packets are lost by chance. Assumed: no window but the follower's
for answers is ever what a fetch waits for. Units: seconds, bytes.
"""

from collections.abc import Callable

from model.alarm import Alarm, Process
from model.clock import Clock
from model.config.cluster import MachineConfig
from model.network.answers import Answers
from model.network.connection import Connection
from model.network.path import Path
from model.network.sockets import Sockets
from model.network.stream import ByteStream
from model.units import NEVER_S
from model.wire.requests import FetchRequest
from model.wire.transmission import Way


class FollowerConnection:
    """``on_lost`` is called when the follower learns that its leader's end is gone."""

    def __init__(
        self,
        env: Clock,
        path: Path,
        sockets: Sockets,
        machine: MachineConfig,
        on_lost: Callable[["FollowerConnection"], None],
    ) -> None:
        self._env = env
        self._path = path
        self._on_lost = on_lost
        self._wake_s = machine.wake_s(2 * path.one_way_s)
        self._requests = ByteStream(path, Way.OUT)
        self._answers = Answers(path, sockets.answer_window_bytes)
        self._free_s = self._noticed_s = 0.0
        self._alarm = Alarm(env)
        self._lossy: Connection | None = None
        if path.loses:
            self._lossy = Connection(
                env, path, sockets, machine, self._alarm, lambda _: on_lost(self)
            )
            self._lossy.warm_up()
        self.broken = False  # the leader's process has ended

    def ask(self, request: FetchRequest) -> Process:
        """A request leaves now; when it is there."""
        if self._lossy is not None:
            yield from self._carry(self._lossy, request)
            return self._env.now
        left_s = max(self._env.now, self._free_s) + request.size_bytes / self._path.bytes_per_s
        self._free_s = left_s
        return self._requests.arrival_s(left_s, request.size_bytes)

    def answer(self, request: FetchRequest, written_s: float) -> Process:
        """Its answer is written at an instant; when the follower's thread takes it up."""
        if self._lossy is not None:
            yield self._env.until(written_s)
            yield from self._carry_back(self._lossy, request)
            return self._env.now
        there_s = self._answers.arrival_s(written_s, request.answer_bytes)
        self._noticed_s = max(self._noticed_s, there_s + self._wake_s)
        return self._noticed_s

    def _carry(self, connection: Connection, request: FetchRequest) -> Process:
        connection.send(request)
        while not (connection.inbox.arrived or connection.ends.broken or connection.finished):
            yield connection.inbox.arrival()
        if connection.inbox.arrived:
            _, rest = connection.inbox.read()
            if rest is not None:
                yield rest

    def _carry_back(self, connection: Connection, request: FetchRequest) -> Process:
        connection.answer(request)
        while not connection.answers:
            if connection.ends.closed:
                return
            yield self._alarm.sleep(NEVER_S)
        connection.next_answer()

    def break_off(self) -> None:
        """The leader's end is gone; the follower hears of it after the answers that were sent."""
        self.broken = True
        if self._lossy is not None:
            self._lossy.break_off()
        else:
            ends_s = max(self._answers.end_s(self._env.now), self._noticed_s)
            self._env.call_at(ends_s, lambda _: self._on_lost(self))

    def close(self) -> None:
        """The follower lets go of it: what it sent is still delivered."""
        if self._lossy is not None:
            self._lossy.close()
            self._alarm.ring()


#: Makes a connection, with what to call when it is lost.
DialLeader = Callable[[Callable[[FollowerConnection], None]], FollowerConnection]
