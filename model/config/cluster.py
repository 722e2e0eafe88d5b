"""What the producer talks to: the path, the brokers, the topic.

Brokers are of one kind. Left out: racks, several topics, several listeners.
"""

import math
from dataclasses import dataclass, replace

from model.clients.profile import Work
from model.config.checks import (
    require,
    require_at_least,
    require_at_most,
    require_count,
    require_delay_ms,
)
from model.config.compression import CODECS, NO_CODEC
from model.config.delays import NO_JITTER, Delay
from model.config.kinds import settle_kinds
from model.config.packets import Packets
from model.units import KIB, MIB, MICROSECOND_S, seconds

#: Ours: what the model answers for in a sitting; Kafka itself has no such limit.
MAX_PARTITIONS = 10_000
MAX_BROKERS = 1_000
#: Ours: no work on a request takes longer than a minute, in microseconds.
MOST_CONSTANT = 60_000_000.0
#: Constants of a machine that only codecs and only TLS need.
CODEC_COSTS = tuple(f"{end}_{codec}_byte_us" for end in ("client", "broker") for codec in CODECS)
TLS_COSTS = (
    *(f"{end}_tls_{of}_us" for end in ("client", "broker") for of in ("request", "byte")),
    "tls_handshake_us",
)
#: Read: how large a receive window can be announced without window scaling.
UNSCALED_WINDOW_BYTES = 65_535
#: Read: the most that Linux grows a send buffer to by itself, net.ipv4.tcp_wmem's default.
SYSTEM_SEND_BUFFER_BYTES = 4 * MIB
SYSTEM_SEND_WINDOWS = 7
#: Read: SOCK_MIN_SNDBUF of Linux.
LEAST_SEND_MEMORY_BYTES = 4_608
#: Measured: the share of a socket's send memory that holds payload (SIOCOUTQ when a write ends: 203
#: to 251 KB of 262 KB, 3.72 of 4.19 MB).
SEND_SHARE = 0.88
#: Measured: the share of a socket's receive memory that TCP takes for payload: of requests in
#: pieces of some segments (taken once from the first of a connection; 0.664 is what pieces of two
#: give, as behind most round trips), and of fetched batches in packets as large as offloading makes
#: them.
REQUESTS_SHARE = 0.664
FETCHES_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class PathConfig:
    """The way between two hosts: round-trip time in ms, rate in bytes per second.

    ``jitter`` comes on top of half the round-trip time, in each direction, for each packet;
    ``answer_jitter`` on top of that on the way back alone, as a proxy delays what it hands down;
    ``loss`` is the share of packets that are lost; ``packets`` says what a packet is, and what it
    costs who receives it.
    """

    rtt_ms: float
    bytes_per_s: float = math.inf
    jitter: Delay = NO_JITTER
    loss: float = 0.0
    answer_jitter: Delay = NO_JITTER
    packets: Packets = Packets.NETWORK_CARD

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_delay_ms("rtt-ms", self.rtt_ms)
        require("path rate in bytes/s", self.bytes_per_s, ">= 1", self.bytes_per_s >= 1)
        require("loss", self.loss, "a share >= 0 and < 0.5", 0 <= self.loss < 0.5)

    @property
    def one_way_s(self) -> float:
        """Propagation delay of one direction; the two directions are alike."""
        return seconds(self.rtt_ms) / 2

    @property
    def rtt_s(self) -> float:
        """Both directions."""
        return seconds(self.rtt_ms)

    @property
    def varies(self) -> bool:
        """Whether packets of one path fare differently."""
        jitters = (self.jitter, self.answer_jitter)
        return self.loss > 0 or any(each != NO_JITTER for each in jitters)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerConfig:
    """Broker settings; read: SocketServerConfigs, ServerConfigs, LogConfig, ReplicationConfigs,
    KRaftConfigs.

    Socket buffers in bytes, -1: the operating system's own choice.
    """

    num_network_threads: int = 3
    num_io_threads: int = 8
    message_max_bytes: int = 1 * MIB + 12  # of a batch
    socket_receive_buffer_bytes: int = 100 * KIB
    replica_socket_receive_buffer_bytes: int = 64 * KIB
    replica_fetch_wait_max_ms: float = 500.0
    replica_fetch_max_bytes: int = 1 * MIB  # of a partition
    replica_fetch_response_max_bytes: int = 10 * MIB
    replica_lag_time_max_ms: float = 30_000.0
    broker_heartbeat_interval_ms: float = 2_000.0
    broker_session_timeout_ms: float = 9_000.0

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_count("num.network.threads", self.num_network_threads, 1, 1_000)
        require_count("num.io.threads", self.num_io_threads, 1, 1_000)
        require_count("message.max.bytes", self.message_max_bytes, 0, 2**31 - 1)
        for name in ("socket.receive.buffer.bytes", "replica.socket.receive.buffer.bytes"):
            size_bytes = getattr(self, name.replace(".", "_"))
            rule = "-1, or a whole number from 4096 to 2147483647"
            require(name, size_bytes, rule, size_bytes == -1 or 4096 <= size_bytes < 2**31)
        require_at_least("replica.fetch.wait.max.ms", self.replica_fetch_wait_max_ms, 1)
        require_count("replica.fetch.max.bytes", self.replica_fetch_max_bytes, 0, 2**31 - 1)
        require_count(
            "replica.fetch.response.max.bytes", self.replica_fetch_response_max_bytes, 0, 2**31 - 1
        )
        require_at_least("replica.lag.time.max.ms", self.replica_lag_time_max_ms, 1)
        require_at_least("broker.heartbeat.interval.ms", self.broker_heartbeat_interval_ms, 1)
        rule = f"above broker.heartbeat.interval.ms ({self.broker_heartbeat_interval_ms:g})"
        session_ms = self.broker_session_timeout_ms
        beats = session_ms > self.broker_heartbeat_interval_ms
        require("broker.session.timeout.ms", session_ms, rule, beats)
        require_at_least("broker.session.timeout.ms", session_ms, 1)

    @property
    def unfenced_s(self) -> float:
        """A broker that is silent for no longer than this is never fenced."""
        return seconds(self.broker_session_timeout_ms - self.broker_heartbeat_interval_ms)


