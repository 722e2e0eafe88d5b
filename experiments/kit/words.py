"""Numbers and comparisons in sentences, the same way in every answer.

A sentence says a figure; its interval stands in a table (:mod:`experiments.kit.summaries`).
"""

from collections.abc import Sequence

from model.outcome import bound

#: Ours: nobody acts on a difference smaller than this.
ALIKE = 0.05
#: What limits a producer, in words that need no source code.
LIMITS = {
    bound.IN_FLIGHT_WINDOW: "the requests in flight, which wait for their round trip",
    bound.BROKER_CONNECTION: "the broker, which works on one request of a connection at a time",
    bound.CONGESTION_WINDOW: "what packet loss leaves of TCP's congestion window",
    bound.RECEIVE_WINDOW: "what the broker's socket takes (socket.receive.buffer.bytes)",
    bound.NETWORK_THREADS: "the broker's network threads",
    bound.REQUEST_HANDLERS: "the broker's request handlers",
    bound.PARTITION_LOG: "the partition's log, which takes one append at a time",
    bound.FOLLOWER: "the replicas' fetches",
    bound.LINK: "the network link",
    bound.BATCH_FILL: "linger.ms, which holds batches back",
    bound.BUFFER_MEMORY: "buffer.memory",
    bound.APPLICATION: "the application, which hands over no more",
    bound.CLIENT_CPU: "the client's CPU",
}


def plain(value: float) -> str:
    """Whole with thousands, or three digits where there are few."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def about(value: float) -> str:
    """Whole with thousands from ten on, two digits below."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def as_much(factor: float, as_what: str, alike: float = ALIKE) -> str:
    """For example ``5.0 times as much as one``, or ``about as much as one``."""
    if abs(factor - 1) <= alike:
        return f"about as much as {as_what}"
    return f"{times(factor)} times as much as {as_what}"


def times(factor: float) -> str:
    """A factor in as many digits as say something."""
    return f"{factor:.2f}" if factor < 2 else f"{factor:.1f}" if factor < 9.95 else f"{factor:,.0f}"


def worthwhile(factor: float) -> bool:
    """Whether so many times as much is worth a word."""
    return factor > 1 + ALIKE


def limit_words(limit: str) -> str:
    """What limits, in plain words; a limit that has none as it is called."""
    return LIMITS.get(limit, f"the {limit}")


def ms(value: float) -> str:
    """Milliseconds, or seconds from one of them on."""
    return f"{about(value / 1e3)} s" if value >= 1_000 else f"{about(value)} ms"


def share(value: float) -> str:
    """Percent, without fractions from ten on."""
    return f"{about(value * 100)} %"


def count(number: float, noun: str) -> str:
    """For example ``1 broker``, ``3 brokers``, ``no broker``."""
    counted = f"{number:,.0f}" if number else "no"
    return f"{counted} {noun}{'' if number in (0, 1) else 's'}"


def listed(names: Sequence[str]) -> str:
    """For example ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def or_no(value: float) -> str:
    """A mean number of something, or that there is none."""
    return about(value) if value else "no"


def assumes(what: str) -> str:
    """What an answer holds under, as the sentence that stands below it."""
    return f"This assumes: {what}."
