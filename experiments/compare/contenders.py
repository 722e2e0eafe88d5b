"""The three producers that are compared, made from the user's own, and the distances.

One in flight, as people set it for order's sake; five with idempotence, which keeps order; five
without. All else is as the user has it (but acks and retries, where idempotence needs others).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from experiments.kit.world import World, values, world_of
from model import ProducerConfig

ONE = "one in flight"
FIVE = "five in flight, idempotent"
FIVE_PLAIN = "five in flight, not idempotent"
LABELS = (ONE, FIVE, FIVE_PLAIN)

#: Read: how often a client retries by default (ProducerConfig.RETRIES_CONFIG).
ENDLESS = 2**31 - 1
#: Ours: typical round trips within a rack, within a region, and across an ocean's near side.
DISTANCES_MS = {"same rack": 0.2, "same region": 2.0, "far": 50.0}


@dataclass(frozen=True)
class Comparison:
    """The user's world, as far as the farthest of the named distances, and the producers."""

    world: World
    distances_ms: Mapping[str, float]
    contenders: Mapping[str, ProducerConfig]

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
    distances_ms = {f"{rtt:g} ms": rtt for rtt in rtt_ms} or DISTANCES_MS
    world = world_of(rtt_ms=max(distances_ms.values()), **given)
    producers = contenders(world)
    rate_per_s = 1.0 if world.rate_per_s is None else world.rate_per_s
    for rtt, config in product(distances_ms.values(), producers.values()):
        world.at_full_load(config, rtt)
        world.at_load(config, rate_per_s, rtt)
    return Comparison(world, distances_ms, producers)


def idempotent(own: ProducerConfig) -> dict[str, object]:
    """What idempotence needs of a producer: acks=all, and retries."""
    return {"enable_idempotence": True, "acks": "all", "retries": own.retries or ENDLESS}


def contenders(world: World) -> dict[str, ProducerConfig]:
    """The producers by label."""
    return {
        ONE: world.with_producer(max_in_flight_requests_per_connection=1),
        FIVE: world.with_producer(max_in_flight_requests_per_connection=5, **idempotent(world.own)),
        FIVE_PLAIN: world.in_flight(5),
    }
