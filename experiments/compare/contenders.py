"""The three producers that are compared, made from the user's own, and the distances.

One in flight, as people set it for order's sake; five with idempotence, which keeps order; five
without. All else is as the user has it (but acks and retries, where idempotence needs them).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from experiments.kit.assumes import assumed
from experiments.kit.clients import not_to_be_had
from experiments.kit.effort import run_s, told_s
from experiments.kit.properties import FROM_OPTION, describe
from experiments.kit.words import plain
from experiments.kit.world import LOAD_SHARE, TYPICAL_MS, World, values, world_of
from model import ConfigError, ProducerConfig, Scenario
from model.settings import ClientRelease, KafkaVersion
from model.settings.kinds import INT_MAX

ONE = "one in flight"
FIVE = "five in flight, idempotent"
FIVE_PLAIN = "five in flight, not idempotent"
LABELS = (ONE, FIVE, FIVE_PLAIN)

#: Distances of the curve for each that is asked about, about; windows of a load's pilots.
CURVES, PILOTS = 4, 9

IN_FLIGHT = "max.in.flight.requests.per.connection"
IDEMPOTENCE = "enable.idempotence"


@dataclass(frozen=True)
class Comparison:
    """The user's world, as far as the farthest of the named distances, and the producers."""

    world: World
    distances_ms: Mapping[str, float]
    contenders: Mapping[str, ProducerConfig]

    @property
    def scenarios(self) -> list[Scenario]:
        """Every producer at every distance, as fast as it can: what each run is one of, or like."""
        asked = product(self.contenders.values(), self.distances_ms.values())
        return [self.world.at_full_load(config, rtt_ms) for config, rtt_ms in asked]

    def effort(self, jobs: int | None) -> list[str]:
        """How long it takes, where that is long: full load, the curve, and a load with pilots."""
        world, repeats = self.world, self.world.replications or 1
        loads = []
        for rtt_ms, config in product(self.distances_ms.values(), self.contenders.values()):
            rate_per_s = world.rate_per_s or LOAD_SHARE * world.carries(config, rtt_ms)
            loads.append(world.at_load(config, rate_per_s, rtt_ms))
        full_s, load_s = (sum(map(run_s, each)) for each in (self.scenarios, loads))
        return told_s(full_s * (repeats + CURVES) + load_s * (repeats + PILOTS), jobs)

    def assumed(self) -> str:
        """The line that the answer begins with."""
        rate, load = self.world.rate_per_s, ""
        if self.world.outstanding is None:
            share = f"{LOAD_SHARE:.0%} of what the slowest carries".replace("%", " %")
            at = share if rate is None else f"{plain(rate)} records/s"
            load = f"as fast as it can and at {at}"
        return assumed(self.scenarios, self.world.resolved.kafka, load)

    def notes(self) -> list[str]:
        """What the client makes of the settings, and what of the producers it does not offer."""
        resolved = self.world.resolved
        lines = describe(resolved)
        if isinstance(resolved.kafka, ClientRelease):
            lines += not_to_be_had(resolved.kafka.client, resolved.kafka.version)
        return lines

    def manifest(self) -> dict[str, object]:
        """Everything needed to make the same runs again."""
        return {
            **self.world.manifest(),
            "experiment": "compare",
            "producers": {label: values(config) for label, config in self.contenders.items()},
            "distances_ms": dict(self.distances_ms),
        }


def comparison(rtt_ms: Sequence[float], **given: Any) -> Comparison:
    """What a command's options ask for. Raises ConfigError for whatever cannot be."""
    distances_ms = {f"{rtt:g} ms": rtt for rtt in rtt_ms} or TYPICAL_MS
    world = world_of(rtt_ms=max(distances_ms.values()), **given)
    producers = contenders(world)
    rate_per_s = 1.0 if world.rate_per_s is None else world.rate_per_s
    for rtt, config in product(distances_ms.values(), producers.values()):
        world.at_full_load(config, rtt)
        world.at_load(config, rate_per_s, rtt)
    return Comparison(world, distances_ms, producers)


def idempotent(own: ProducerConfig) -> dict[str, object]:
    """What idempotence needs of a producer: acks=all, and retries, which are endless by default."""
    return {"enable_idempotence": True, "acks": "all", "retries": own.retries or INT_MAX}


def contenders(world: World) -> dict[str, ProducerConfig]:
    """The producers by label.

    Raises ConfigError where acks that several requests in flight cannot be idempotent with are
    asked for by hand: the client would drop idempotence silently, and with it the order. A file's
    producer, and one of a client before 4.0, exists, and is answered about.
    """
    own, kafka = world.own, world.resolved.kafka
    typed = {each.key for each in world.resolved.values if each.origin == FROM_OPTION}
    depth = own.max_in_flight_requests_per_connection
    asked_for_both = {"acks", IN_FLIGHT} <= typed and not own.enable_idempotence
    refuses = isinstance(kafka, KafkaVersion) and kafka.minor >= (4, 0)
    if asked_for_both and IDEMPOTENCE not in typed and depth > 1 and refuses:
        rule = f"must be all to keep {depth} requests in flight in order ({IN_FLIGHT}={depth})"
        raise ConfigError("acks", own.acks, f"{rule}; or set {IDEMPOTENCE}=false to go without")
    return {
        ONE: world.with_producer(max_in_flight_requests_per_connection=1),
        FIVE: world.with_producer(max_in_flight_requests_per_connection=5, **idempotent(own)),
        FIVE_PLAIN: world.in_flight(5),
    }
