"""The closed-form bound beside every simulated throughput, and the resource that sets it.

For one connection with n requests in flight, S the serial in-broker time of a request and Z all
the rest of its round (propagation, serialisation, the client's own work):
``X(n) <= min(n / (Z + S), 1 / S)``, and with a receive window of W bytes a connection carries at
most W / RTT. With acks=all S has the followers' share in it, for a muted connection waits for them.
Many connections meet in what a broker shares: its network threads, its handler threads, and the
lock of each log, under which one batch is appended at a time.
Wake-ups, queueing and linger only make things slower, so the bound holds for every run; it is
computed with the run's own mean request and mean S, because only those are random. What limits is
named with wake-ups in the round, which decide near where two bounds cross. Left out: followers that
fall out of the ISR, what is in sockets without acks. Units: records per second, seconds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from model.config.cluster import REQUESTS_SHARE, PathConfig, receive_window_bytes
from model.config.compression import CODECS
from model.config.producer import ProducerConfig
from model.config.scenario import Scenario
from model.config.workload import ClosedLoop, OpenLoop
from model.costs import BrokerCosts, ClientCosts
from model.units import seconds
from model.wire.sizes import PARTITION_OVERHEAD_BYTES, REQUEST_OVERHEAD_BYTES, RecordShape

IN_FLIGHT_WINDOW = "in-flight window"
BROKER_CONNECTION = "broker connection"
NETWORK_THREADS = "network threads"
REQUEST_HANDLERS = "request handlers"
PARTITION_LOG = "partition log"
FOLLOWER = "follower"
LINK = "link"
RECEIVE_WINDOW = "receive window"
CONGESTION_WINDOW = "congestion window"
BATCH_FILL = "batch fill (linger)"
BUFFER_MEMORY = "buffer memory"
APPLICATION = "application"
CLIENT_CPU = "client CPU"

#: Read: RFC 9438, 4.3, with its alpha and beta: segments, over the root of the share lost.
WINDOW_OF_LOSS = 1.22
#: Derived from an MTU of 1500, as in the network; read: pieces are of two segments at least.
SEGMENT_BYTES, LEAST_PIECE = 1448, 2
#: Ours: below this share of a full batch, fuller batches would carry more with the same requests.
WELL_FILLED = 0.8
#: Ours: where more requests in flight would gain less than this, they are not what is scarce.
WORTH_NAMING = 1.05


@dataclass(frozen=True, slots=True)
class MeanRequest:
    """The average produce request of a run: what it carries and what it costs the broker."""

    records: float
    batches: float
    size_bytes: float
    service_s: float


@dataclass(frozen=True, slots=True)
class Bound:
    """For each resource the most records per second that it lets through.

    ``awake``: the same where each round has its wake-up in it, which is nearer to what happens. The
    congestion window is in it alone: what losses leave of it is a mean, and no bound of one run.
    So is a codec's work in the client, which two threads share as it comes.
    """

    by_resource: Mapping[str, float]
    awake: Mapping[str, float]
    well_filled: bool

    @property
    def records_per_s(self) -> float:
        """The tightest of all."""
        return min(self.by_resource.values())

    @property
    def limit(self) -> str:
        """The resource that sets it; thin batches are named where requests are what is scarce.

        More in flight helps no further than to what comes next, which is named if that is near.
        """
        tightest, *others = sorted(self.awake, key=lambda name: self.awake[name])
        near = WORTH_NAMING * self.awake[tightest]
        if tightest == IN_FLIGHT_WINDOW and self.awake[others[0]] <= near:
            tightest = others[0]
        thin = not self.well_filled and tightest in (IN_FLIGHT_WINDOW, BROKER_CONNECTION)
        return BATCH_FILL if thin else tightest


def bound(scenario: Scenario, request: MeanRequest) -> Bound:
    """The bound of a scenario whose average request is this one."""
    wake_s = scenario.client_machine.wake_s(_rtt_s(scenario))
    full = scenario.packing.records
    return Bound(
        _by_resource(scenario, request, 0.0),
        _by_resource(scenario, request, wake_s, compressing(scenario, request))
        | _congestion(scenario, request, wake_s),
        request.records / request.batches >= WELL_FILLED * full,
    )


@dataclass(frozen=True, slots=True)
class Compressing:
    """What a codec takes the application for a record, and the Sender for a request; seconds."""

    of_a_record_s: float = 0.0
    of_a_request_s: float = 0.0


NOTHING = Compressing()


def compressing(scenario: Scenario, request: MeanRequest) -> Compressing:
    """Who compresses a mean request's batches: the application, where it fills them.

    Of a batch that is drained before it is full it has compressed the whole blocks.
    """
    if not scenario.compresses:
        return NOTHING
    per_byte_s = ClientCosts(scenario.client_machine, scenario.producer).compress_byte_s
    records = request.records / request.batches
    raw_bytes = records * record_bytes(scenario)
    block_bytes = CODECS[scenario.producer.compression_type].block_bytes
    filled = records >= WELL_FILLED * scenario.packing.records
    rest_bytes = 0.0 if filled else raw_bytes % block_bytes
    return Compressing(
        (raw_bytes - rest_bytes) / records * per_byte_s, request.batches * rest_bytes * per_byte_s
    )


def record_bytes(scenario: Scenario) -> int:
    """What a record takes uncompressed, at least."""
    return RecordShape(scenario.workload.value_bytes, scenario.workload.key_bytes).record_bytes(0)


def _by_resource(
    scenario: Scenario, request: MeanRequest, wake_s: float, codec: Compressing = NOTHING
) -> dict[str, float]:
    """Records per second, where the answer of each round is taken up so much after it arrived."""
    producers, connections = scenario.producers, scenario.producers * scenario.connections
    follower_s = _follower_s(scenario, request)
    costs = ClientCosts(scenario.client_machine, scenario.producer)
    client_s = costs.mean_request_s(request.size_bytes, request.records) + codec.of_a_request_s
    serial_s = request.service_s + follower_s
    serial = FOLLOWER if 2 * follower_s > serial_s else BROKER_CONNECTION
    round_s = client_s  # without answers a request is done when it is written
    if scenario.producer.profile.forms_ahead:
        round_s = 0.0  # the next one is made meanwhile, and leaves before the answer is acted on
    if scenario.producer.acks != "0":
        round_s += _travel_s(scenario, request) + wake_s + serial_s
    requests_per_s = {
        serial: connections * _per(1, serial_s),
        LINK: connections * _bytes_per_s(scenario) / request.size_bytes,
        RECEIVE_WINDOW: connections * _window_bytes_per_s(scenario) / request.size_bytes,
        CLIENT_CPU: producers * _per(1, client_s),
    }
    if scenario.producer.acks != "0":
        most, buffers = _most_in_flight(scenario, request)
        requests_per_s[IN_FLIGHT_WINDOW] = connections * _per(most, round_s)
        requests_per_s[BUFFER_MEMORY] = producers * _per(buffers, round_s)
        requests_per_s |= _shared_by_all(scenario, request)
    by_resource = {APPLICATION: _application(scenario, round_s, codec.of_a_record_s)}
    return by_resource | {name: rate * request.records for name, rate in requests_per_s.items()}


def _shared_by_all(scenario: Scenario, request: MeanRequest) -> dict[str, float]:
    """Requests per second of the brokers' threads and of the logs, whoever sends them."""
    costs = BrokerCosts(scenario.machine, scenario.producer)
    broker, brokers = scenario.broker, len(_paths(scenario))
    on_network_s = costs.mean_network_thread_s(request.size_bytes)
    each = -(-scenario.connections // brokers)  # of a producer to a broker; one thread serves one
    threads = min(broker.num_network_threads, scenario.producers * each)
    overhead_bytes = REQUEST_OVERHEAD_BYTES + (request.batches - 1) * PARTITION_OVERHEAD_BYTES
    unpacked_bytes = request.records * record_bytes(scenario) if scenario.compresses else 0.0
    packed_bytes = request.size_bytes - overhead_bytes
    locked_s = costs.mean_log_lock_s(request.batches, packed_bytes, unpacked_bytes)
    handlers = brokers * broker.num_io_threads
    return {
        NETWORK_THREADS: brokers * threads * _per(1, on_network_s),
        REQUEST_HANDLERS: handlers * _per(1, request.service_s - on_network_s),
        PARTITION_LOG: scenario.topic.partitions * _per(1, locked_s),
    }


def _most_in_flight(scenario: Scenario, request: MeanRequest) -> tuple[float, float]:
    """Requests on their way at a time: of one connection, and with buffers for all."""
    producer = scenario.producer
    profile = producer.profile
    most = producer.max_in_flight_requests_per_connection + profile.requests_beyond
    partitions = scenario.topic.partitions / scenario.connections
    batches = _most_of_a_partition(producer, request) * partitions
    buffered = _most_buffered(producer, request, scenario.topic.partitions)
    return min(most, batches / request.batches), buffered


def _most_of_a_partition(producer: ProducerConfig, request: MeanRequest) -> float:
    """Batches of one partition that may be out: the rule of the client's profile."""
    if producer.max_in_flight_requests_per_connection == 1 and not producer.profile.requests_beyond:
        return math.inf  # one request says it
    if producer.guarantees_message_order:
        return 1
    records_out = producer.profile.records_out
    if records_out is None or not producer.enable_idempotence:
        return math.inf
    records = request.records / request.batches
    return math.ceil(records_out / records) if records > 0 else math.inf  # NaN: nothing carried


def _most_buffered(producer: ProducerConfig, request: MeanRequest, partitions: int) -> float:
    """Requests that there is room for, where room comes back with their answers."""
    if producer.profile.frees_when_sent:
        return math.inf
    if producer.buffer_records is not None:
        more = partitions * producer.buffer_partition_records
        return (producer.buffer_records + more) / request.records
    return (producer.buffer_memory_bytes // producer.batch_size_bytes) / request.batches


def _paths(scenario: Scenario) -> list[PathConfig]:
    """The ways to the brokers that lead something."""
    topic = scenario.topic
    return [scenario.path_to(broker) for broker in range(min(topic.brokers, topic.partitions))]


def _rtt_s(scenario: Scenario) -> float:
    return min(path.rtt_s for path in _paths(scenario))


def _bytes_per_s(scenario: Scenario) -> float:
    return max(path.bytes_per_s for path in _paths(scenario))


def _window_bytes(scenario: Scenario) -> float:
    return receive_window_bytes(scenario.broker.socket_receive_buffer_bytes, REQUESTS_SHARE)


def _window_bytes_per_s(scenario: Scenario) -> float:
    """What was sent in a round trip was announced as room by its beginning: one window."""
    return _per(_window_bytes(scenario), _rtt_s(scenario))


def _congestion(scenario: Scenario, request: MeanRequest, wake_s: float) -> dict[str, float]:
    """What a path that loses packets leaves of the congestion window; nothing where none is lost.

    Each loss takes three tenths and each round trip adds about half a segment: 1.22 over the root
    of the share lost, in segments (Reno-friendly CUBIC; RFC 9438, RFC 3649). Where pieces are lost
    whole, they are of two segments at the windows that are left.
    """
    shares = [_lost_share(path) for path in _paths(scenario) if path.loss]
    if not shares or scenario.producer.acks == "0":
        return {}
    window_bytes = WINDOW_OF_LOSS / math.sqrt(min(shares)) * SEGMENT_BYTES
    connections = scenario.producers * scenario.connections
    bytes_per_s = connections * _per(window_bytes, _rtt_s(scenario) + wake_s)
    return {CONGESTION_WINDOW: bytes_per_s / request.size_bytes * request.records}


def _lost_share(path: PathConfig) -> float:
    return path.loss / LEAST_PIECE if path.packets.lost_whole else path.loss


def _travel_s(scenario: Scenario, request: MeanRequest) -> float:
    """There and back, and from a request's first byte to its last.

    A request that fills several windows takes a round trip for each. The mean of such a step is
    not the step of the mean, so parts of a window count as parts of a round trip.
    """
    rtt_s = _rtt_s(scenario)
    more_windows = max(0.0, request.size_bytes / _window_bytes(scenario) - 1)
    return rtt_s + max(more_windows * rtt_s, request.size_bytes / _bytes_per_s(scenario))


def _follower_s(scenario: Scenario, request: MeanRequest) -> float:
    """What a request waits for followers: a fetch brings it, they append, the next fetch says so.

    Of several batches only the last need be fetched and appended after the leader has all.
    """
    if scenario.producer.acks != "all" or scenario.topic.replicas == 1:
        return 0.0
    batch_bytes = request.size_bytes / request.batches
    replication_s = BrokerCosts(scenario.machine).mean_replication_s(batch_bytes)
    return scenario.replica_path.rtt_s + replication_s


def _application(scenario: Scenario, round_s: float, compressing_s: float) -> float:
    """What the applications send at most: their rate, their loop, or their thread's speed."""
    arrival = scenario.workload.arrival
    thread = _per(1, ClientCosts(scenario.client_machine).append_s + compressing_s)
    if isinstance(arrival, OpenLoop):
        return scenario.producers * min(thread, arrival.records_per_s)
    if isinstance(arrival, ClosedLoop):
        if arrival.outstanding == 1 and scenario.packing.records > 1:  # it waits for the linger
            round_s += seconds(scenario.producer.linger_ms)
        return scenario.producers * min(thread, _per(arrival.outstanding, round_s))
    return scenario.producers * thread


def _per(amount: float, time_s: float) -> float:
    """Amount per time; what takes no time has no bound."""
    return amount / time_s if time_s else float("inf")
