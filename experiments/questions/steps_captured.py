"""The rows of a few requests from a packet capture of their run: flights, losses, words of room.

They are tables under each other, told apart by ``table``. Times in ms, and positions in bytes, from
the first request that is kept. Left out: connections that were made anew.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from experiments.kit.experiment import Row
from model import Run
from model.outcome.capture import Capture
from model.outcome.facts import RequestRow
from model.simulation import captured
from model.wire.flights import Flight, Word
from model.wire.transmission import Fate, Way

#: Requests kept around a loss: the one before it, and those after the one that it hit.
AHEAD, BEHIND = 1, 2
#: Instants closer than this are one: no flight leaves so soon behind another.
SAME_S = 1e-6


def steps(run: Run) -> list[Row]:
    """The rows of the run's kept requests, from a capture of the same run."""
    run, capture = captured(run.scenario, run.seed)
    kept = kept_requests(run, capture)
    if not kept:
        return []
    ends = kept[0].producer, kept[0].broker
    flights = [each.flight for each in capture.flights if each[:2] == ends]
    of_request = {
        row.request: [each for each in flights if each.request == row.request] for row in kept
    }
    start_s, start = kept[0].sent_s, of_request[kept[0].request][0].start
    rows: list[Row] = []
    for place, row in enumerate(kept):
        of = of_request[row.request]
        found = _request(row, of, start, start_s), *_flights(run, row.request, of, start, start_s)
        rows += [{**each, "place": place} for each in found]
    told = [each.word for each in capture.words if each[:2] == ends]
    rows += _words(told, start, start_s, max(row.received_s for row in kept))
    return rows


def kept_requests(run: Run, capture: Capture) -> list[RequestRow]:
    """One connection's first after the warm-up, as many as may be in flight; or around a loss.

    That is the first loss that cost a round trip, or the first of all.
    """
    in_order = sorted(run.requests, key=lambda row: row.sent_s)
    later = [row for row in in_order if row.sent_s > run.scenario.warmup_s]
    later = [row for row in later if row[1:3] == later[0][1:3]]
    if not run.scenario.path.loss:
        return later[: run.scenario.producer.max_in_flight_requests_per_connection]
    flights = defaultdict[int, list[Flight]](list)
    for each in capture.flights:
        flights[each.flight.request].append(each.flight)
    trips = [round_trips(flights[row.request]) for row in later]
    hit = [
        at
        for at, row in enumerate(later)
        if at >= AHEAD and any(each.lost for each in flights[row.request])
    ]
    first = next((at for at in hit if trips[at] > trips[at - 1]), next(iter(hit), AHEAD))
    return later[first - AHEAD : first + 1 + BEHIND]


def round_trips(flights: Sequence[Flight]) -> int:
    """Of one request: how often it waited for word of what it had sent before, and once more.

    A flight is of a later round trip than another if word of that one could be back before it left.
    """
    rounds, back_s = 0, -math.inf
    for each in sorted(flights, key=lambda flight: flight.left_s):
        if each.left_s > back_s - SAME_S:
            rounds, back_s = rounds + 1, each.left_s + 2 * (each.arrives_s - each.left_s)
    return rounds


def _request(row: RequestRow, flights: Sequence[Flight], start: int, start_s: float) -> Row:
    there_s = max(each.arrives_s for each in flights)
    instants = row.sent_s, there_s, row.arrived_s, row.answered_s, row.received_s
    names = ("sent_ms", "arrived_ms", "read_ms", "answered_ms", "received_ms")
    return {
        "table": "request",
        "size_bytes": row.size_bytes,
        "piece_segments": flights[0].piece,
        "start_bytes": flights[0].start - start,
        "end_bytes": flights[0].start - start + row.size_bytes,
        **{name: _ms(at_s, start_s) for name, at_s in zip(names, instants, strict=True)},
        "flights": len({round(each.left_s / SAME_S) for each in flights}),
        "round_trips": round_trips(flights),
        "lost": sum(len(each.lost) for each in flights),
        "resent": sum(each.again for each in flights),
    }


def _flights(
    run: Run, request: int, flights: Sequence[Flight], start: int, start_s: float
) -> Iterator[Row]:
    """Each flight, with what had held it back, and each range of it that was lost."""
    held = {
        round(row.until_s / SAME_S): row.held_by
        for row in run.transmissions
        if (row.request, row.way, row.fate) == (request, Way.OUT.value, Fate.HELD_BACK.value)
    }
    for each in flights:
        times_ms = {
            "left_ms": _ms(each.left_s, start_s),
            "arrived_ms": _ms(each.arrives_s, start_s),
        }
        yield {
            "table": "flight",
            "start_bytes": each.start - start,
            "end_bytes": each.end - start,
            "again": int(each.again),
            "held_by": held.get(round(each.left_s / SAME_S), ""),
            **times_ms,
        }
        for begin, end in each.lost:
            bytes_of = {"start_bytes": begin - start, "end_bytes": end - start}
            yield {"table": "lost", **bytes_of, **times_ms}


def _words(told: Sequence[Word], start: int, start_s: float, until_s: float) -> Iterator[Row]:
    """What the client knows of room at the beginning, and each word that comes until the end."""
    before = [word for word in told if word.known_s <= start_s][-1:]
    for word in [*before, *(each for each in told if start_s < each.known_s <= until_s)]:
        yield {
            "table": "word",
            "end_bytes": word.received - start,
            "read_bytes": word.read - start,
            "edge_bytes": word.edge - start if math.isfinite(word.edge) else math.nan,
            "told_ms": _ms(word.told_s, start_s),
            "known_ms": _ms(word.known_s, start_s),
        }


def _ms(at_s: float, start_s: float) -> float:
    return (at_s - start_s) * 1e3
