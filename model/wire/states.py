"""The states of a batch, of a connection and of a producer id: one table each.

A table is all that there is to say about which step may follow which; whoever takes another one
has a fault in the model, and :class:`IllegalStepError` says so at once.
"""

from collections.abc import Mapping, Set
from enum import Enum
from typing import Final, TypeVar


class IllegalStepError(RuntimeError):
    """A step that the table of states does not have."""


class BatchState(Enum):
    """Source: ProducerBatch.FinalState and RecordAccumulator; names are ours."""

    OPEN = "takes records"
    CLOSED = "waits for its first drain"
    IN_FLIGHT = "is being sent, or waits for an answer"
    RETRYING = "waits to be sent again"
    ACKED = "written, and the application knows"
    FAILED = "failed, and the application knows"
    SPLIT = "was too large; its records are in smaller batches"
    ABANDONED = "its producer's process ended"

    __hash__ = object.__hash__


class NodeState(Enum):
    """Source: ConnectionState.java; TLS and SASL come before ApiVersions is answered."""

    DISCONNECTED = "no connection"
    CONNECTING = "waits for TCP"
    CHECKING_API_VERSIONS = "waits for the broker's first answer"
    READY = "takes requests"

    __hash__ = object.__hash__


class ProducerIdState(Enum):
    """Source: TransactionManager.State, without transactions."""

    UNINITIALIZED = "has none"
    INITIALIZING = "has asked a broker for one"
    READY = "has one"
    FATAL_ERROR = "will never have one again"

    __hash__ = object.__hash__


# What every request asks for has a name of its own: looking a member up in its class costs as much
# as a call (EnumType.__getattr__, until Python 3.12).
OPEN: Final = BatchState.OPEN
CLOSED: Final = BatchState.CLOSED
IN_FLIGHT: Final = BatchState.IN_FLIGHT
ACKED: Final = BatchState.ACKED
NODE_READY: Final = NodeState.READY
ID_READY: Final = ProducerIdState.READY

BATCH_STEPS: Mapping[BatchState, Set[BatchState]] = {
    BatchState.OPEN: {
        BatchState.CLOSED,
        BatchState.IN_FLIGHT,
        BatchState.FAILED,
        BatchState.ABANDONED,
    },
    BatchState.CLOSED: {BatchState.IN_FLIGHT, BatchState.FAILED, BatchState.ABANDONED},
    BatchState.IN_FLIGHT: {
        BatchState.ACKED,
        BatchState.FAILED,
        BatchState.RETRYING,
        BatchState.SPLIT,
        BatchState.ABANDONED,
    },
    BatchState.RETRYING: {BatchState.IN_FLIGHT, BatchState.FAILED, BatchState.ABANDONED},
    BatchState.ACKED: frozenset(),
    BatchState.FAILED: frozenset(),
    BatchState.SPLIT: frozenset(),
    BatchState.ABANDONED: frozenset(),
}

NODE_STEPS: Mapping[NodeState, Set[NodeState]] = {
    NodeState.DISCONNECTED: {NodeState.CONNECTING},
    NodeState.CONNECTING: {NodeState.CHECKING_API_VERSIONS, NodeState.DISCONNECTED},
    NodeState.CHECKING_API_VERSIONS: {NodeState.READY, NodeState.DISCONNECTED},
    NodeState.READY: {NodeState.DISCONNECTED},
}

PRODUCER_ID_STEPS: Mapping[ProducerIdState, Set[ProducerIdState]] = {
    ProducerIdState.UNINITIALIZED: {ProducerIdState.INITIALIZING},
    ProducerIdState.INITIALIZING: {
        ProducerIdState.READY,
        ProducerIdState.UNINITIALIZED,
        ProducerIdState.FATAL_ERROR,
    },
    # back to the start when the last epoch is spent, and with a new session
    ProducerIdState.READY: {ProducerIdState.UNINITIALIZED, ProducerIdState.FATAL_ERROR},
    # more than one batch may meet such an error (TransactionManager.isTransitionValid)
    ProducerIdState.FATAL_ERROR: {ProducerIdState.UNINITIALIZED, ProducerIdState.FATAL_ERROR},
}

State = TypeVar("State", bound=Enum)


def step(steps: Mapping[State, Set[State]], before: State, after: State) -> State:
    """The state after a step; IllegalStepError for one that the table does not have."""
    if after not in steps[before]:
        raise IllegalStepError(
            f"{type(before).__name__}: no step from {before.name} to {after.name}"
        )
    return after
