"""Faults as data: what goes wrong, when, where and for how long.

A schedule is a tuple of faults, known before the run starts. What each kind does is told in
``KINDS``; who does it is the path (losses, distance), the broker (pauses, errors) or
:mod:`model.injection` (what strikes at one instant). Left out: elections.
Units: seconds of the run; round-trip times in ms.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from model.config.checks import require, require_at_least, require_count, require_positive
from model.wire.errors import Error

LOST_ACKS = "lost-acks"
LOST_REQUESTS = "lost-requests"
BLACK_HOLE = "black-hole"
LATENCY_SPIKE = "latency-spike"
CONNECTION_RESET = "connection-reset"
BROKER_PAUSE = "broker-pause"
BROKER_CRASH = "broker-crash"
BROKER_RESTART = "broker-restart"
SLOW_BROKER = "slow-broker"
FULL_DISK = "full-disk"
NOT_LEADER = "not-leader"
TOO_FEW_REPLICAS = "too-few-replicas"
TOO_FEW_AFTER_APPEND = "too-few-replicas-after-append"
NACK = "nack"
PRODUCER_RESTART = "producer-restart"

#: Kind to what it does.
KINDS: Mapping[str, str] = {
    LOST_ACKS: "what the broker sends is lost on the way",
    LOST_REQUESTS: "what the producer sends is lost on the way",
    BLACK_HOLE: "everything is lost on the way",
    LATENCY_SPIKE: "the round-trip time is rtt_ms",
    CONNECTION_RESET: "the producer's connection is torn down",
    BROKER_PAUSE: "the broker's process stands still; its kernel does not",
    BROKER_CRASH: "the broker's process is killed and comes back for_s later; its log stays",
    BROKER_RESTART: "as a crash, but of each producer only the last batch is remembered",
    SLOW_BROKER: "all work of the broker takes so many times as long",
    FULL_DISK: "appends fail with KAFKA_STORAGE_ERROR",
    NOT_LEADER: "appends fail with NOT_LEADER_OR_FOLLOWER",
    TOO_FEW_REPLICAS: "appends with acks=all fail with NOT_ENOUGH_REPLICAS",
    TOO_FEW_AFTER_APPEND: (
        "appends with acks=all are made and answered NOT_ENOUGH_REPLICAS_AFTER_APPEND"
    ),
    NACK: "the next requests are answered with an error, nothing appended",
    PRODUCER_RESTART: "the producer's process is killed, comes back for_s later and resends",
}
LASTING = frozenset(KINDS) - {CONNECTION_RESET, NACK}

#: Read: broker.session.timeout.ms (KRaftConfigs). A broker that is silent for so long is fenced: it
#: leaves every ISR. Left out: heartbeats, for which it may come two seconds earlier.
BROKER_SESSION_S = 9.0

#: What a broker may answer to a request that it does not append; the others follow from its log.
NACKS = frozenset(
    {
        Error.REQUEST_TIMED_OUT,
        Error.NOT_LEADER_OR_FOLLOWER,
        Error.KAFKA_STORAGE_ERROR,
        Error.NOT_ENOUGH_REPLICAS,
        Error.CORRUPT_MESSAGE,
        Error.UNKNOWN_PRODUCER_ID,
        Error.INVALID_RECORD,
        Error.TOPIC_AUTHORIZATION_FAILED,
        Error.CLUSTER_AUTHORIZATION_FAILED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong at ``at_s``, for ``for_s`` where it lasts.

    ``broker`` None: with every broker. ``rtt_ms`` is a spike's, ``times`` a slow broker's,
    ``error`` and ``requests`` a nack's: how many requests get it. Raises ConfigError.
    """

    what: str
    at_s: float
    for_s: float = 0.0
    broker: int | None = None
    rtt_ms: float = 0.0
    times: float = 1.0
    error: str = ""
    requests: int = 0

    def __post_init__(self) -> None:
        require("what", self.what, f"one of {', '.join(KINDS)}", self.what in KINDS)
        require_at_least("at_s", self.at_s, 0)
        if self.what in LASTING:
            require_positive("for_s", self.for_s)
        else:
            require("for_s", self.for_s, f"left out: {self.what} is over at once", not self.for_s)
        if self.broker is not None:
            require_count("broker", self.broker, 0, 10**6)
        self._require_own("rtt_ms", self.rtt_ms, LATENCY_SPIKE, self.rtt_ms > 0)
        self._require_own("times", self.times, SLOW_BROKER, self.times > 1, 1.0)
        self._require_own("requests", self.requests, NACK, self.requests > 0)
        self._require_own("error", self.error, NACK, self.error in {e.name for e in NACKS}, "")
        require_at_least("rtt_ms", self.rtt_ms, 0)
        require_at_least("times", self.times, 1)
        require_count("requests", self.requests, 0, 10**9)

    def _require_own(
        self, name: str, value: object, what: str, holds: bool, unset: object = 0
    ) -> None:
        """A field of one kind: needed there, refused with the others."""
        if self.what == what:
            rule = {
                "rtt_ms": "above 0",
                "times": "above 1",
                "requests": "a whole number above 0",
                "error": f"one of {', '.join(sorted(e.name for e in NACKS))}",
            }[name]
            require(name, value, f"{rule} for {what}", holds)
        else:
            require(name, value, f"left out for {self.what}", value == unset)

    @property
    def until_s(self) -> float:
        """When it is over."""
        return self.at_s + self.for_s

    @property
    def fences_at_s(self) -> float | None:
        """When the brokers that it strikes are fenced; None: they are not.

        Source: ReplicationControlManager.handleBrokerFenced; a clean shutdown asks for it itself.
        """
        if self.what == BROKER_RESTART:
            return self.at_s
        if self.what in (BROKER_PAUSE, BROKER_CRASH) and self.for_s > BROKER_SESSION_S:
            return self.at_s + BROKER_SESSION_S
        return None

    def strikes(self, broker: int) -> bool:
        """Whether it is this broker's, or that of the way to it."""
        return self.broker is None or self.broker == broker
