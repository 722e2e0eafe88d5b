"""A broker as a client knows it: its connection, and the state of that.

Source: ClusterConnectionStates.java.
"""

from model.network.connection import Connection, Dial
from model.network.path import Path
from model.units import NEVER_S
from model.wire.states import NODE_STEPS, NodeState, step


class Node:
    """One broker; ``dial`` makes a connection to it over ``path``."""

    def __init__(self, broker: int, path: Path, dial: Dial) -> None:
        self.broker = broker
        self.path = path
        self.dial = dial
        self.state = NodeState.DISCONNECTED
        self.connection: Connection | None = None
        self.attempts = 0  # to connect; counts the tries: each outcome knows which one it is of
        self.handshakes_left = 0  # of TLS and SASL, before it can be asked for its versions
        self.failures = 0  # in a row
        self.may_connect_s = 0.0

    def __repr__(self) -> str:
        return f"<Node {self.broker} {self.state.name}>"

    def writable_s(self) -> float:
        """When it takes a request, as things stand."""
        if self.connection is None or self.state is not NodeState.READY:
            return NEVER_S
        return self.connection.writable_s()

    def become(self, state: NodeState) -> None:
        """Go on to a state; IllegalStepError if none leads there from the present one."""
        self.state = step(NODE_STEPS, self.state, state)