def receive_memory_bytes(buffer_bytes: int, share: float) -> float:
    """Payload that a socket with this receive buffer has room for; infinite: the system chooses.

    Linux doubles the setting (read: sock_setsockopt, SO_RCVBUF).
    """
    return math.inf if buffer_bytes < 0 else share * 2 * buffer_bytes


def receive_window_bytes(buffer_bytes: int, share: float) -> float:
    """The window that a socket with this receive buffer offers; infinite if the system chooses.

    It is no more than what the window's scale can say, which Linux picks for half of the memory
    (read: tcp_select_initial_window). Measured: with 102,400 bytes a client sees 131,070.
    """
    if buffer_bytes < 0:
        return math.inf
    scale = 0
    while buffer_bytes >> scale > UNSCALED_WINDOW_BYTES:
        scale += 1
    return min(float(UNSCALED_WINDOW_BYTES << scale), receive_memory_bytes(buffer_bytes, share))


def send_buffer_bytes(setting_bytes: int, window_bytes: float) -> float:
    """What a socket holds that is written and not acknowledged.

    Linux doubles the setting (read: sock_setsockopt, SO_SNDBUF), no less than a floor, and takes a
    part for itself. Left to itself it holds what is on its way several times over
    (tcp_sndbuf_expand; measured: seven windows).
    """
    if setting_bytes >= 0:
        return SEND_SHARE * max(2 * setting_bytes, LEAST_SEND_MEMORY_BYTES)
    return min(SYSTEM_SEND_BUFFER_BYTES, SYSTEM_SEND_WINDOWS * window_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicConfig:
    """One topic; partition p is led by broker p modulo ``brokers``, as Kafka spreads them.

    Each partition has ``replicas`` copies, on its leader and on the brokers after it. Where there
    are more replicas than ``brokers``, the brokers that make up the number only follow. That is so
    at the start: where faults make leaders fall silent others are elected.
    ``eligible_leader_replicas`` is the feature of that name (KIP-966), on in clusters that were
    created with 4.1 or later.
    """

    partitions: int = 1
    brokers: int = 1
    replicas: int = 1
    min_insync_replicas: int = 1
    unclean_leader_election_enable: bool = False
    eligible_leader_replicas: bool = True

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_count("partitions", self.partitions, 1, MAX_PARTITIONS)
        require_count("brokers", self.brokers, 1, MAX_BROKERS)
        require_count("replicas", self.replicas, 1, MAX_BROKERS)
        require_count("min.insync.replicas", self.min_insync_replicas, 1, MAX_BROKERS)

    def leader(self, partition: int) -> int:
        """The broker that leads a partition."""
        return partition % self.brokers

    def led_by(self, broker: int) -> range:
        """The partitions that a broker leads, in order; none for one that only follows."""
        if broker >= self.brokers:
            return range(0)
        return range(broker, self.partitions, self.brokers)

    @property
    def all_brokers(self) -> int:
        """Brokers in the cluster, those that only follow included."""
        return max(self.brokers, self.replicas)

    def followers(self, leader: int) -> list[int]:
        """The brokers that follow what a broker leads."""
        return [(leader + offset) % self.all_brokers for offset in range(1, self.replicas)]

    def assignment(self, partition: int) -> tuple[int, ...]:
        """The brokers that have a copy, the one that is to lead first."""
        leader = self.leader(partition)
        return (leader, *self.followers(leader))


#: Assumed: what clusters in production have. Read: two of three in sync is what Kafka's
#: documentation gives for acks=all (TopicConfig.MIN_IN_SYNC_REPLICAS_DOC).
PRODUCTION_TOPIC = TopicConfig(brokers=3, replicas=3, min_insync_replicas=2)
#: Assumed: from one broker to another in a zone, or to the next one.
BETWEEN_BROKERS = PathConfig(rtt_ms=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineConfig:
    """What the hardware and the code on it cost: the constants to calibrate, times in microseconds.

    Client: one application thread appends records, one Sender thread does the rest. Broker: the
    serial in-broker time of a request is ``request + batches * batch + bytes * byte`` plus an
    exponential tail (scheduling). Now and then, by the bytes that were appended, an append stands
    still (page cache, garbage collection), for an exponential time again.

    While packets travel for a time g the machines at both ends have nothing to do, and the longer
    they idle the longer they take to run again: on a path with a round trip of g an answer is taken
    up ``wake_us * (1 - exp(-g / wake_after_us))`` after it arrived. Measured: a round trip's time
    outside wire and work grows from 0.1 ms without distance to about 1 ms from 5 ms on, for five in
    flight as for one; a leader that waits for followers beside it wakes soon, however long its
    client waits, and one whose followers are far wakes as late as they do: a thread idles as long
    as what it waits for.

    The constants of codecs are fitted (`inflight calibrate --codecs`). Those of TLS are assumed:
    AES-GCM takes the JDK 0.4 to 0.5 ns a byte (OpenJDK's list security-dev, October 2022), to which
    copies come at each end, and a signature takes it a millisecond or two.
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
    round_wake_us: float = 0.0  # the same of a reader that waits for the next receive window
    notify_us: float = 0.0  # until a thread of the client runs that another one woke
    timer_late_us: float = 0.0  # how late a thread of the client runs that slept until an instant
    broker_stall_us: float = 0.0  # how long an append stands still now and then, mean
    broker_stalls_per_mb: float = 0.0  # how often, by a million bytes appended, mean
    client_gzip_byte_us: float = 0.0324  # per uncompressed byte: who closes a block of it
    client_snappy_byte_us: float = 0.00287
    client_lz4_byte_us: float = 0.00301
    client_zstd_byte_us: float = 0.00796
    broker_gzip_byte_us: float = 0.00948  # per uncompressed byte: handler thread, under the lock
    broker_snappy_byte_us: float = 0.00685
    broker_lz4_byte_us: float = 0.00287
    broker_zstd_byte_us: float = 0.00442
    client_tls_request_us: float = 10.0  # Sender thread, per request with its answer
    client_tls_byte_us: float = 0.001
    broker_tls_request_us: float = 10.0  # network thread
    broker_tls_byte_us: float = 0.001
    tls_handshake_us: float = 3_000.0  # both ends' work on a new connection

    def __post_init__(self) -> None:
        settle_kinds(self)
        for name in self.__slots__:
            require_at_least(name, getattr(self, name), 0)
            require_at_most(name, getattr(self, name), MOST_CONSTANT)
        require("wake_after_us", self.wake_after_us, "> 0", self.wake_after_us > 0)

    @property
    def append_byte_us(self) -> float:
        """What a byte costs its append in the mean, with its share of stalls."""
        return self.broker_byte_us + self.broker_stalls_per_mb * self.broker_stall_us / 1e6

    def compress_byte_us(self, codec: str) -> float:
        """What a codec takes for an uncompressed byte in the client, at its default level."""
        return float(getattr(self, f"client_{codec}_byte_us"))

    def decompress_byte_us(self, codec: str) -> float:
        """What a broker takes for it, which looks at each record; nothing without a codec."""
        return 0.0 if codec == NO_CODEC else float(getattr(self, f"broker_{codec}_byte_us"))

    def without_stalls(self) -> "MachineConfig":
        """A machine that is as fast in the mean: what stalls take is spread over all bytes."""
        return replace(self, broker_byte_us=self.append_byte_us, broker_stalls_per_mb=0.0)

    def of_client(self, work: Work) -> "MachineConfig":
        """The same with a client on it whose own code takes more or less."""
        if work == Work():
            return self
        own = {
            "client_append_us": work.append_us,
            "client_request_us": work.request_us,
            "client_record_us": work.record_us,
            "client_byte_us": work.byte_us,
            "wake_us": work.wake_us,
            "wake_after_us": work.wake_after_us,
        }
        return replace(self, **{name: value for name, value in own.items() if value is not None})

    def wake_s(self, rtt_s: float) -> float:
        """How long after its arrival an answer is taken up that crossed a path so long."""
        return self.wake_us * MICROSECOND_S * self._depth(rtt_s)

    def rise_s(self, parked_s: float) -> float:
        """How late a broker's thread goes on with a request that was parked so long.

        Assumed: of what a round trip costs in wake-ups, each of its two ends has half.
        """
        return self.wake_s(parked_s) / 2

    def round_wake_s(self, awaited_s: float) -> float:
        """How long after its arrival a broker that waited so long reads the rest of a request."""
        return self.round_wake_us * MICROSECOND_S * self._depth(awaited_s)

    def _depth(self, slept_s: float) -> float:
        return -math.expm1(-slept_s / (self.wake_after_us * MICROSECOND_S))
