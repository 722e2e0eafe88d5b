"""What the producer talks to: the path, the brokers, the topic.

One kind of path to every broker and one kind of broker; one replica a partition. Left out:
followers, the receive window, loss and latency that varies.
"""

import math
from dataclasses import dataclass

from model.config.checks import require, require_at_least, require_count
from model.units import MIB, MICROSECOND_S, seconds

#: Ours: what the model answers for in a sitting; Kafka itself has no such limit.
MAX_PARTITIONS = 10_000
MAX_BROKERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PathConfig:
    """The way between producer and broker: round-trip time in ms, rate in bytes per second."""

    rtt_ms: float
    bytes_per_s: float = math.inf

    def __post_init__(self) -> None:
        require_at_least("rtt-ms", self.rtt_ms, 0)
        require("path rate in bytes/s", self.bytes_per_s, "> 0", self.bytes_per_s > 0)

    @property
    def one_way_s(self) -> float:
        """Propagation delay of one direction; the two directions are alike."""
        return seconds(self.rtt_ms) / 2

    @property
    def rtt_s(self) -> float:
        """Both directions."""
        return seconds(self.rtt_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerConfig:
    """Broker settings; read: SocketServerConfigs.java, ServerConfigs.java and LogConfig.java."""

    num_network_threads: int = 3
    num_io_threads: int = 8
    message_max_bytes: int = 1 * MIB + 12  # of a batch

    def __post_init__(self) -> None:
        require_count("num.network.threads", self.num_network_threads, 1, 1_000)
        require_count("num.io.threads", self.num_io_threads, 1, 1_000)
        require_count("message.max.bytes", self.message_max_bytes, 0, 2**31 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """One topic; partition p is led by broker p modulo ``brokers``, as Kafka spreads them."""

    partitions: int = 1
    brokers: int = 1

    def __post_init__(self) -> None:
        require_count("partitions", self.partitions, 1, MAX_PARTITIONS)
        require_count("brokers", self.brokers, 1, MAX_BROKERS)

    def leader(self, partition: int) -> int:
        """The broker that leads a partition."""
        return partition % self.brokers

    def led_by(self, broker: int) -> range:
        """The partitions that a broker leads, in order."""
        return range(broker, self.partitions, self.brokers)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineConfig:
    """What the hardware and the code on it cost, in microseconds: the constants to calibrate.

    Client: one application thread appends records, one Sender thread does the rest. Broker: the
    serial in-broker time of a request is ``request + batches * batch + bytes * byte`` plus an
    exponential tail (page cache, garbage collection, scheduling). An answer that was awaited for a
    time g is taken up ``wake_us * (1 - exp(-g / wake_after_us))`` after it arrived: whoever waits
    long sleeps deep. Measured: a round trip's time outside wire and work grows from 0.1 ms without
    distance to about 1 ms from 5 ms on, for five in flight as for one.
    """

    client_append_us: float  # application thread, per record
    client_request_us: float  # Sender thread, per request: build, write, read the response
    client_byte_us: float  # Sender thread, per byte: CRC-32C, copy to the socket
    client_record_us: float  # Sender thread, per acknowledged record: callback
    broker_request_us: float  # network and handler thread, per request
    broker_batch_us: float  # handler thread, under the partition's log lock
    broker_byte_us: float  # handler thread, under the partition's log lock
    broker_tail_us: float  # handler thread, mean of an exponential; 0: nothing is random
    wake_us: float  # longest time from an answer's arrival to its being taken up
    wake_after_us: float  # time constant: how long a wait makes for how deep a sleep

    def __post_init__(self) -> None:
        for name in self.__slots__:
            require_at_least(name, getattr(self, name), 0)
        require("wake_after_us", self.wake_after_us, "> 0", self.wake_after_us > 0)

    def wake_s(self, awaited_s: float) -> float:
        """How long after its arrival an answer is taken up that was awaited for so long."""
        depth = -math.expm1(-awaited_s / (self.wake_after_us * MICROSECOND_S))
        return self.wake_us * MICROSECOND_S * depth
