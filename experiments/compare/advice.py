"""What to do, in a few sentences, read off stored rows: conclusion, limit, next step, safety.

What is said of five in flight and one is what the table says, whose producers ran with the same
seeds over the same windows as the changes.
"""

import math
from collections.abc import Iterator

import pandas as pd

from experiments.compare.changes import DEPTH, OWN, SETTING
from experiments.compare.contenders import FIVE, ONE
from experiments.compare.gains import (
    DEEPEST,
    WORTH,
    Tried,
    certain,
    choice,
    gain_over,
    gains,
    judge,
    on_top,
    other_depth,
)
from experiments.kit.estimates import pick, ratio
from experiments.kit.words import limit_words, times
from experiments.kit.world import World
from model.outcome import bound

LEAVE = "Leave your producer's settings as they are"
#: What is said where no change is worth it.
NONE_HELPS = "o producer setting that was tried is sure to"
NUMERALS = {1: "one", 2: "two", 3: "three"}


def advise(world: World, rows: pd.DataFrame, frame: pd.DataFrame) -> str:
    """The sentences, for the world's own distance, from the table's rows and those of changes."""
    here, chosen, safe = (
        pick(rows, rtt_ms=world.rtt_ms),
        choice(frame),
        as_fast_and_safe(world, frame),
    )
    if chosen is not None and DEPTH in chosen.kinds:
        safe = None  # what is set is safe as it is
    said = [] if safe is None else [_safe(safe)]
    said.append(_none(frame, safe) if chosen is None else _set(frame, chosen))
    said += [*_behind(world, frame), *([] if chosen is None else _why_fewer(frame, chosen))]
    if judge(frame) == "p99_ms":
        said.append(_latencies(here))
    else:
        said += _limit(world, frame, chosen)
    said += _five(world, here, chosen)
    return " ".join([*said, *_at_risk(world, chosen, safe)])


def as_fast_and_safe(world: World, frame: pd.DataFrame) -> Tried | None:
    """The user's own made idempotent, at most five in flight, if it is and carries as much."""
    if world.own.enable_idempotence:
        return None
    depth = min(world.own.max_in_flight_requests_per_connection, DEEPEST)
    for it in gains(frame, SETTING):
        if it.kinds == (DEPTH,) and it.in_flight == depth and it.complete:
            return it if it.gain.value * WORTH >= 1 else None
    return None


def _safe(safe: Tried) -> str:
    """The conclusion where safety costs nothing."""
    return f"Set {safe.text}: no slower here, and retries neither duplicate nor reorder."


def _set(frame: pd.DataFrame, chosen: Tried) -> str:
    """The conclusion where a change is worth it; at most two numbers beside the settings."""
    kept = ", order kept" if DEPTH in chosen.kinds else ""
    if judge(frame) == "p99_ms":
        own_ms = gains(frame, OWN)[0].figure
        return (
            f"Set {chosen.text}: a p99 of {chosen.figure:.3g} ms instead of {own_ms:.3g} ms{kept}."
        )
    much = f"{times(chosen.gain.value)} times as much ({chosen.figure:,.0f} records/s)"
    return f"Set {chosen.text}: {much}{kept}."


def _none(frame: pd.DataFrame, safe: Tried | None) -> str:
    """The conclusion where none is."""
    (own,) = gains(frame, OWN)
    opening = f"{LEAVE}: n" if safe is None else "N"
    if judge(frame) == "p99_ms":
        told = f"Your producer carries its rate with a p99 of {own.figure:.3g} ms."
        return f"{opening}{NONE_HELPS} shorten the p99 by 5 %. {told}"
    return f"{opening}{NONE_HELPS} carry 5 % more than its {own.figure:,.0f} records/s."


def _behind(world: World, frame: pd.DataFrame) -> Iterator[str]:
    """Of a rate that the user's own settings do not carry."""
    asked = world.rate_per_s is not None and world.outstanding is None
    if asked and judge(frame) != "p99_ms":
        yield "The rate you named is more than your settings carry."


def _copies(world: World) -> str:
    alone = "; with one copy of each partition, as here, there are none"
    return alone if world.topic.replicas == 1 else ""


