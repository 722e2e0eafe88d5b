"""A broker as a client knows it: its connection, and the state of that.

Source: ClusterConnectionStates.java.
"""

from model.network.connection import Connection, Dial
from model.network.path import Path
from model.units import NEVER_S
from model.wire.requests import Request
from model.wire.states import NODE_READY, NODE_STEPS, NodeState, step


class Node:
    """One broker; ``dial`` makes a connection to it over ``path``.

    Where each partition has a connection, ``broker`` is the number of that one, as if it led the
    partition by itself. ``at`` is the broker that it leads to, by bootstrap addresses too.
    """

    def __init__(
        self, broker: int, path: Path, dial: Dial, forms_ahead: bool = False, at: int | None = None
    ) -> None:
        self.broker = broker
        self.at = broker if at is None else at
        self.path = path
        self.dial = dial
        self.state = NodeState.DISCONNECTED
        self.connection: Connection | None = None
        self.attempts = 0  # to connect; counts the tries: each outcome knows which one it is of
        self.handshakes_left = 0  # of TLS and SASL, before it can be asked for its versions
        self.failures = 0  # in a row
        self.may_connect_s = 0.0
        self.lost_s: float | None = None  # when it was there last
        self._forms_ahead = forms_ahead
        self.formed: Request | None = None  # one that waits for an answer to make room

    def __repr__(self) -> str:
        return f"<Node {self.broker} {self.state.name}>"

    def writable_s(self) -> float:
        """When it takes a request, as things stand; ``formed`` is where it may take one ahead."""
        if self.connection is None or self.state is not NODE_READY:
            return NEVER_S
        if self._forms_ahead:
            return self.connection.wholly_written_s if self.formed is None else NEVER_S
        return self.connection.writable_s()

    def send(self, request: Request, now_s: float) -> None:
        """Write a request, or keep it until an answer makes room, where that may be."""
        assert self.connection is not None, f"{self!r} has no connection"
        if self._forms_ahead and not self.connection.may_send(now_s):
            self.formed = request
        else:
            self.connection.send(request)

    def send_formed(self, now_s: float) -> None:
        """Write the request that was kept, if there is room."""
        if self.formed is not None and self.connection and self.connection.may_send(now_s):
            formed, self.formed = self.formed, None
            self.connection.send(formed)

    def let_go(self) -> list[Request]:
        """Close its connection; what was unanswered on it, and what was kept for it."""
        unanswered = [] if self.connection is None else self.connection.close()
        if self.formed is not None:
            unanswered.append(self.formed)
        self.connection = self.formed = None
        return unanswered

    def become(self, state: NodeState) -> None:
        """Go on to a state; IllegalStepError if none leads there from the present one."""
        self.state = step(NODE_STEPS, self.state, state)
