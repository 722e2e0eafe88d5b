"""The run of a schedule of faults in a user's world."""

from dataclasses import replace

from experiments.faults.catalogue import QUIET_S
from experiments.kit.world import World
from model import ConfigError, Fault, OpenLoop, Scenario, TopicConfig

#: Ours: records are sent for so long after the last fault; what fails does so within the slack.
AFTER_S, SLACK_S = 3.0, 5.0


def scheduled(world: World, faults: tuple[Fault, ...], rate_per_s: float) -> Scenario:
    """The run of a schedule: records until some seconds after it, and time for all to end.

    Raises ConfigError for a fault of a broker to which no record goes: it would look harmless.
    """
    for fault in faults:
        if fault.broker is not None:
            _require_a_leader(world.topic, fault.broker)
    until_s = max(fault.until_s for fault in faults) + AFTER_S
    sends = OpenLoop(rate_per_s, records=max(1, round(rate_per_s * until_s)))
    quiet_s = max(QUIET_S, world.own.delivery_timeout_ms / 1e3 + SLACK_S)
    scenario = world.in_trouble(world.own, faults, sends, until_s + quiet_s)
    return replace(scenario, warm_start=False)


def _require_a_leader(topic: TopicConfig, broker: int) -> None:
    """In a topic of one copy nothing goes to another broker; brokers that are none at all are
    refused with the scenario."""
    if topic.replicas > 1 or broker >= topic.brokers or topic.led_by(broker):
        return
    rule = (
        f"leads no partition of {topic.partitions}, so that its faults would reach no record: give"
        f" --partitions {broker + 1} or more, or name another broker (they count from 0)"
    )
    raise ConfigError("broker", broker, rule)
