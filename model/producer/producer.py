"""One producer: an application's thread and the client that it sends with (KafkaProducer.java).

A producer owns its parts and wires them: the application appends to the accumulator, the Sender
takes batches from there to the network client, and the completion ends them. Left out:
interceptors, serialisation, several threads that share a producer. Units: seconds.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from model.alarm import Process
from model.clients.profile import Keyless
from model.clock import Clock
from model.config.scenario import Scenario
from model.config.workload import OpenLoop
from model.costs import ClientCosts
from model.outcome.facts import Probe
from model.outcome.start_times import StartTimes
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.backoff import ExponentialBackoff
from model.producer.completion import Completion
from model.producer.compressing_sender import CompressingSender
from model.producer.compression import (
    CompressingAccumulator,
    CompressingApplication,
    Compressor,
)
from model.producer.network_client import NetworkClient
from model.producer.node import Node
from model.producer.partition_gate import partition_gate
from model.producer.partitioner import (
    NamedPartitions,
    Partitioner,
    StickyForAWhile,
    StickyPartition,
    cycled,
    keyed,
    scattered,
)
from model.producer.schedule import Schedule, Thread, build_schedule
from model.producer.sender import Sender
from model.producer.transaction_manager import TransactionManager
from model.streams import deviations, exponentials, stream, uniform
from model.units import seconds
from model.wire.compressed import CompressedPacking
from model.wire.requests import Request


class Producer:
    """The producer ``number`` of a scenario; ``nodes`` are the brokers, by number.

    ``bootstrap`` are the same brokers by their bootstrap addresses.
    """

    def __init__(
        self,
        env: Clock,
        scenario: Scenario,
        seed: int,
        number: int,
        nodes: list[Node],
        bootstrap: list[Node],
        request_numbers: Iterator[int],
        probe: Probe,
    ) -> None:
        config, partitions = scenario.producer, scenario.topic.partitions
        costs = ClientCosts(scenario.client_machine, config)
        uniforms = uniform(stream(seed, f"producer-{number}/backoff"))
        transactions = TransactionManager(partitions) if config.enable_idempotence else None
        backoff = ExponentialBackoff(
            first_s=seconds(config.retry_backoff_ms),
            most_s=seconds(config.retry_backoff_max_ms),
            jitter=config.retry_backoff_jitter,
            uniforms=uniforms,
        )
        schedule = _schedule(scenario, costs, seed, number)
        partitioner = _partitioner(scenario, schedule, seed, number)
        failed = partial(probe.record_failed, number)
        packing = scenario.packing
        accumulator: RecordAccumulator
        application_of, sender_of = Application, Sender
        if isinstance(packing, CompressedPacking):
            compressor = Compressor(
                config,
                scenario.compressibility,
                scenario.compression_estimate,
                costs,
                deviations(stream(seed, f"producer-{number}/compression")),
            )
            accumulator = CompressingAccumulator(
                config, scenario.client_topic, packing, transactions, backoff, compressor
            )
            application_of, sender_of = CompressingApplication, CompressingSender
        else:
            early = None if scenario.warm_start else scenario.early_packing
            accumulator = RecordAccumulator(
                config, scenario.client_topic, packing, transactions, backoff, early
            )
        application = application_of(config, schedule, partitioner, accumulator, failed)
        client = NetworkClient(
            env,
            number,
            config,
            nodes,
            bootstrap,
            request_numbers,
            uniforms,
            topic_known=application.topic_known,
            leaders_change=scenario.may_elect,
            tls_handshake_s=costs.handshake_s,
        )
        gate = partition_gate(config, accumulator, partitions)
        completion = Completion(
            number, application, accumulator, transactions, client, gate, scenario, probe
        )
        self._env = env
        self._kept_down_by = 0
        self._transactions = transactions
        self._accumulator = accumulator
        self.application = application
        self._client = client
        self._completion = completion
        self._sender = sender_of(
            env, config, costs, application, accumulator, transactions, client, completion, gate
        )

    def run(self) -> Process:
        """The Sender thread; the application's is caught up with by the accumulator."""
        return self._sender.run()

    def start_connected(self, producer_id: int) -> None:
        """Begin the run with ready connections, and with an id if one is needed."""
        self._client.start_connected()
        if self._transactions is not None:
            self._transactions.initializing()
            self._transactions.initialized(producer_id)

    def end(self) -> None:
        """The process is killed: what it had not acknowledged it will send again.

        One that is down already is so until the last of those who keep it down lets it come back.
        """
        self._kept_down_by += 1
        if self._kept_down_by > 1:
            return
        batches = self._completion.abandon(self._sender.end(), self._env.now)
        self.application.go_down(batches)

    def come_back(self) -> None:
        """The process starts: a new session, which knows nothing of the last one."""
        self._kept_down_by -= 1
        if self._kept_down_by:
            return
        if self._transactions is not None:
            self._transactions.start_session()
        self.application.come_back(self._env.now)
        self._sender.come_back()

    def reset(self, struck: Callable[[int], bool]) -> None:
        """Have the connections to these brokers torn down."""
        self._client.reset(struck)

    def in_flight(self) -> Iterator[Request]:
        """Every request that is unanswered."""
        return self._client.in_flight()

    def is_troubled(self, until_s: float) -> bool:
        """Whether a batch of before this instant is still to end that what went wrong then held up.

        It was sent by then or is sent again; or it waits for a connection. One that only waits for
        its turn does not count. One that failed does while a request still carries it.
        """
        sent = chain.from_iterable(request.batches for request in self.in_flight())
        waits = not self._client.all_ready
        return any(
            batch.created_s <= until_s and (batch.attempts > 0 or batch.drained_s <= until_s)
            for batch in sent
        ) or any(
            batch.created_s <= until_s and (batch.attempts > 0 or waits)
            for batch in self._accumulator.queued()
        )

    def start_times(self) -> StartTimes:
        """When the latency of each record begins that was sent by now."""
        self._accumulator.catch_up(self._env.now)
        return self.application.start_times()


