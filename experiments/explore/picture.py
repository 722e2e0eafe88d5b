"""The space-time picture as data: the first requests of a run, and what each of them waited for.

Time is in ms since the producer started. Every number is a column of a recorded row, or the end of
a wait that follows from two of them; what the page draws is drawn from this alone. Left out: what
happened within the kernel, but for what the run recorded of windows and losses.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from model import Run
from model.outcome.facts import BatchRow, LostRow, RequestRow
from model.wire.transmission import NO_REQUEST, Fate

#: Ours: requests that are drawn, of a calm run and of one with a fault.
MOST, MOST_TROUBLED = 150, 1_500
#: What happens to a request, in order: name to what a reader is told.
MOMENTS: Mapping[str, str] = {
    "created": "its first batch was opened",
    "drained": "drained: taken from the queue, and numbered",
    "sent": "handed to the socket",
    "written": "wholly in the socket",
    "arrived": "all of it at the broker",
    "taken": "read; the broker mutes the connection",
    "appended": "appended to the log",
    "answered": "acknowledged by the broker, which listens to the connection again",
    "received": "the ack is back",
    "handled": "the ack is handled: its memory is free again",
    "lost": "given up by the producer",
}
#: What it waited for until then, by the same names.
WAITS = (
    "",
    "records to fill the batch, or linger.ms",
    "a free place among the requests in flight",
    "the Sender thread",
    "room in the socket's send buffer",
    "the broker's receive window",
    "TCP's congestion window",
    "a lost packet before it, to be sent again",
    "its way to the broker",
    "the broker, which works on the request before it",
    "a thread of the broker",
    "the broker's work, and its turn at the log",
    "the followers, which fetch it",
    "the answer to be written",
    "its way back",
    "the client, which wakes up and gets to it",
    "an answer that did not come",
)
FILL, PLACE, SENDER, BUFFER, WINDOW, CONGESTION, LOSS, OUT, MUTED, THREAD = range(1, 11)
WORK, FOLLOWERS, ANSWER, BACK, CLIENT, NOTHING = range(11, 17)
HELD = {
    "send buffer": BUFFER,
    "receive window": WINDOW,
    "congestion window": CONGESTION,
    "a loss before it": LOSS,
}


def drawn(run: Run, most: int = MOST) -> dict[str, Any]:
    """What the page draws of a run: requests as they were sent, column by column.

    ``waits`` has an index into WAITS for each moment of each request. ``lost`` are packets that
    never arrived, and ``held`` what waited for a window: [from, until, request, why].
    """
    ended: list[RequestRow | LostRow] = [*run.requests, *run.lost]
    ended = sorted(ended, key=lambda row: (row.sent_s, row.request))[:most]
    batches, appended_s = _batches(run), dict[int, float]()
    for append in run.appends:
        appended_s[append.request] = append.appended_s
    requests = [_moments(row, batches[row.request], appended_s) for row in ended]
    waits = _waits(run, ended, requests)
    named = {name: [each[name] for each in requests] for name in MOMENTS}
    numbers = {row.request: place for place, row in enumerate(ended)}
    return {
        **named,
        "waits": waits,
        "records": [row.records for row in ended],
        "batches": [row.batches for row in ended],
        "bytes": [getattr(row, "size_bytes", None) for row in ended],
        "sequence": [_sequence(row, batches[row.request]) for row in ended],
        "error": [getattr(row, "error", "") for row in ended],
        "retries": [dict(run.retries).get(row.request, 0) for row in ended]
        if len(run.retries)
        else [0] * len(ended),
        "one_way_ms": run.scenario.path.one_way_s * 1e3,
        "in_all": len(run.requests) + len(run.lost),
        "losses": list(_losses(run, numbers)),
        "held": list(_held(run, numbers)),
        "faults": [[fault.at_s * 1e3, fault.until_s * 1e3] for fault in run.scenario.faults],
    }


def _batches(run: Run) -> dict[int, list[BatchRow]]:
    """Acknowledged batches by request."""
    found = defaultdict[int, list[BatchRow]](list)
    for row in run.batches:
        found[row.request].append(row)
    return found


def _moments(
    row: RequestRow | LostRow, batches: Sequence[BatchRow], appended_s: Mapping[int, float]
) -> dict[str, float | None]:
    """Instants by name, in ms; None for what did not happen, or was not recorded."""
    instants = {
        **row._asdict(),
        "created_s": min((batch.created_s for batch in batches), default=math.nan),
        "appended_s": appended_s.get(row.request, math.nan),
    }
    return {name: _ms(instants.get(f"{name}_s", math.nan)) for name in MOMENTS}


def _ms(at_s: float) -> float | None:
    """To 0.1 microseconds, which no screen shows."""
    return round(at_s * 1e3, 4) if math.isfinite(at_s) else None


def _sequence(row: RequestRow | LostRow, batches: Sequence[BatchRow]) -> int:
    """The first sequence number; -1 without one."""
    return (
        row.first_sequence
        if isinstance(row, LostRow)
        else min((batch.base_sequence for batch in batches), default=-1)
    )


Moments = Mapping[str, float | None]


def _waits(
    run: Run, ended: Sequence[RequestRow | LostRow], requests: Sequence[Moments]
) -> list[list[int]]:
    """For each request and moment what was waited for until then."""
    held = dict[int, int]()
    for found in run.transmissions:
        if found.fate == Fate.HELD_BACK.value and found.way == "out":
            held[found.request] = HELD.get(found.held_by, BUFFER)
    depth = run.scenario.producer.max_in_flight_requests_per_connection
    has_followers = run.scenario.topic.replicas > 1 and run.scenario.producer.acks == "all"
    handled = [_end(each) for each in requests]
    told = []
    for place, (row, at) in enumerate(zip(ended, requests, strict=True)):
        before = requests[place - 1] if place else None
        freed = sorted(handled[:place])[place - depth] if place >= depth else -math.inf
        waits = dict.fromkeys(MOMENTS, 0)
        waits |= {"drained": PLACE if freed > (at["created"] or 0.0) else FILL, "sent": SENDER}
        waits |= {"written": held.get(row.request, BUFFER), "arrived": OUT}
        waits["taken"] = (
            MUTED if before and _end(before, "answered") >= (at["arrived"] or 0) else THREAD
        )
        waits |= {"appended": WORK, "answered": FOLLOWERS if has_followers else ANSWER}
        waits |= {"received": BACK, "handled": CLIENT, "lost": NOTHING}
        told.append(list(waits.values()))
    return told


def _end(at: Moments, moment: str = "handled") -> float:
    """When a moment came; where there was none, when the request was given up."""
    found = at[moment]
    return found if found is not None else at["lost"] or math.inf


def _losses(run: Run, numbers: Mapping[int, int]) -> Iterator[list[Any]]:
    """Packets of drawn requests that were lost: [when, request, way]."""
    for row in run.transmissions:
        if row.fate == Fate.LOST.value and row.request != NO_REQUEST and row.request in numbers:
            yield [_ms(row.from_s), numbers[row.request], row.way]


def _held(run: Run, numbers: Mapping[int, int]) -> Iterator[list[Any]]:
    """What of drawn requests waited for a window: [from, until, request, why]."""
    for row in run.transmissions:
        if row.fate == Fate.HELD_BACK.value and row.request in numbers and row.way == "out":
            why = HELD.get(row.held_by, BUFFER)
            yield [_ms(row.from_s), _ms(row.until_s), numbers[row.request], why]
