"""Every kind of fault, each with its own fields and their rules.

Who acts on a family of them is the path (``Loss``, ``LatencySpike``, ``BrokerDown``), the broker's
threads (``SlowThreads``), its answers (``ErrorSpell``, ``Nack``) or :mod:`model.injection` (what
strikes at one instant). What others make of a broker that is silent is the controller's doing
(:mod:`model.broker.controller`). Units: seconds of the run; round-trip times in ms.
"""

from dataclasses import dataclass
from typing import ClassVar

from model.config.checks import (
    require,
    require_at_least,
    require_at_most,
    require_count,
    require_delay_ms,
)
from model.config.fault import KINDS, Fault, Lasting, Sudden, parameter
from model.wire.errors import Error
from model.wire.transmission import Way

__all__ = ["KINDS", "Fault"]

#: Ours: a broker that is a million times slower stands still.
MOST_TIMES = 1e6

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


class Loss(Lasting):
    """What enters one of these ways is lost."""

    ways: ClassVar[frozenset[Way]]


@dataclass(frozen=True, kw_only=True)
class LostAcks(Loss):
    """What the broker sends is lost on the way."""

    what: str = "lost-acks"
    ways: ClassVar[frozenset[Way]] = frozenset({Way.BACK})


@dataclass(frozen=True, kw_only=True)
class LostRequests(Loss):
    """What the producer sends is lost on the way."""

    what: str = "lost-requests"
    ways: ClassVar[frozenset[Way]] = frozenset({Way.OUT})


@dataclass(frozen=True, kw_only=True)
class BlackHole(Loss):
    """Everything is lost on the way."""

    what: str = "black-hole"
    ways: ClassVar[frozenset[Way]] = frozenset(Way)


@dataclass(frozen=True, kw_only=True)
class LatencySpike(Lasting):
    """The round-trip time is ``rtt_ms``."""

    what: str = "latency-spike"
    rtt_ms: float = parameter(0.0, tries=(100.0, 900.0, 3_000.0))

    def __post_init__(self) -> None:
        super().__post_init__()
        require("rtt_ms", self.rtt_ms, f"above 0 for {self.what}", self.rtt_ms > 0)
        require_delay_ms("rtt_ms", self.rtt_ms)


@dataclass(frozen=True, kw_only=True)
class ConnectionReset(Sudden):
    """The producer's connection is torn down."""

    what: str = "connection-reset"


class SlowThreads(Lasting):
    """A broker's threads do ``pace`` seconds of work in a second."""

    @property
    def pace(self) -> float:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class BrokerPause(SlowThreads):
    """The broker's process stands still; its kernel does not."""

    what: str = "broker-pause"

    @property
    def pace(self) -> float:
        return 0.0

    @property
    def silences(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class BrokerIsolation(Lasting):
    """The broker reaches no other broker and no controller; clients reach it as before."""

    what: str = "broker-isolation"

    @property
    def silences(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class SlowBroker(SlowThreads):
    """All work of the broker takes so many ``times`` as long."""

    what: str = "slow-broker"
    times: float = parameter(1.0, tries=(20.0, 2_000.0))

    def __post_init__(self) -> None:
        super().__post_init__()
        require("times", self.times, f"above 1 for {self.what}", self.times > 1)
        require_at_least("times", self.times, 1)
        require_at_most("times", self.times, MOST_TIMES)

    @property
    def pace(self) -> float:
        return 1.0 / self.times


class BrokerDown(Lasting):
    """The broker's process ends and comes back ``for_s`` later; its log stays."""

    #: Whether of each producer only the last batch is remembered.
    forgets: ClassVar[bool]

    @property
    def silences(self) -> bool:
        return True


@dataclass(frozen=True, kw_only=True)
class BrokerCrash(BrokerDown):
    """The broker's process is killed."""

    what: str = "broker-crash"
    forgets: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class BrokerRestart(BrokerDown):
    """The broker is shut down cleanly and starts from a snapshot ``for_s`` later.

    Where it has followers it hands its partitions over first (controlled shutdown).
    """

    what: str = "broker-restart"
    forgets: ClassVar[bool] = True


class ErrorSpell(Lasting):
    """Appends are answered with ``error``."""

    error: ClassVar[Error]
    #: Whether they are made nevertheless, and whether those with acks=all alone are answered so.
    appends: ClassVar[bool] = False
    acks_all_only: ClassVar[bool] = False


@dataclass(frozen=True, kw_only=True)
class FullDisk(ErrorSpell):
    """Appends fail with KAFKA_STORAGE_ERROR."""

    what: str = "full-disk"
    error: ClassVar[Error] = Error.KAFKA_STORAGE_ERROR


@dataclass(frozen=True, kw_only=True)
class NotLeader(ErrorSpell):
    """Appends fail with NOT_LEADER_OR_FOLLOWER."""

    what: str = "not-leader"
    error: ClassVar[Error] = Error.NOT_LEADER_OR_FOLLOWER


@dataclass(frozen=True, kw_only=True)
class TooFewReplicas(ErrorSpell):
    """Appends with acks=all fail with NOT_ENOUGH_REPLICAS."""

    what: str = "too-few-replicas"
    error: ClassVar[Error] = Error.NOT_ENOUGH_REPLICAS
    acks_all_only: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class TooFewAfterAppend(ErrorSpell):
    """Appends with acks=all are made and answered NOT_ENOUGH_REPLICAS_AFTER_APPEND."""

    what: str = "too-few-replicas-after-append"
    error: ClassVar[Error] = Error.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    appends: ClassVar[bool] = True
    acks_all_only: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Nack(Sudden):
    """The next ``requests`` are answered with ``error``, nothing appended."""

    what: str = "nack"
    error: str = parameter(
        "", tries=("NOT_LEADER_OR_FOLLOWER", "KAFKA_STORAGE_ERROR", "NOT_ENOUGH_REPLICAS")
    )
    requests: int = parameter(0, tries=tuple(range(1, 8)))

    def __post_init__(self) -> None:
        super().__post_init__()
        names = sorted(error.name for error in NACKS)
        require_count("requests", self.requests, 1, 10**9)
        require("error", self.error, f"one of {', '.join(names)}", self.error in names)


@dataclass(frozen=True, kw_only=True)
class ProducerRestart(Lasting):
    """The producer's process is killed, comes back ``for_s`` later and resends."""

    what: str = "producer-restart"
