"""One finished run: its rows, and the figures that are functions of them.

Figures are taken over the window after the warm-up. Throughput is counted between two
acknowledgements of a connection that are a whole number of rounds of ``max.in.flight`` requests
apart: acknowledgements come in bursts, and a window that cuts a burst would be wrong by one.
Units: seconds, bytes; latency in milliseconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from itertools import chain
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from model.clients.profile import Counts
from model.config.scenario import Scenario
from model.outcome.bound import Bound, MeanRequest, bound
from model.outcome.facts import (
    AckRow,
    AppendRow,
    BatchRow,
    DecisionRow,
    ElectionRow,
    FailureRow,
    LostRow,
    RequestRow,
    RetryRow,
    TransmissionRow,
)
from model.outcome.latency import AckedRecords, Latency, acked_records, record_latencies_ms
from model.outcome.ledger import Ledger
from model.outcome.recorder import Recorder
from model.outcome.rows import Rows
from model.outcome.start_times import StartTimes
from model.outcome.summary import summary
from model.outcome.truncation import kept_and_cut
from model.wire.leadership import EpochStart

#: Ours: a busy connection's whole rounds leave at most one round at each end of the window.
IDLE_ROUNDS = 3

NO_EPOCHS: Mapping[int, Sequence[EpochStart]] = MappingProxyType({})

Column = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True, repr=False, eq=False)
class Run:
    """Rows of requests, batches, log appends and what went wrong, and what they say.

    Appends and decisions are in the order of time, those of one instant by partition and then as
    they were made: a broker that works in one event reports later than one that works step by step.
    ``appends``: what is in the logs in the end; ``truncated``: what was written and cut off again,
    because the next leader had no copy. ``elections``: what the controller decided, smaller and
    larger ISRs included.
    ``transmissions``: what was lost, resent, held back or cut off on the way, by instant of being
    found out; too many of one fate are only counted (``transmissions_left_out``). ``ended_s`` is
    after the scenario's horizon where the consequences of a fault lasted longer, and rows and books
    are of the whole run; figures are of the window all the same. ``settled``: whether every record
    that a fault held up has ended. Two runs are never equal, their rows are, where scenario and
    seed are: compare ``run.requests``.
    """

    scenario: Scenario
    seed: int
    requests: Rows[RequestRow]
    batches: Rows[BatchRow]
    appends: Rows[AppendRow]
    truncated: list[AppendRow]
    elections: list[ElectionRow]
    decisions: list[DecisionRow]
    failures: list[FailureRow]
    lost: list[LostRow]
    retries: Rows[RetryRow]
    transmissions: list[TransmissionRow]
    transmissions_left_out: int
    guarantees: Ledger
    latency_ms: Latency
    unanswered_since_s: list[float]
    ended_s: float
    settled: bool
    _acks: list[Rows[AckRow]]
    _starts: list[StartTimes]

    @classmethod
    def of(
        cls,
        scenario: Scenario,
        seed: int,
        recorder: Recorder,
        starts: list[StartTimes],
        unanswered_since_s: list[float],
        ended_s: float,
        settled: bool,
        epochs: Mapping[int, Sequence[EpochStart]] = NO_EPOCHS,
    ) -> "Run":
        """Close the books of a run.

        ``starts[producer]``: when latencies began. ``unanswered_since_s``: when the
        requests that are in flight at the end were sent. ``ended_s`` and ``settled`` as of the run;
        ``epochs``: of the last leaders' logs, where leaders changed.
        """
        window = scenario.warmup_s, scenario.horizon_s
        latencies_ms = (
            record_latencies_ms(acks, begun, *window)
            for acks, begun in zip(recorder.acks, starts, strict=True)
        )
        sent = sum(len(begun) for begun in starts)
        appends, truncated = kept_and_cut(
            recorder.appends.in_order_of("appended_s", "partition"), epochs
        )
        return cls(
            scenario,
            seed,
            recorder.requests,
            recorder.batches,
            appends,
            truncated,
            recorder.elections,
            sorted(recorder.decisions, key=_decided),
            recorder.failures,
            recorder.lost,
            recorder.retries,
            recorder.transmissions,
            recorder.transmissions_left_out,
            Ledger.of(recorder, sent, appends),
            Latency.of(chain.from_iterable(latencies_ms)),
            unanswered_since_s,
            ended_s,
            settled,
            recorder.acks,
            starts,
        )

    def summary(self) -> str:
        """Ten lines for a reader: what it carried and what limits it, latencies, the books."""
        return summary(self)

    def __repr__(self) -> str:
        rate = f"{self.records_per_s:,.0f} records/s"
        limit = f"limited by the {self.limit}" if self._inside.any() else "no answer in the window"
        return f"<Run, seed {self.seed}: {rate}, {limit}>"

    def _repr_html_(self) -> str:
        """What a notebook shows of it."""
        return f"<pre>{escape(self.summary())}</pre>"

    def acked_records(self, producer: int) -> Iterator[AckedRecords]:
        """One producer's records of the window, as they were acknowledged: piece by piece.

        They are those of ``latency_ms``, with their numbers and times.
        """
        window = self.scenario.warmup_s, self.scenario.horizon_s
        return acked_records(self._acks[producer], self._starts[producer], *window)

    def request_column(self, name: str) -> Column:
        """One column of the requests, all of the run, as floats."""
        return self.requests.column(name).astype(float)

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        handled_s = self.request_column("handled_s")
        inside: NDArray[np.bool_] = handled_s > self.scenario.warmup_s
        return inside & (handled_s <= self.scenario.horizon_s)

    def _mean(self, column: Column) -> float:
        """Mean over the requests answered in the window; NaN if there are none."""
        return float(column[self._inside].mean()) if self._inside.any() else float("nan")

    @cached_property
    def _connections(self) -> list[Indices]:
        """For each connection its requests in the window, if it has any."""
        connections = self.request_column("producer") * self.scenario.topic.all_brokers
        connections += self.request_column("broker")
        inside = np.unique(connections[self._inside])
        return [np.flatnonzero(self._inside & (connections == each)) for each in inside]

    @cached_property
    def _per_round(self) -> int:
        topic = self.scenario.topic
        return self.scenario.producer.requests_of_a_round(-(-topic.partitions // topic.brokers))

    def _whole_rounds(self, rows: Indices) -> Indices:
        """Of a connection's requests one that marks the start, then as many as make whole rounds;
        none where there is no round."""
        per_round = self._per_round
        rounds = (len(rows) - 1) // per_round
        return rows[: rounds * per_round + 1] if rounds else rows[:0]

    @cached_property
    def too_short(self) -> bool:
        """Whether the window is too short to tell throughput: there are answers, and no round.

        ``records_per_s`` is then a count of so few requests that it may be off by a whole round of
        ``max.in.flight`` of them; a longer ``measured_s`` settles it.
        """
        return bool(self._connections) and not any(
            len(self._whole_rounds(rows)) for rows in self._connections
        )

    @cached_property
    def records_per_s(self) -> float:
        """Acknowledged records per second, over all producers and brokers; see ``too_short``."""
        return sum(self._connection_rate(rows) for rows in self._connections)

    def _connection_rate(self, rows: Indices) -> float:
        """Records per second of one connection, from answer to answer at the broker.

        Where there is no whole round, or the connection was idle at an end of the window for longer
        than its rounds take, it is the count of all of the window's over its length.
        """
        records, measured_s = self.request_column("records"), self.scenario.measured_s
        counted = self._whole_rounds(rows)
        if len(counted):
            ended_s = self._ended_s[counted]
            span_s = float(ended_s[-1] - ended_s[0])
            per_round = self._per_round
            if measured_s - span_s <= IDLE_ROUNDS * span_s / ((len(counted) - 1) // per_round):
                return float(records[counted[1:]].sum()) / span_s
        return float(records[rows].sum()) / measured_s

    @cached_property
    def _ended_s(self) -> Column:
        """When the broker had written each answer; when it was handled, if there was none."""
        answered_s = self.request_column("answered_s")
        return np.where(np.isnan(answered_s), self.request_column("handled_s"), answered_s)

    @property
    def bytes_per_s(self) -> float:
        """Acknowledged value bytes per second."""
        return self.records_per_s * self.scenario.workload.value_bytes

    @cached_property
    def mean_request(self) -> MeanRequest:
        """What the average request that throughput counts carried and cost the broker.

        NaN where none carried an acknowledged record: there is nothing to be the mean of.
        """
        counted = [self._whole_rounds(rows)[1:] for rows in self._connections]
        rows = np.concatenate(counted) if counted else np.empty(0, dtype=int)
        if not len(rows):
            rows = np.flatnonzero(self._inside)
        if not self.request_column("records")[rows].any():
            rows = rows[:0]
        return MeanRequest(
            *(
                float(self.request_column(name)[rows].mean()) if len(rows) else float("nan")
                for name in ("records", "batches", "size_bytes", "service_s")
            )
        )

    @property
    def request_latency_ms(self) -> float:
        """From the request's creation to its handled response (Kafka's request-latency-avg).

        Other clients count from where and to where their own metric does.
        """
        latency = self.scenario.producer.profile.latency
        if latency is Counts.FORMED_TO_HANDLED:
            rtt_s = self.request_column("handled_s") - self.request_column("drained_s")
            return self._mean(rtt_s) * 1e3
        since = "sent_s" if latency is Counts.SENT_TO_READ else "written_s"
        return self._mean(self._read_s - self.request_column(since)) * 1e3

    @cached_property
    def _read_s(self) -> Column:
        """When a client that counts until then had read each answer."""
        scenario = self.scenario
        return self.request_column("received_s") + scenario.client_machine.wake_s(
            scenario.path.rtt_s
        )

    @property
    def batch_fill(self) -> float:
        """Mean batch bytes as a share of ``batch.size``."""
        acked_s = self.batches.column("acked_s")
        inside = (acked_s > self.scenario.warmup_s) & (acked_s <= self.scenario.horizon_s)
        sizes_bytes = self.batches.column("size_bytes")[inside]
        mean_bytes = float(np.mean(sizes_bytes)) if len(sizes_bytes) else float("nan")
        return mean_bytes / self.scenario.producer.batch_size_bytes

    @cached_property
    def in_flight(self) -> tuple[Column, Column]:
        """Requests in flight as a step function: instants, and the level from each on.

        A request counts from its being handed to the socket until its answer was handled
        (InFlightRequests), also if the run ended before that. Other clients count until it is read.
        """
        sent_s = np.append(self.request_column("sent_s"), self.unanswered_since_s)
        until_s = self.in_flight_until_s
        times_s = np.concatenate([until_s, sent_s])  # at one instant an end goes before a start
        steps = np.concatenate([-np.ones(len(until_s)), np.ones(len(sent_s))])
        order = np.argsort(times_s, kind="stable")
        return times_s[order], np.cumsum(steps[order])

    @property
    def in_flight_until_s(self) -> Column:
        """When each answered request no longer counted as in flight."""
        handled_s = self.request_column("handled_s")
        if self.scenario.producer.profile.latency is Counts.FORMED_TO_HANDLED:
            return handled_s
        return np.minimum(handled_s, self._read_s)

    @property
    def mean_in_flight(self) -> float:
        """Time-weighted mean of requests in flight over the window."""
        start_s, end_s = self.scenario.warmup_s, self.scenario.horizon_s
        times_s, levels = self.in_flight
        edges = np.clip(np.append(times_s, np.inf), start_s, end_s)
        return float(np.sum(levels * np.diff(edges)) / (end_s - start_s))

    @cached_property
    def bound(self) -> Bound:
        """The closed-form bound for this run's average request."""
        return bound(self.scenario, self.mean_request)

    @property
    def limit(self) -> str:
        """The resource that sets the bound; means nothing where no answer came in the window."""
        return self.bound.limit


def _decided(row: DecisionRow) -> tuple[float, int]:
    return row.decided_s, row.partition