def _schedule(scenario: Scenario, costs: ClientCosts, seed: int, number: int) -> Schedule:
    """Producers with an even rate start a fraction of the gap apart, or they would all coincide."""
    arrival = scenario.workload.arrival
    first_s = 0.0
    if isinstance(arrival, OpenLoop):
        first_s = number / scenario.producers / arrival.records_per_s
    thread = Thread(
        append_s=costs.append_s,
        notified_s=exponentials(costs.notify_s, stream(seed, f"producer-{number}/notified")),
        timer_late_s=costs.timer_late_s,
    )
    return build_schedule(arrival, thread, first_s, stream(seed, f"producer-{number}/arrivals"))


def _partitioner(scenario: Scenario, schedule: Schedule, seed: int, number: int) -> Partitioner:
    workload, config = scenario.workload, scenario.producer
    partitions, profile = scenario.topic.partitions, scenario.producer.profile
    if workload.partition_cycle:
        return NamedPartitions(cycled(workload.partition_cycle))
    if workload.key_space and not config.partitioner_ignore_keys:
        keys = stream(seed, f"producer-{number}/keys")
        return NamedPartitions(keyed(workload.key_space, partitions, keys, profile.key_hash))
    draws = stream(seed, f"producer-{number}/partitions")
    if partitions == 1:  # whatever the rule, and a step for many records
        return StickyPartition(1, config.batch_size_bytes, False, draws)
    if profile.keyless is Keyless.ROUND_ROBIN:
        return NamedPartitions(cycled(range(partitions)))
    if profile.keyless is Keyless.RANDOM:
        return NamedPartitions(scattered(partitions, draws))
    if profile.keyless is Keyless.STICKY_TIME:
        stays_s = seconds(config.sticky_partitioning_linger_ms)
        return StickyForAWhile(partitions, stays_s, schedule, draws)
    return StickyPartition(
        partitions,
        profile.sticky_bytes or config.batch_size_bytes,
        config.partitioner_adaptive_partitioning_enable,
        draws,
    )
