"""The comparison's runs as fast as each producer can: what is known to be wanted from the start."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from experiments.compare.contenders import FIVE, ONE, Comparison
from experiments.compare.tasks import Task, replicated

#: The curve of throughput over distance.
CURVE_MS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)


def full_load(asked: Comparison, curve_ms: Sequence[float] = CURVE_MS) -> Iterator[Task]:
    """Every producer at every distance, again and again, and once on the curve."""
    world = asked.world
    for label, config in asked.contenders.items():
        for distance, rtt_ms in asked.distances_ms.items():
            scenario = world.at_full_load(config, rtt_ms)
            yield from replicated(world, "capacity", distance, label, scenario)
        for rtt_ms in curve_ms:
            scenario = world.at_full_load(config, rtt_ms)
            yield Task("curve", f"{rtt_ms:g} ms", label, 0, scenario, world.seed)


def with_one_copy(asked: Comparison, curve_ms: Sequence[float] = CURVE_MS) -> Iterator[Task]:
    """One in flight and five with one copy of each partition, where there are more."""
    if asked.world.topic.replicas > 1:
        few = {label: asked.contenders[label] for label in (ONE, FIVE)}
        alone = replace(asked, world=asked.world.with_one_copy(), contenders=few)
        yield from full_load(alone, curve_ms)
