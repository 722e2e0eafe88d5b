"""One schedule told as a story: what happened when, and the frames that its picture is drawn from.

Frames are requests, what became of them on their way, decisions and faults; their times in ms.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from experiments.faults.catalogue import QUIET_S
from experiments.kit.world import World
from model import ConfigError, Fault, OpenLoop, Run, Scenario, TopicConfig
from model.outcome.facts import LostRow, RequestRow
from model.wire.batches import NO_SEQUENCE
from model.wire.transmission import NO_REQUEST, Fate, Way

#: What a broker did with a batch.
WRITTEN, WRITTEN_LATE, DUPLICATE = "written", "written after the producer gave it up", "duplicate"
ATTEMPT_COLUMNS = (
    *("request", "broker", "outcome", "attempt", "base_sequence"),
    *("sent_ms", "arrived_ms", "answered_ms", "received_ms", "ended_ms", "one_way_ms"),
)
TRANSMISSION_COLUMNS = ("request", "way", "fate", "held_by", "start_ms", "end_ms")
#: What the picture is drawn from, by name.
FRAMES = ("attempts", "decisions", "faults", "transmissions")
#: Ours: records are sent for so long after the last fault; what fails does so within the slack.
AFTER_S, SLACK_S = 3.0, 5.0
#: Ours: what happens within this time of the same kind is one line of the story.
TOGETHER_S = 0.25
#: What is worth a line: not what was only held back for a while.
ON_THE_WAY = {
    Fate.LOST.value: "NETWORK   loses {{count}} {}(s) on the way",
    Fate.RESENT.value: "NETWORK   delivers {{count}} {}(s) that TCP sent again",
}

Event = tuple[float, str, int]  # when, in which words, to how many


def scheduled(world: World, faults: tuple[Fault, ...], rate_per_s: float) -> Scenario:
    """The run of a schedule: records until some seconds after it, and time for all to end.

    Raises ConfigError for a fault of a broker to which no record goes: it would look harmless.
    """
    for fault in faults:
        if fault.broker is not None:
            _require_a_leader(world.topic, fault.broker)
    until_s = max(fault.until_s for fault in faults) + AFTER_S
    sends = OpenLoop(rate_per_s, records=max(1, round(rate_per_s * until_s)))
    quiet_s = max(QUIET_S, world.own.delivery_timeout_ms / 1e3 + SLACK_S)
    scenario = world.in_trouble(world.own, faults, sends, until_s + quiet_s)
    return replace(scenario, warm_start=False)


def _require_a_leader(topic: TopicConfig, broker: int) -> None:
    """In a topic of one copy nothing goes to another broker; brokers that are none at all are
    refused with the scenario."""
    if topic.replicas > 1 or broker >= topic.brokers or topic.led_by(broker):
        return
    rule = (
        f"leads no partition of {topic.partitions}, so that its faults would reach no record: give"
        f" --partitions {broker + 1} or more, or name another broker (they count from 0)"
    )
    raise ConfigError("broker", broker, rule)


def frames_of(run: Run) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from."""
    frames = attempts_of(run), decisions_of(run), faults_of(run.scenario), transmissions_of(run)
    return dict(zip(FRAMES, frames, strict=True))


def attempts_of(run: Run) -> pd.DataFrame:
    """A row for each produce request, answered or lost; NaN for places that it never reached.

    ``outcome``: acked, duplicate (acknowledged because it was there), error, or why it was lost;
    ``attempt`` counts the earlier ones of its first batch.
    """
    batches, retries = {row.request: row for row in reversed(run.batches)}, dict(run.retries)
    rows: list[tuple[object, ...]] = []
    ended: list[RequestRow | LostRow] = [*run.requests, *run.lost]
    for row in sorted(ended, key=lambda row: (row.sent_s, row.request)):
        if isinstance(row, LostRow):
            outcome, sequence, end_s = row.error, row.first_sequence, (math.nan, row.lost_s)
        else:
            batch, end_s = batches.get(row.request), (row.received_s, row.handled_s)
            sequence = batch.base_sequence if batch else NO_SEQUENCE
            outcome = "error" if batch is None else DUPLICATE if batch.found_again else "acked"
        one_way_s = run.scenario.path_to(row.broker).one_way_s
        times_s = row.sent_s, row.arrived_s, row.answered_s, *end_s, one_way_s
        name = row.request, row.broker, outcome, retries.get(row.request, 0), sequence
        rows.append((*name, *(time_s * 1e3 for time_s in times_s)))
    return pd.DataFrame(rows, columns=list(ATTEMPT_COLUMNS))


