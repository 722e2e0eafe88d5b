"""What a story comes to, in one sentence from the frames that its picture is drawn from.

Left out: order and what was lost, which the books of its run say.
"""

from collections.abc import Iterator

import pandas as pd

from experiments.faults.story import DUPLICATE, WRITTEN, WRITTEN_AGAIN, WRITTEN_LATE
from experiments.kit.words import count, ms

#: Kinds of faults as things that happen; another is called by its own name.
HAPPENS = {
    "lost-acks": "acks are lost",
    "lost-requests": "requests are lost",
    "black-hole": "nothing gets through",
    "latency-spike": "the way takes longer",
    "connection-reset": "the connection is reset",
    "broker-pause": "the broker stands still",
    "slow-broker": "the broker is slow",
    "broker-crash": "the broker crashes",
    "broker-restart": "the broker restarts",
    "broker-isolation": "the broker reaches no other broker",
    "full-disk": "the broker's disk is full",
    "not-leader": "the broker is not the leader",
    "too-few-replicas": "too few replicas are in sync",
    "nack": "a request is refused",
    "producer-restart": "the producer restarts",
}
#: Ours: more faults than this are counted, not named.
NAMED = 2


def happens(what: str) -> str:
    """What a fault of this kind is called."""
    return HAPPENS.get(what, what.replace("-", " "))


def headline(attempts: pd.DataFrame, decisions: pd.DataFrame, faults: pd.DataFrame) -> str:
    """What went wrong, and what producer and broker made of it."""
    spans = faults[["what", "start_ms", "end_ms"]].itertuples(index=False, name=None)
    named = [_named(*span) for span in spans]
    wrong = " and ".join(named) if len(named) <= NAMED else count(len(named), "fault")
    made = ", ".join(_made_of_it(attempts, decisions)) or "nothing has to be sent again"
    return f"{wrong[:1].upper()}{wrong[1:]}: {made}"


def _named(what: str, start_ms: float, end_ms: float) -> str:
    lasts = f" for {ms(end_ms - start_ms)}" if end_ms > start_ms else ""
    return happens(what) + lasts


def _made_of_it(attempts: pd.DataFrame, decisions: pd.DataFrame) -> Iterator[str]:
    done = decisions["decision"].value_counts()
    kinds = (WRITTEN, WRITTEN_LATE, WRITTEN_AGAIN, DUPLICATE)
    given_up, again = attempts["received_ms"].isna().sum(), (attempts["attempt"] > 0).sum()
    refused = done.drop([kind for kind in kinds if kind in done]).sum()
    found = done.get(DUPLICATE, 0)
    twice = decisions.loc[decisions["decision"] == WRITTEN_AGAIN, "records"].sum()
    both = given_up == again
    if given_up:
        yield f"{count(given_up, 'request')} given up{' and sent again' if both else ''}"
    if refused:
        yield f"{refused} batch{'' if refused == 1 else 'es'} refused"
    if again and not both:
        yield f"{count(again, 'request')} sent again"
    if found:
        yield f"{found} found again by the broker and not written twice"
    if twice:
        yield f"{count(twice, 'record')} written twice"
