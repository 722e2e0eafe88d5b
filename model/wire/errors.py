"""What a produce request can end with, and what the client makes of it.

Source: Errors.java and the class hierarchy of org.apache.kafka.common.errors. Left out: codes that
need transactions, quotas or security to come up, but for one of each kind that ends differently.
"""

from enum import Enum
from typing import Final


class Error(Enum):
    """Kafka's error codes by name, and ``TIMEOUT``, which the client finds out by itself."""

    NONE = "written, or found to be there already"
    NETWORK_EXCEPTION = "the connection was lost: whether it was written is unknown"
    REQUEST_TIMED_OUT = "no answer in time: whether it was written is unknown"
    NOT_LEADER_OR_FOLLOWER = "the broker does not lead the partition"
    KAFKA_STORAGE_ERROR = "the broker's disk failed"
    NOT_ENOUGH_REPLICAS = "fewer than min.insync.replicas are in sync: not written"
    NOT_ENOUGH_REPLICAS_AFTER_APPEND = "written, then fewer than min.insync.replicas were in sync"
    CORRUPT_MESSAGE = "the checksum is wrong"
    OUT_OF_ORDER_SEQUENCE_NUMBER = "the sequence does not follow the last one"
    INVALID_PRODUCER_EPOCH = "the epoch is older than the last one"
    UNKNOWN_PRODUCER_ID = "the broker has forgotten the producer"
    DUPLICATE_SEQUENCE_NUMBER = "the batch was there already"
    MESSAGE_TOO_LARGE = "the batch is larger than message.max.bytes"
    INVALID_RECORD = "the broker refuses a record"
    TOPIC_AUTHORIZATION_FAILED = "the producer must not write to the topic"
    CLUSTER_AUTHORIZATION_FAILED = "the producer must not be idempotent here"
    UNKNOWN_LEADER_EPOCH = "the broker does not lead in this epoch, or not yet"
    TIMEOUT = "delivery.timeout.ms is over"

    # Enum's own hash is a Python function; members are singletons, so identity will do.
    __hash__ = object.__hash__

    @property
    def retriable(self) -> bool:
        """Whether its exception is a RetriableException."""
        return self in _RETRIABLE

    @property
    def tells_of_stale_metadata(self) -> bool:
        """Whether its exception is an InvalidMetadataException."""
        return self in _STALE_METADATA

    @property
    def fatal(self) -> bool:
        """Whether an idempotent producer is of no use any more after it.

        Source: TransactionManager.maybeTransitionToErrorState.
        """
        return self is Error.CLUSTER_AUTHORIZATION_FAILED


#: Asked for with every batch: a member looked up in its class costs as much as a call.
NO_ERROR: Final = Error.NONE

_STALE_METADATA = frozenset(
    {Error.NETWORK_EXCEPTION, Error.NOT_LEADER_OR_FOLLOWER, Error.KAFKA_STORAGE_ERROR}
)
_RETRIABLE = _STALE_METADATA | {
    Error.REQUEST_TIMED_OUT,
    Error.NOT_ENOUGH_REPLICAS,
    Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
    Error.CORRUPT_MESSAGE,
}