def transmissions_of(run: Run) -> pd.DataFrame:
    """What was lost, sent again, held back or cut off on the way, as the model recorded it."""
    rows = [
        (row.request, row.way, row.fate, row.held_by, row.from_s * 1e3, row.until_s * 1e3)
        for row in run.transmissions
    ]
    return pd.DataFrame(rows, columns=list(TRANSMISSION_COLUMNS))


def decisions_of(run: Run) -> pd.DataFrame:
    """What a broker did with each batch: written, written late, duplicate, or the error it gave.

    ``first_record`` is the batch's lowest record number.
    """
    given_up_s, rows = _given_up_s(run), []
    for row in run.appends:
        done = WRITTEN_LATE if row.appended_s > given_up_s[row.request] else WRITTEN
        rows.append((row.appended_s * 1e3, row.request, done, row.first_record))
    for no in run.decisions:
        done = DUPLICATE if no.error == "NONE" else no.error
        rows.append((no.decided_s * 1e3, no.request, done, no.first_record))
    frame = pd.DataFrame(rows, columns=["decided_ms", "request", "decision", "first_record"])
    first = frame.groupby(["decided_ms", "request", "decision"], as_index=False).min()
    return first.sort_values("decided_ms", ignore_index=True)


def faults_of(scenario: Scenario) -> pd.DataFrame:
    """The schedule; a fault that is over at once has its start as its end."""
    rows = [(fault.what, fault.at_s * 1e3, fault.until_s * 1e3) for fault in scenario.faults]
    return pd.DataFrame(rows, columns=["what", "start_ms", "end_ms"])


def _given_up_s(run: Run) -> dict[int, float]:
    """When the producer gave each request up; infinity for the others."""
    return defaultdict(lambda: math.inf, {row.request: row.lost_s for row in run.lost})


def timeline(run: Run) -> list[str]:
    """The lines of the story, in the order of time."""
    lines: list[Event] = []
    events = [*_faults(run.scenario), *_on_the_way(run), *_producer(run), *_broker(run)]
    for at_s, text, count in sorted(events):
        if lines and lines[-1][1] == text and at_s - lines[-1][0] <= TOGETHER_S:
            first_s, _, before = lines.pop()
            lines.append((first_s, text, before + count))
        else:
            lines.append((at_s, text, count))
    return [f"{at_s:8.3f} s  {text.format(count=count)}" for at_s, text, count in lines]


def _faults(scenario: Scenario) -> Iterator[Event]:
    for fault in scenario.faults:
        yield fault.at_s, f"FAULT     {fault.what} begins", 1
        if fault.for_s:
            yield fault.until_s, f"FAULT     {fault.what} is over", 1


def _on_the_way(run: Run) -> Iterator[Event]:
    """What was lost, and the copies of it that arrived: requests and answers of any kind."""
    seen: set[tuple[int, str, str]] = set()
    for row in run.transmissions:
        packets = row.request, row.way, row.fate
        if row.fate in ON_THE_WAY and row.request != NO_REQUEST and packets not in seen:
            seen.add(packets)
            what = "request" if row.way == Way.OUT.value else "answer"
            yield row.until_s, ON_THE_WAY[row.fate].format(what), 1


def _producer(run: Run) -> Iterator[Event]:
    for lost in run.lost:
        yield lost.lost_s, f"PRODUCER  gives up {{count}} request(s) in flight: {lost.error}", 1
    for failed in run.failures:
        text = f"PRODUCER  tells the application that {{count}} record(s) failed: {failed.error}"
        yield failed.failed_s, text, failed.records
    for batch in run.batches:
        if batch.retries:
            found = "there already" if batch.found_again else "written now"
            text = f"PRODUCER  gets {{count}} record(s) acknowledged after a retry, {found}"
            yield batch.acked_s, text, batch.records


def _broker(run: Run) -> Iterator[Event]:
    for row in run.decisions:
        text = f"BROKER    refuses {{count}} batch(es): {row.error}"
        if row.error == "NONE":
            text = "BROKER    finds {count} duplicate(s): not written, answered with success"
        yield row.decided_s, text, 1
    given_up_s = _given_up_s(run)
    for late in run.appends:
        if late.appended_s > given_up_s[late.request]:
            text = "BROKER    writes {count} record(s) that the producer had given up"
            yield late.appended_s, text, late.records
