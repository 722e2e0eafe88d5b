"""A scenario: everything one simulated run is made of, as a value that cannot be wrong."""

from dataclasses import dataclass, field

from model.clients.profile import Estimate
from model.config.checks import (
    MOST_HORIZON_S,
    require,
    require_at_least,
    require_at_most,
    require_count,
    require_positive,
)
from model.config.cluster import BrokerConfig, MachineConfig, PathConfig, TopicConfig
from model.config.compression import LEAST_RATIO, LIKE_JSON, NO_CODEC, Compressibility
from model.config.faults import Fault, SlowThreads
from model.config.kinds import settle_kinds
from model.config.machines import REFERENCE_MACHINE
from model.config.producer import ProducerConfig
from model.config.workload import OpenLoop, Workload
from model.wire.compressed import CompressedPacking
from model.wire.sizes import Packing, RecordShape

#: Ours: what is sent so long after a fault is over may still suffer from it.
AFTERMATH_S = 0.5
#: Assumed: brokers stand in one rack.
ONE_RACK = PathConfig(rtt_ms=0.1)
#: Ours: what a machine has the memory for, and somebody the patience. A run of 10^8 records takes a
#: minute and half a gigabyte, a queue of a producer's partition a kilobyte.
MOST_RECORDS = 1_000_000_000
MOST_QUEUES, MOST_CONNECTIONS, MOST_COPIES, MOST_FETCHERS = 500_000, 50_000, 100_000, 10_000
MOST_FAULTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run: producers that all look alike, their path, the cluster, and how long to look.

    Figures are taken over ``measured_s`` seconds after the first ``warmup_s``; ``faults`` is what
    goes wrong in the run, which then goes on until every record that a fault held up has ended;
    without ``until_settled`` it ends with the window whatever is under way. It begins with new
    producers, which connect, ask for metadata and, with idempotence, for an id; ``warm_start``:
    with producers that have done so. ``compression_estimate``: what the client takes the ratio of
    its batches for before it has closed one; the same in settled batches is
    ``packing.settled_ratio``. ``path`` leads from the producers to every broker, unless
    ``broker_paths`` has one for each; ``replica_path`` lies between brokers. Raises ConfigError for
    parts that do not fit each other, and for what is larger than can be run (``MOST_...``).
    """

    path: PathConfig
    broker_paths: tuple[PathConfig, ...] = ()
    replica_path: PathConfig = ONE_RACK
    producer: ProducerConfig = field(default_factory=ProducerConfig)
    workload: Workload = field(default_factory=Workload)
    topic: TopicConfig = field(default_factory=TopicConfig)
    broker: BrokerConfig = field(default_factory=BrokerConfig)
    machine: MachineConfig = REFERENCE_MACHINE
    producers: int = 1
    faults: tuple[Fault, ...] = ()
    warm_start: bool = False
    compression_estimate: float = 1.0
    warmup_s: float = 1.0
    measured_s: float = 4.0
    until_settled: bool = True

    def __post_init__(self) -> None:
        settle_kinds(self)
        require_count("producers", self.producers, 1, 10_000)
        require_at_least("warmup_s", self.warmup_s, 0)
        require_positive("measured_s", self.measured_s)
        require_at_most("warmup_s + measured_s", self.horizon_s, MOST_HORIZON_S, "a month")
        estimate, rule = self.compression_estimate, f"from {LEAST_RATIO:g} to 2"
        require("compression_estimate", estimate, rule, LEAST_RATIO <= estimate <= 2)
        self._require_a_size_to_run()
        self._require_a_record_fits()
        paths, brokers = len(self.broker_paths), self.topic.brokers
        rule = f"none, or one for each of the {brokers} brokers that lead"
        require("broker_paths", paths, rule, paths in (0, brokers))
        for fault in self.faults:
            rule = f"of brokers 0 to {self.topic.all_brokers - 1}"
            require("broker", fault.broker, rule, (fault.broker or 0) < self.topic.all_brokers)
        cycle = self.workload.partition_cycle
        require(
            "partition_cycle",
            cycle,
            f"of partitions 0 to {self.topic.partitions - 1}",
            all(0 <= partition < self.topic.partitions for partition in cycle),
        )

    def _require_a_size_to_run(self) -> None:
        """Refuse, before anything runs, what would end for want of memory or never."""
        topic, arrival = self.topic, self.workload.arrival
        fetchers = topic.all_brokers * (topic.replicas - 1)
        require_at_most("producers * partitions", self.producers * topic.partitions, MOST_QUEUES)
        require_at_most("producers * brokers", self.producers * topic.brokers, MOST_CONNECTIONS)
        require_at_most("partitions * replicas", topic.partitions * topic.replicas, MOST_COPIES)
        require_at_most("brokers * (replicas - 1)", fetchers, MOST_FETCHERS)
        require_at_most("faults", len(self.faults), MOST_FAULTS)
        if isinstance(arrival, OpenLoop):
            of_each = arrival.records_per_s * self.horizon_s
            records = self.producers * min(of_each, arrival.records or of_each)
            require_at_most("rate * producers * seconds", records, MOST_RECORDS, "records")

    def _require_a_record_fits(self) -> None:
        """Source: KafkaProducer.ensureValidRecordSize, with the record's upper bound."""
        bound = RecordShape(self.workload.value_bytes, self.workload.key_bytes).upper_bound_bytes
        for setting, limit in (
            ("max.request.size", self.producer.max_request_size_bytes),
            ("buffer.memory", self.producer.buffer_memory_bytes),
        ):
            require(setting, limit, f"at least one record ({bound} bytes at most)", bound <= limit)

    def path_to(self, broker: int) -> PathConfig:
        """The way from the producers to a broker."""
        leads = broker < len(self.broker_paths)
        return self.broker_paths[broker] if leads else self.path

    @property
    def may_elect(self) -> bool:
        """Whether a broker may be fenced: one that others copy is silent for long, or goes.

        Only then there are heartbeats, a controller, and clients that hear of other leaders.
        """
        unfenced_s = self.broker.unfenced_s
        return self.topic.replicas > 1 and any(
            fault.silences and not (isinstance(fault, SlowThreads) and fault.for_s <= unfenced_s)
            for fault in self.faults
        )

    @property
    def client_machine(self) -> MachineConfig:
        """The machine as its clients have it: what their own code takes is in it."""
        return self.machine.of_client(self.producer.profile.work)

    @property
    def compresses(self) -> bool:
        """Whether the producers have a codec."""
        return self.producer.compression_type != NO_CODEC

    @property
    def compressibility(self) -> Compressibility:
        """What the producers' codec makes of the records. KeyError without a codec."""
        return self.workload.compressibility or LIKE_JSON[self.producer.compression_type]

    @property
    def client_topic(self) -> TopicConfig:
        """The topic as a client sees it: with a leader for each connection that it makes."""
        if not self.has_own_connections:
            return self.topic
        return TopicConfig(partitions=self.topic.partitions, brokers=self.topic.partitions)

    @property
    def has_own_connections(self) -> bool:
        """Whether each partition has a connection of its own, as some clients give it."""
        return self.producer.profile.own_connections and not self.may_elect

    @property
    def connections(self) -> int:
        """Of one producer, to all brokers that lead something."""
        of_brokers = min(self.topic.brokers, self.topic.partitions)
        return self.topic.partitions if self.has_own_connections else of_brokers

    @property
    def packing(self) -> Packing:
        """How this workload's records fill this producer's batches."""
        return self._packing(self.producer.profile.estimate)

    @property
    def early_packing(self) -> Packing | None:
        """The same until its first answer has come, for clients to which that is another."""
        early = self.producer.profile.early_estimate
        return None if early is None else self._packing(early)

    def _packing(self, estimate: Estimate | None) -> Packing:
        shape = RecordShape(self.workload.value_bytes, self.workload.key_bytes)
        producer = self.producer
        if self.compresses:
            return CompressedPacking(
                shape,
                producer.batch_size_bytes,
                self.compressibility.ratio_of,
                producer.profile.fills_by_estimate,
            )
        return Packing(shape, producer.batch_size_bytes, estimate, producer.batch_records)

    @property
    def horizon_s(self) -> float:
        """When the window of the figures ends, and the run unless it has to settle."""
        return self.warmup_s + self.measured_s

    @property
    def troubled_until_s(self) -> float:
        """Until when, within the window, what is sent may suffer from a fault; 0: nothing does."""
        ends_s = [fault.until_s for fault in self.faults if fault.at_s < self.horizon_s]
        return min(self.horizon_s, max(ends_s) + AFTERMATH_S) if ends_s else 0.0
