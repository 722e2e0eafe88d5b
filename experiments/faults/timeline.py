"""One schedule told as a story: what happened when, line by line."""

import math
from collections import defaultdict
from collections.abc import Iterator

from model import Run, Scenario
from model.outcome.facts import AppendRow, BatchRow
from model.wire.transmission import NO_REQUEST, Fate, Way

#: Ours: what happens within this time of the same kind is one line of the story.
TOGETHER_S = 0.25
#: What is worth a line: not what was only held back for a while.
ON_THE_WAY = {
    Fate.LOST.value: "NETWORK   loses {{count}} {}(s) on the way",
    Fate.RESENT.value: "NETWORK   delivers {{count}} {}(s) that TCP sent again",
}

Event = tuple[float, str, int]  # when, in which words, to how many


def timeline(run: Run) -> list[str]:
    """The lines of the story, in the order of time."""
    lines: list[Event] = []
    events = [
        *_faults(run.scenario),
        *_on_the_way(run),
        *_producer(run),
        *_turned_round(run),
        *_broker(run),
    ]
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
    again = {row.request for row, copies in with_copies(run) if copies}
    for batch in run.batches:
        if batch.retries:
            written = "written a second time" if batch.request in again else "written now"
            found = "there already" if batch.found_again else written
            text = f"PRODUCER  gets {{count}} record(s) acknowledged after a retry, {found}"
            yield batch.acked_s, text, batch.records


def _turned_round(run: Run) -> Iterator[Event]:
    """Retries that leave before older ones of their partition, and why they do."""
    latest = dict[tuple[int, int], BatchRow]()
    retried = (row for row in run.batches if row.retries)
    for row in sorted(retried, key=lambda row: (row.drained_s, row.request)):
        before = latest.get((row.producer, row.partition))
        if before and row.created_s < before.created_s:
            text = (
                "PRODUCER  sends them again newest first: without sequence numbers each batch given"
                " up goes to the head of the queue"
            )
            yield before.drained_s, text, 1
        latest[row.producer, row.partition] = row


def _broker(run: Run) -> Iterator[Event]:
    for row in run.decisions:
        text = f"BROKER    refuses {{count}} batch(es): {row.error}"
        if row.error == "NONE":
            text = "BROKER    knows {count} batch(es) already: not written, answered with success"
        yield row.decided_s, text, 1
    given_up_s = given_up_times(run)
    for written, copies in with_copies(run):
        if copies:
            text = "BROKER    writes {count} record(s) a second time: they are in its log already"
            yield written.appended_s, text, copies
        elif written.appended_s > given_up_s[written.request]:
            text = "BROKER    writes {count} record(s) that the producer had given up"
            yield written.appended_s, text, written.records


def with_copies(run: Run) -> Iterator[tuple[AppendRow, int]]:
    """Each append, and how many of its records its partition's log had already."""
    written = defaultdict[tuple[int, int], set[int]](set)
    for row in run.appends:
        had = written[row.partition, row.producer]
        records = range(row.first_record, row.first_record + row.records)
        yield row, len(had.intersection(records))
        had.update(records)


def given_up_times(run: Run) -> dict[int, float]:
    """When the producer gave each request up; infinity for the others."""
    return defaultdict(lambda: math.inf, {row.request: row.lost_s for row in run.lost})
