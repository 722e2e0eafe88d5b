"""The clients that there are, each asked for the same under its own names, and losses for them.

Asked alike: idempotent or not, so many requests in flight, batches of so many bytes. All else is as
the client comes, so that linger, timeouts and acks differ; where a client refuses, there is no such
producer. Left out: what only some clients have, such as partitioners.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from experiments.kit.options import NEWEST_KAFKA
from experiments.kit.properties import load_settings
from experiments.kit.world import World
from model import ConfigError, Fault, OpenLoop, ProducerConfig, Scenario
from model.clients import PROFILES

#: Java's, which is the least that any client has by default.
BATCH_BYTES = 16_384
ONE, FIVE = 1, 5
#: Ours: for so many round trips all is lost before the connection goes, so that an ack is.
LOST_ROUNDS = 1.5
#: Ours: so often, from when everything is under way, and so far apart that each is over before the
#: next comes; what is still under way after the last record has so long to end.
LOSSES, BEFORE_S, APART_S, QUIET_S = 10, 2.0, 2.0, 10.0
#: Ours: a loss strikes at every phase of a round, for which no two are whole rounds apart.
GOLDEN = 0.618
#: What is lost with the connection, by the kind of fault: answers only, or all that is on its way.
LOST = {"acks": "lost-acks", "connection": "black-hole"}


@dataclass(frozen=True, slots=True)
class Way:
    """A client with what was asked of it; ``refuses`` says why it has no more in flight, if so."""

    client: str
    producer: ProducerConfig
    refuses: str = ""

    @property
    def idempotent(self) -> bool:
        """Whether it is."""
        return self.producer.enable_idempotence

    @property
    def allowed(self) -> int:
        """Requests in flight that its setting allows, or that it keeps without one."""
        return self.producer.max_in_flight_requests_per_connection


def as_it_comes(client: str, *overrides: str, version: str = "") -> ProducerConfig:
    """A release, or the newest known, at its defaults but for ``overrides`` (KEY=VALUE).

    Raises ConfigError.
    """
    whose = f"{client}@{version}" if version else client
    return load_settings(None, overrides, NEWEST_KAFKA, client=whose).producer


def asked(
    client: str,
    idempotent: bool,
    in_flight: int,
    batch_bytes: int = BATCH_BYTES,
    version: str = "",
) -> ProducerConfig:
    """A client with so many in flight, if there is an option for that. Raises ConfigError."""
    options = PROFILES[client].names.asked(idempotent, in_flight, batch_bytes)
    given = (f"{name}={value}" for name, value in options.items())
    return as_it_comes(client, *given, version=version)


def ways(
    client: str, idempotent: bool, batch_bytes: int = BATCH_BYTES, version: str = ""
) -> Iterator[Way]:
    """With one and with five in flight, as far as it takes them; once where it cannot be asked.

    Never where a client has no idempotence. Raises ConfigError where a release cannot be so.
    """
    one = asked(client, idempotent, ONE, batch_bytes, version)
    if one.enable_idempotence != idempotent:
        return
    if not PROFILES[client].names.depth(idempotent):
        yield Way(client, one)
        return
    try:
        five = asked(client, idempotent, FIVE, batch_bytes, version)
    except ConfigError as error:
        yield Way(client, one, refuses=str(error))
        return
    yield from (Way(client, one), Way(client, five))


def deepest(client: str, batch_bytes: int = BATCH_BYTES) -> Way:
    """Idempotent if it can be, and with five in flight if it takes them then."""
    safe = list(ways(client, True, batch_bytes))
    return (safe or list(ways(client, False, batch_bytes)))[-1]


def not_to_be_had(client: str, version: str = "") -> list[str]:
    """What of one and five in flight, idempotent, a client does not offer, in sentences."""
    names, called = PROFILES[client].names, title(client)
    if not names.depth(False) and not names.depth(True):
        return [f"{called} has no setting for requests in flight, whatever is said of five"]
    try:
        found = list(ways(client, True, version=version))
    except ConfigError as error:
        return [f"{called} cannot be idempotent ({error}), whatever is said of it"]
    if not names.depth(True):
        kept = found[-1].allowed
        return [f"{called} has no setting for requests in flight when idempotent, and keeps {kept}"]
    return [
        f"{called} refuses five in flight with idempotence ({w.refuses})"
        for w in found
        if w.refuses
    ]


def title(client: str) -> str:
    """What readers call it."""
    return PROFILES[client].title


def with_losses(world: World, producer: ProducerConfig, rate_per_s: float, lost: str) -> Scenario:
    """Again and again a connection goes after more than a round trip of losses; see ``LOST``."""
    rtt_s, faults = world.rtt_ms / 1e3, list[Fault]()
    for number in range(LOSSES):
        at_s = BEFORE_S + APART_S * number + rtt_s * (GOLDEN * number % 1.0)
        faults.append(Fault(what=LOST[lost], at_s=at_s, for_s=LOST_ROUNDS * rtt_s))
        faults.append(Fault(what="connection-reset", at_s=at_s + LOST_ROUNDS * rtt_s))
    until_s = BEFORE_S + APART_S * LOSSES
    sends = OpenLoop(rate_per_s, "even", max(1, round(rate_per_s * until_s)))
    return world.in_trouble(producer, tuple(faults), sends, until_s + QUIET_S)
