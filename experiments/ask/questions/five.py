"""Question 6: why not more than five requests in flight? What more would carry, and what a broker
remembers of a producer: the rule of its log itself is asked, batch by batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.ask.base import Base
from experiments.ask.charts import COLOURS, LAW, line, panels, thousands
from experiments.ask.frames import only, pick, ratio
from experiments.ask.horizon import over_windows
from experiments.ask.measures import figures
from experiments.ask.question import Question
from experiments.ask.task import Row, Task
from experiments.ask.words import plain, within
from experiments.compare.question import MEASURED_REQUESTS
from experiments.kit.style import FAINT
from model import ConfigError, Scenario
from model.broker.unified_log import BATCHES_REMEMBERED, UnifiedLog
from model.wire.batches import Numbers

DEPTHS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
LARGEST = DEPTHS[-1]
REPLICATIONS = 3
QUEUED, ROUNDS = 3, 5
RECORD_BYTES = 1_000  # of the batches that are sent again; the rule does not look at it


@dataclass(frozen=True, slots=True)
class Resent:
    """So many batches are written, all their answers lost, and all of them are sent again."""

    in_flight: int

    def rows(self) -> list[Row]:
        """How many of them the log finds again."""
        log, sent = UnifiedLog(), [Numbers(1, 0, number) for number in range(self.in_flight)]
        for numbers in sent:
            log.append(numbers, records=1, size_bytes=RECORD_BYTES)
        found = sum(
            log.append(numbers, records=1, size_bytes=RECORD_BYTES).duplicate for numbers in sent
        )
        return [{"phase": "resent", "in_flight": self.in_flight, "found": found}]


def tasks(base: Base) -> Iterator[Task]:
    """Every depth without idempotence, those up to five also with it, and the log's memory."""
    for idempotent in (False, True):
        for depth in DEPTHS[: DEPTHS.index(5) + 1] if idempotent else DEPTHS:
            scenario = _deep_enough(
                base.at_full_load(base.in_flight(depth, idempotent), base.rtt_ms)
            )
            point = {"phase": "rate", "in_flight": depth, "idempotent": idempotent}
            point |= {"rtt_ms": base.rtt_ms, "client_says": _refusal(base, LARGEST)}
            yield from base.replicated(point, scenario, figures, REPLICATIONS)
    yield from (Resent(depth) for depth in range(1, LARGEST + 1))


def _deep_enough(scenario: Scenario) -> Scenario:
    """Memory for batches to wait behind the deepest window, and several rounds of it to look at."""
    producer, depth = scenario.producer, scenario.producer.max_in_flight_requests_per_connection
    memory = max(producer.buffer_memory_bytes, QUEUED * LARGEST * producer.batch_size_bytes)
    deep = replace(scenario, producer=replace(producer, buffer_memory_bytes=memory))
    return over_windows(deep, ROUNDS * depth, max(MEASURED_REQUESTS, 2 * ROUNDS * depth))


def _refusal(base: Base, depth: int) -> str:
    """What the client says to idempotence at this depth; empty if it agrees."""
    try:
        base.in_flight(depth, idempotent=True)
    except ConfigError as error:
        return str(error)
    return ""


def answer(rows: pd.DataFrame) -> str:
    """What five gain and more would, and what the broker would no longer notice."""
    rates, resent = pick(rows, phase="rate"), pick(rows, phase="resent")
    plain_rates = pick(rates, idempotent=False)
    one, five, most = (pick(plain_rates, in_flight=depth) for depth in (1, 5, LARGEST))
    whole = int(resent.loc[resent["found"] == resent["in_flight"], "in_flight"].max())
    forgotten = pick(resent, in_flight=LARGEST)
    return (
        f"Because a broker remembers the last {whole} batches of a producer in a partition: if the"
        f" answers to {LARGEST} are lost and all are sent again, it finds"
        f" {forgotten['found'].iloc[0]:.0f} of them and cannot tell that it has the other"
        f" {LARGEST - forgotten['found'].iloc[0]:.0f}. So the client refuses it"
        f" ({only(rates, 'client_says')}). At {only(rates, 'rtt_ms'):g} ms five carry"
        f" {within(ratio(five, one))} times as much as one, and {LARGEST} without idempotence"
        f" {within(ratio(most, five))} times as much as five ({plain(most['records_per_s'].mean())}"
        f" records/s, limited by the {only(most, 'limit')})."
    )


def draw(rows: pd.DataFrame) -> Figure:
    """Throughput over the depth, and what the broker finds again of what is sent again."""
    chart, (rates, found) = panels("Up to five, and why not more", 2)
    both = pick(rows, phase="rate")
    bounds = pick(both, idempotent=False).groupby("in_flight")["bound_records_per_s"].mean()
    rates.plot(bounds.index, bounds.to_numpy(), label="bound", **LAW)
    line(rates, pick(both, idempotent=False), "in_flight", "records_per_s", 1, "not idempotent")
    line(rates, pick(both, idempotent=True), "in_flight", "records_per_s", 0, "idempotent", ms=7)
    rates.set_xlabel("max.in.flight.requests.per.connection")
    rates.set_ylabel("records per second, acknowledged")
    rates.set_ylim(bottom=0)
    thousands(rates)
    rates.legend(frameon=False, loc="upper left")
    resent = pick(rows, phase="resent")
    lost = resent["in_flight"] - resent["found"]
    found.bar(resent["in_flight"], resent["found"], color=COLOURS[0], label="found again")
    found.bar(
        resent["in_flight"], lost, bottom=resent["found"], color=COLOURS[1], label="not recognised"
    )
    found.axvline(BATCHES_REMEMBERED + 0.5, color=FAINT, lw=0.8, ls=":")
    found.set_xlabel("batches in flight whose answers are lost, all sent again")
    found.set_ylabel("batches")
    for axes in (rates, found):
        axes.set_xticks([1, 5, 10, 15, 20])
    found.yaxis.set_major_locator(MaxNLocator(integer=True))
    found.legend(frameon=False, loc="upper left")
    return chart


QUESTION = Question(
    number=6,
    text="Why not more than 5 in flight?",
    aliases=("five", "more-than-five"),
    tasks=tasks,
    draw=draw,
    answer=answer,
    assumption="full batches and one partition; with more partitions a request carries more, and"
    " larger depths gain less before the connection's window or the broker ends it",
)
