"""One schedule told as a story: what happened when, and what became of the records."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from rich.box import SIMPLE
from rich.table import Table

from experiments.faults.harm import Harm
from model import Fault, Run
from model.wire.transmission import NO_REQUEST, Fate, Way

#: Ours: what happens within this time of the same kind is one line of the story.
TOGETHER_S = 0.25

#: What is worth a line: not what was only held back for a while.
ON_THE_WAY = {
    Fate.LOST.value: "loses {} on the way",
    Fate.RESENT.value: "delivers {} that TCP sent again",
}

Event = tuple[float, str, int, str]  # when, what happened, to how many, in which words


def timeline(run: Run) -> list[str]:
    """The lines of the story, in the order of time."""
    events = sorted(
        [
            *_faults(run.scenario.faults),
            *_on_the_way(run),
            *_given_up(run),
            *_decisions(run),
            *_late(run),
            *_ends(run),
        ]
    )
    return [
        f"{first[0]:8.3f} s  {first[3].format(count=count)}" for first, count in _together(events)
    ]


def _together(events: list[Event]) -> Iterator[tuple[Event, int]]:
    """Events of a kind that follow each other closely as one, with their counts added up."""
    first: Event | None = None
    count = 0
    for event in events:
        if first is not None and event[1] == first[1] and event[0] - first[0] <= TOGETHER_S:
            count += event[2]
            continue
        if first is not None:
            yield first, count
        first, count = event, event[2]
    if first is not None:
        yield first, count


def _faults(faults: tuple[Fault, ...]) -> Iterator[Event]:
    for place, fault in enumerate(faults):
        yield fault.at_s, f"fault {place}", 0, f"FAULT     {fault.what} begins"
        if fault.for_s:
            yield fault.until_s, f"end {place}", 0, f"FAULT     {fault.what} is over"


def _on_the_way(run: Run) -> Iterator[Event]:
    """What was lost, and the copies of it that arrived: requests and answers of any kind."""
    seen: set[tuple[int, str, str]] = set()
    for row in run.transmissions:
        packets = row.request, row.way, row.fate
        if row.fate not in ON_THE_WAY or row.request == NO_REQUEST or packets in seen:
            continue
        seen.add(packets)
        what = "request(s)" if row.way == Way.OUT.value else "answer(s)"
        words = f"NETWORK   {ON_THE_WAY[row.fate]}".format(f"{{count}} {what}")
        yield row.until_s, f"{row.fate} {row.way}", 1, words


def _given_up(run: Run) -> Iterator[Event]:
    for row in run.lost:
        why = f"PRODUCER  gives up {{count}} request(s) in flight: {row.error}"
        yield row.lost_s, f"lost {row.error}", 1, why


def _decisions(run: Run) -> Iterator[Event]:
    for row in run.decisions:
        if row.error == "NONE":
            told = "BROKER    finds {count} duplicate(s): not written, answered with success"
        else:
            told = f"BROKER    refuses {{count}} batch(es): {row.error}"
        yield row.decided_s, f"decided {row.error}", 1, told


def _late(run: Run) -> Iterator[Event]:
    """What a broker wrote of requests that the producer had given up by then."""
    given_up = {row.request: row.lost_s for row in run.lost}
    for row in run.appends:
        if row.appended_s > given_up.get(row.request, float("inf")):
            told = "BROKER    writes {count} record(s) that the producer had given up"
            yield row.appended_s, "late", row.records, told


def _ends(run: Run) -> Iterator[Event]:
    for failed in run.failures:
        told = f"PRODUCER  tells the application that {{count}} record(s) failed: {failed.error}"
        yield failed.failed_s, f"failed {failed.error}", failed.records, told
    retried = sorted((row for row in run.batches if row.attempts), key=attrgetter("acked_s"))
    for duplicate, rows in groupby(retried, key=attrgetter("duplicate")):
        found = "there already" if duplicate else "written now"
        told = f"PRODUCER  gets {{count}} record(s) acknowledged after a retry, {found}"
        for row in rows:
            yield row.acked_s, f"acked {duplicate}", row.records, told


def ledger(harm: Harm) -> Table:
    """The books at the end."""
    table = Table(title="The books", title_justify="left", box=SIMPLE, show_header=False)
    for name, count in (
        ("records sent", harm.sent),
        ("acknowledged", harm.acked),
        ("failed", harm.failed),
        ("unfinished", harm.unfinished),
        ("duplicates in the log", harm.duplicates),
        ("out of order in the log", harm.displaced),
        ("acknowledged but missing", harm.acked_missing),
        ("failed but present", harm.failed_but_present),
    ):
        table.add_row(name, f"{count:,}")
    table.add_row("longest stall", f"{harm.stall_s:.3f} s")
    table.add_row("records behind, at worst", f"{harm.behind:,}")
    table.add_row("full speed again after", f"{harm.recovery_s:.2f} s")
    return table