def _why_fewer(frame: pd.DataFrame, chosen: Tried) -> Iterator[str]:
    """Why a depth below five is what to set, where five with all else alike are surely worse."""
    deepest = [it for it in gains(frame, OWN, SETTING) if it.in_flight == DEEPEST and it.complete]
    alike = [it for it in deepest if other_depth(it, chosen)]
    if chosen.in_flight == DEEPEST or DEPTH not in chosen.kinds or not alike:
        return
    five = alike[-1]  # the user's own is the first: rather the idempotent one
    if certain(gain_over(frame, chosen, five)):
        numeral = NUMERALS[chosen.in_flight].capitalize()
        why = ", which fill the broker's socket" if five.limit == bound.RECEIVE_WINDOW else ""
        yield f"{numeral} in flight do better than five here{why}."


def _limit(world: World, frame: pd.DataFrame, chosen: Tried | None) -> Iterator[str]:
    """What limits then, and the one step around the producer that would help."""
    limited = gains(frame, OWN)[0] if chosen is None else chosen
    then = "" if chosen is None else "then "
    limits = f"What {then}limits you at {world.rtt_ms:g} ms is {limit_words(limited.limit)}"
    worthy = [it for it in on_top(frame) if it.worth_it]
    if not worthy:
        yield f"{limits}: neither larger sockets nor more brokers are sure to help."
        return
    most = max(it.gain.value for it in worthy)
    step = next(it for it in worthy if it.gain.value * WORTH >= most)  # the first is the simplest
    much = "times as much" if chosen is None else "times that"
    yield f"{limits}."
    yield (
        f"{'With' if chosen is None else 'On top of that,'} {step.text}"
        f"{' it would' if chosen is None else ' would'} carry {times(step.gain.value)} {much},"
        " bandwidth permitting."
    )


def _latencies(here: pd.DataFrame) -> str:
    """What the table says of the latency of five and of one."""
    load = pick(here, phase="load")
    five_ms, one_ms = (pick(load, producer=it)["p99_ms"].mean(skipna=False) for it in (FIVE, ONE))
    if math.isnan(five_ms) and math.isnan(one_ms):
        return "Neither five in flight nor one carry that rate."
    if math.isnan(one_ms):
        return f"Five in flight have a p99 of {five_ms:.3g} ms; one does not carry that rate."
    if math.isnan(five_ms):
        return f"One in flight has a p99 of {one_ms:.3g} ms; five do not carry that rate."
    return f"Five in flight have a p99 of {five_ms:.3g} ms at that rate, one of {one_ms:.3g} ms."


def _five(world: World, here: pd.DataFrame, chosen: Tried | None) -> Iterator[str]:
    """What the table says of five in flight over one, unless that was the conclusion."""
    capacity = pick(here, phase="capacity")
    gain = ratio(pick(capacity, producer=FIVE), pick(capacity, producer=ONE)).value
    own = world.own.max_in_flight_requests_per_connection
    five = "your five" if own == DEEPEST and world.own.enable_idempotence else "five"
    only_five = chosen is not None and chosen.kinds == (DEPTH,) and chosen.in_flight == DEEPEST
    if only_five and own == 1 and world.rate_per_s is None:
        return
    acks = world.own.acks
    with_all = "" if acks == "all" else " with acks=all"
    like = "and all else alike, " if acks == "all" else ""
    one = "one" if acks == "all" else f"one with acks={acks}"
    if 1 / WORTH < gain < WORTH:
        said = f"{five} in flight{with_all} carry no more than {one}"
    else:
        said = f"{five} in flight{with_all} carry {times(gain)} times what {one} does"
    yield f"As fast as they can, {like}{said}."


def _at_risk(world: World, chosen: Tried | None, safe: Tried | None) -> Iterator[str]:
    """What the user's own lose now and then, or what changes of that with a depth that is set."""
    own = world.own
    if safe is None and chosen is not None and DEPTH in chosen.kinds:
        if not own.enable_idempotence:
            yield "With idempotence retries neither duplicate records nor change their order."
            yield from _waits(world)
    elif safe is not None:
        yield from _waits(world)
    elif own.acks == "0":
        yield "With acks=0 the producer never learns that a record was lost."
    elif not own.enable_idempotence:
        several = own.max_in_flight_requests_per_connection > 1
        order = " and change their order" * several
        yield (
            f"With your settings a retry can duplicate records{order};"
            " enable.idempotence=true with acks=all and at most five in flight cannot."
        )


def _waits(world: World) -> Iterator[str]:
    """What acks=all waits for that the user's own do not."""
    if world.own.acks != "all":
        yield (
            f"acks=all waits for all replicas in sync, which acks={world.own.acks} does not"
            f"{_copies(world)}."
        )
