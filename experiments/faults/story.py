"""One schedule told as a story: what happened when, what became of the records, and a picture."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.catalogue import QUIET_S
from experiments.faults.harm import Harm
from experiments.faults.story_chart import story_chart
from experiments.faults.story_frames import attempts_of, decisions_of, faults_of, transmissions_of
from experiments.kit.tables import Table, numbers, texts, words
from experiments.kit.world import World
from model import Fault, OpenLoop, Run, Scenario
from model.wire.transmission import NO_REQUEST, Fate, Way

#: What the picture is drawn from, by name.
FRAMES = ("attempts", "decisions", "faults", "transmissions")
#: Ours: records are sent for so long after the last fault; what fails does so within the slack.
AFTER_S, SLACK_S = 3.0, 5.0
#: Ours: what happens within this time of the same kind is one line of the story.
TOGETHER_S = 0.25

#: What is worth a line: not what was only held back for a while.
ON_THE_WAY = {
    Fate.LOST.value: "loses {} on the way",
    Fate.RESENT.value: "delivers {} that TCP sent again",
}

Event = tuple[float, str, int, str]  # when, what happened, to how many, in which words


def scheduled(world: World, faults: tuple[Fault, ...], rate_per_s: float) -> Scenario:
    """The run of a schedule: records until some seconds after it, and time for all to end."""
    until_s = max(fault.until_s for fault in faults) + AFTER_S
    sends = OpenLoop(rate_per_s, records=max(1, round(rate_per_s * until_s)))
    quiet_s = max(QUIET_S, world.own.delivery_timeout_ms / 1e3 + SLACK_S)
    scenario = world.in_trouble(world.own, faults, sends, until_s + quiet_s)
    return replace(scenario, warm_start=False)


def frames_of(run: Run) -> dict[str, pd.DataFrame]:
    """What the picture is drawn from."""
    frames = attempts_of(run), decisions_of(run), faults_of(run.scenario), transmissions_of(run)
    return dict(zip(FRAMES, frames, strict=True))


def draw(frames: Mapping[str, pd.DataFrame], title: str) -> Figure:
    """The picture of a story."""
    attempts, decisions, faults, transmissions = (frames[name] for name in FRAMES)
    return story_chart(attempts, decisions, faults, transmissions, title)


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
    for index, fault in enumerate(faults):
        yield fault.at_s, f"fault {index}", 0, f"FAULT     {fault.what} begins"
        if fault.for_s:
            yield fault.until_s, f"end {index}", 0, f"FAULT     {fault.what} is over"


def _on_the_way(run: Run) -> Iterator[Event]:
    """What was lost, and the copies of it that arrived: requests and answers of any kind."""
    seen: set[tuple[int, str, str]] = set()
    for row in run.transmissions:
        packets = row.request, row.way, row.fate
        if row.fate not in ON_THE_WAY or row.request == NO_REQUEST or packets in seen:
            continue
        seen.add(packets)
        what = "request(s)" if row.way == Way.OUT.value else "answer(s)"
        text = f"NETWORK   {ON_THE_WAY[row.fate]}".format(f"{{count}} {what}")
        yield row.until_s, f"{row.fate} {row.way}", 1, text


def _given_up(run: Run) -> Iterator[Event]:
    for row in run.lost:
        why = f"PRODUCER  gives up {{count}} request(s) in flight: {row.error}"
        yield row.lost_s, f"lost {row.error}", 1, why


def _decisions(run: Run) -> Iterator[Event]:
    for row in run.decisions:
        if row.error == "NONE":
            text = "BROKER    finds {count} duplicate(s): not written, answered with success"
        else:
            text = f"BROKER    refuses {{count}} batch(es): {row.error}"
        yield row.decided_s, f"decided {row.error}", 1, text


def _late(run: Run) -> Iterator[Event]:
    """What a broker wrote of requests that the producer had given up by then."""
    given_up = {row.request: row.lost_s for row in run.lost}
    for row in run.appends:
        if row.appended_s > given_up.get(row.request, float("inf")):
            text = "BROKER    writes {count} record(s) that the producer had given up"
            yield row.appended_s, "late", row.records, text


def _ends(run: Run) -> Iterator[Event]:
    for failed in run.failures:
        text = f"PRODUCER  tells the application that {{count}} record(s) failed: {failed.error}"
        yield failed.failed_s, f"failed {failed.error}", failed.records, text
    retried = sorted((row for row in run.batches if row.attempts), key=attrgetter("acked_s"))
    for duplicate, rows in groupby(retried, key=attrgetter("duplicate")):
        found = "there already" if duplicate else "written now"
        text = f"PRODUCER  gets {{count}} record(s) acknowledged after a retry, {found}"
        for row in rows:
            yield row.acked_s, f"acked {duplicate}", row.records, text


def ledger(harm: Harm) -> Table:
    """The books at the end."""
    counts = {
        "records sent": harm.sent,
        "acknowledged": harm.acked,
        "failed": harm.failed,
        "unfinished": harm.unfinished,
        "duplicates in the log": harm.duplicates,
        "out of order in the log": harm.displaced,
        "acknowledged but missing": harm.acked_missing,
        "failed but present": harm.failed_but_present,
    }
    rows = [texts(name, f"{count:,}") for name, count in counts.items()]
    rows.append(texts("longest stall", f"{harm.stall_s:.3f} s"))
    rows.append(texts("records behind, at worst", f"{harm.behind:,}"))
    rows.append(texts("full speed again after", f"{harm.recovery_s:.2f} s"))
    return Table("The books", [*words("at the end"), *numbers("records")], rows)
