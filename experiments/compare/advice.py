"""What to do, in a few sentences, read off stored rows: conclusion first, then the reasons.

What is said of five in flight and one is what the table says, whose producers ran with the same
seeds over the same windows as the changes.
"""

import math
from collections.abc import Iterator

import pandas as pd

from experiments.compare.changes import AROUND, DEPTH, OWN
from experiments.compare.contenders import FIVE, ONE, contenders
from experiments.compare.gains import WORTH, Tried, choice, gains
from experiments.kit.estimates import only, pick, ratio
from experiments.kit.loads import fills_receive_window
from experiments.kit.words import limit_words, times
from experiments.kit.world import World
from model.outcome import bound

LEAVE = "Leave your settings as they are"
DEEPEST = 5
NUMERALS = {1: "one", 2: "two", 3: "three"}


def advise(world: World, rows: pd.DataFrame, frame: pd.DataFrame) -> str:
    """The sentences, for the world's own distance, from the table's rows and those of changes."""
    here, chosen = pick(rows, rtt_ms=world.rtt_ms), choice(frame)
    if chosen is None:
        said = [_leave(world, frame)]
    else:
        said = [_set(world, frame, chosen), *_guarantees(world, chosen), *_why_fewer(world, chosen)]
    if only(frame, "judged_by") == "p99_ms":
        said.append(_latencies(here))
    else:
        said.append(_limit(world, frame, chosen))
    return " ".join([*said, *_five(world, here, chosen), *_at_risk(world, chosen)])


def _set(world: World, frame: pd.DataFrame, chosen: Tried) -> str:
    """The conclusion where a change is worth it; at most two numbers beside the settings."""
    kept = ", order kept" if DEPTH in chosen.kinds else ""
    if only(frame, "judged_by") == "p99_ms":
        own_ms = gains(frame, OWN)[0].figure
        return (
            f"Set {chosen.text}: a p99 of {chosen.figure:.3g} ms instead of {own_ms:.3g} ms{kept}."
        )
    much = f"{times(chosen.gain.value)} times as much ({chosen.figure:,.0f} records/s)"
    behind = _behind(world, frame)
    return f"Set {chosen.text}: {much}{kept}.{behind}"


def _leave(world: World, frame: pd.DataFrame) -> str:
    """The conclusion where none is."""
    (own,) = gains(frame, OWN)
    if only(frame, "judged_by") == "p99_ms":
        told = f"Your producer carries its rate with a p99 of {own.figure:.3g} ms."
        return f"{LEAVE}: none that was tried is sure to shorten the p99 by 5 %. {told}"
    told = f"Your producer carries {own.figure:,.0f} records/s."
    return f"{LEAVE}: none that was tried is sure to carry 5 % more. {told}{_behind(world, frame)}"


def _behind(world: World, frame: pd.DataFrame) -> str:
    """Of a rate that the user's own settings do not carry."""
    rate = world.rate_per_s
    if rate is None or world.outstanding is not None or only(frame, "judged_by") == "p99_ms":
        return ""
    return " The rate you named is more than your settings carry."


def _guarantees(world: World, chosen: Tried) -> Iterator[str]:
    """What else changes with a depth that is set."""
    own = world.own
    if DEPTH not in chosen.kinds or own.enable_idempotence:
        return
    yield "With idempotence retries neither duplicate records nor change their order."
    if own.acks != "all":
        yield (
            f"acks=all waits for all replicas in sync, which acks={own.acks} does not"
            f"{_copies(world)}."
        )


def _copies(world: World) -> str:
    alone = "; with one copy of each partition, as here, there are none"
    return alone if world.topic.replicas == 1 else ""


def _why_fewer(world: World, chosen: Tried) -> Iterator[str]:
    """Why a depth below five is what to set."""
    if DEPTH not in chosen.kinds or chosen.in_flight == DEEPEST:
        return
    five = f"{NUMERALS[chosen.in_flight].capitalize()} in flight do better than five here"
    full = fills_receive_window(world.at_full_load(contenders(world)[FIVE]))
    if not full and chosen.limit != bound.RECEIVE_WINDOW:
        yield f"{five}."
        return
    yield (
        f"{five}: fewer requests fit into what the broker's socket takes unread, of more the rest"
        " waits until it has room."
    )


def _limit(world: World, frame: pd.DataFrame, chosen: Tried | None) -> str:
    """What limits then, and whether brokers or partitions would help."""
    (own,) = gains(frame, OWN)
    limited = chosen or own
    then = f"What {'then ' if chosen else ''}limits you at {world.rtt_ms:g} ms is"
    worthy = [it for it in gains(frame, AROUND) if it.figure >= WORTH * limited.figure]
    if not worthy:
        return f"{then} {limit_words(limited.limit)}: neither larger sockets nor more brokers help."
    nearest, best = worthy[0], max(worthy, key=lambda it: it.figure)
    more = times(nearest.figure / limited.figure)
    beyond = f"{nearest.text} would carry {more} times as much{' again' if chosen else ''}"
    if best.figure >= WORTH * nearest.figure:
        beyond += f", {best.text} {times(best.figure / limited.figure)} times"
    return f"{then} {limit_words(limited.limit)}: {beyond}, bandwidth permitting."


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
    five = "your five" if own == DEEPEST else "five"
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


def _at_risk(world: World, chosen: Tried | None) -> Iterator[str]:
    """What is lost now and then with several in flight and no idempotence."""
    own = world.own
    told = chosen is not None and DEPTH in chosen.kinds
    if own.acks == "0" and not told:
        yield "With acks=0 the producer never learns that a record was lost."
    safe = own.enable_idempotence or own.max_in_flight_requests_per_connection == 1
    if not safe and not told:
        yield (
            "With your settings a retry can change the order of records and duplicate them;"
            " enable.idempotence=true with acks=all and at most five in flight cannot."
        )
