"""What a visitor asks: positions of the knobs, made into scenarios by the command line's rules.

An answer is a function of the positions alone, so that the server keeps nothing of anybody. What a
question may cost is bounded before it is run (windows of so many requests and records, as compare
has them) and while it runs (:mod:`experiments.explore.answers`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from experiments.compare.contenders import FIVE, ONE, contenders
from experiments.explore.knobs import (
    BY_NAME,
    FAULT,
    KNOBS,
    LONGEST,
    NO_FAULT,
    NO_RATE,
    Knob,
)
from experiments.faults.catalogue import RATE_PER_S, SETTINGS
from experiments.faults.schedule import AFTER_S, scheduled
from experiments.kit import windows
from experiments.kit.copies import MIN_INSYNC
from experiments.kit.loads import long_enough_to_tell
from experiments.kit.properties import parse_overrides
from experiments.kit.world import MEASURED_REQUESTS, WARMUP_REQUESTS, World
from model import (
    MEASURED_MACHINE,
    REFERENCE_MACHINE,
    ConfigError,
    Fault,
    MachineConfig,
    ProducerConfig,
    Scenario,
)
from model.config.checks import require
from model.config.fault import Lasting
from model.config.faults import KINDS
from model.settings.shown import shown

YOURS = "yours"
#: Ours: records of a run with a fault, at most; beyond it they come at a lower rate.
MOST_RECORDS = 40_000
#: Ours: how long a fault lasts, and when it strikes, before anybody says so.
FAULT_AT_MS, FAULT_FOR_MS = "500", "1000"
Loader = Callable[[tuple[str, ...]], World]


@dataclass(frozen=True)
class Base:
    """The world that the knobs start from.

    ``load`` makes it with settings on top; ``words`` are the options of the command line that it
    was started with, to be said again.
    """

    load: Loader
    words: tuple[str, ...] = ()
    constants: bool = False

    @cached_property
    def world(self) -> World:
        """The world as it is before any knob is turned."""
        return self.load(())

    @cached_property
    def machines(self) -> dict[str, MachineConfig]:
        """Constants that can be chosen, the world's own first."""
        named = {"laboratory": REFERENCE_MACHINE, "laboratory, with stalls": MEASURED_MACHINE}
        return {"from your file": self.world.machine, **named} if self.constants else named

    @cached_property
    def knobs(self) -> tuple[Knob, ...]:
        """The knobs, with the machines that there are."""
        machines = tuple(self.machines)
        return tuple(
            replace(knob, levels=machines, alone=machines[0]) if knob.name == "machine" else knob
            for knob in KNOBS
        )

    @cached_property
    def values(self) -> dict[str, str]:
        """Where each knob stands at first."""
        world = self.world
        return {
            "rtt_ms": f"{world.rtt_ms:g}",
            "loss": "0",
            "partitions": str(world.topic.partitions),
            "replicas": str(world.topic.replicas),
            "replica_rtt_ms": f"{world.replica_rtt_ms:g}",
            **producer_values(world.own),
            "record_bytes": str(world.value_bytes),
            "rate": NO_RATE if world.rate_per_s is None else f"{world.rate_per_s:g}",
            "machine": next(iter(self.machines)),
            "fault": NO_FAULT,
            "fault_at_ms": FAULT_AT_MS,
            "fault_for_ms": FAULT_FOR_MS,
            "request_timeout_ms": f"{SETTINGS['request_timeout_ms']:g}",
        }

    def asked(self, given: Mapping[str, str]) -> "Asked":
        """What these positions ask, the others being where they were. Raises ConfigError."""
        for name in given:
            require("address", shown(name), "knobs of the page, by name", name in BY_NAME)
        values = self.values | {knob: _settled(self, knob, text) for knob, text in given.items()}
        return Asked(self, values)


def _settled(base: Base, name: str, text: str) -> str:
    """A value as it stands in an address, within the knob's bounds. Raises ConfigError."""
    knob = next(knob for knob in base.knobs if knob.name == name)
    words = shown(text)
    if knob.kind == "choice":
        require(knob.setting, words, f"one of {', '.join(knob.levels)}", text in knob.levels)
        return text
    whole = knob.kind == "whole"
    kind = "a whole number" if whole else "a number"
    rule = f"{kind} from {knob.least:g} to {knob.most:,g} on this page"
    try:
        value = float(int(text) if whole else text) if len(text) <= LONGEST else float("nan")
    except (ValueError, OverflowError):
        value = float("nan")
    require(knob.setting, words, rule, knob.least <= value <= knob.most)
    return f"{value:.0f}" if whole else f"{value:.12g}"


@dataclass(frozen=True)
class Asked:
    """Positions of all knobs, and the scenarios that they mean. Raises ConfigError."""

    base: Base
    values: Mapping[str, str]
    world: World = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "world", self._world())
        for config in self.producers.values():
            self.full_load(config)
            self.at_load(config, self.world.rate_per_s or 1.0)
        if self.fault is not None:
            self.troubled()

    def _world(self) -> World:
        """The world where these knobs stand."""
        of = self.values
        settings = [f"{k.key}={of[k.name]}" for k in KNOBS if k.key and self._is_said(k)]
        loaded = self.base.load(tuple(settings))
        rate = float(of["rate"])
        replicas = int(of["replicas"])
        topic = replace(
            loaded.topic,
            partitions=int(of["partitions"]),
            replicas=replicas,
            min_insync_replicas=min(MIN_INSYNC, replicas),
        )
        return replace(
            loaded,
            rtt_ms=float(of["rtt_ms"]),
            rate_per_s=rate or None,
            value_bytes=int(of["record_bytes"]),
            topic=topic,
            replica_rtt_ms=float(of["replica_rtt_ms"]),
            machine=self.base.machines[of["machine"]],
        )

    def _is_said(self, knob: Knob) -> bool:
        """Whether a setting was turned, so that the client is told of it; its own default may give
        way to others. How long to wait for answers matters for faults only, and is said with them.
        """
        if knob.group == FAULT:
            return self.values["fault"] != NO_FAULT
        return self.values[knob.name] != self.base.values[knob.name]

    @cached_property
    def producers(self) -> dict[str, ProducerConfig]:
        """One in flight, five, and what the knobs say, where that is neither."""
        both = {label: contenders(self.world)[label] for label in (ONE, FIVE)}
        return both if self.world.own in both.values() else {**both, YOURS: self.world.own}

    @cached_property
    def fault(self) -> Fault | None:
        """What goes wrong, if anything does. Raises ConfigError."""
        what, at_s = self.values["fault"], float(self.values["fault_at_ms"]) / 1e3
        if what == NO_FAULT:
            return None
        if issubclass(KINDS[what], Lasting):
            return Fault(what=what, at_s=at_s, for_s=self._fault_s)
        return Fault(what=what, at_s=at_s)

    @property
    def _fault_s(self) -> float:
        return float(self.values["fault_for_ms"]) / 1e3

    def full_load(self, config: ProducerConfig) -> Scenario:
        """As fast as this producer can: compare's scenario, wherever compare can say it."""
        scenario = self.world.at_full_load(config)
        placed = self._placed(scenario)
        if placed == scenario:
            return scenario
        return windows.over_rounds(placed, WARMUP_REQUESTS, MEASURED_REQUESTS)

    def at_load(self, config: ProducerConfig, rate_per_s: float) -> Scenario:
        """Offered so many records per second."""
        scenario = self.world.at_load(config, rate_per_s)
        placed = self._placed(scenario)
        if placed == scenario:
            return scenario
        return long_enough_to_tell(windows.over_load(placed))

    @property
    def troubled_rate(self) -> float:
        """Records per second while something goes wrong: few enough to be simulated at once."""
        wanted = self.world.calm_rate(RATE_PER_S)
        ends_s = float(self.values["fault_at_ms"]) / 1e3 + self._fault_s + AFTER_S
        return min(wanted, float(f"{MOST_RECORDS / ends_s:.3g}"))

    def troubled(self) -> Scenario:
        """The producer that the knobs describe, while something goes wrong; warm, as in calm."""
        assert self.fault is not None
        scenario = scheduled(self.world, (self.fault,), self.troubled_rate)
        return replace(self._placed(scenario), warm_start=True)

    def _placed(self, scenario: Scenario) -> Scenario:
        """The scenario with what a world does not know: loss."""
        return replace(scenario, path=replace(scenario.path, loss=float(self.values["loss"]) / 100))


def producer_values(own: ProducerConfig) -> dict[str, str]:
    """What a producer has of what can be turned; how long it waits for answers stands apart."""
    return {
        "in_flight": str(own.max_in_flight_requests_per_connection),
        "idempotence": str(own.enable_idempotence).lower(),
        "acks": own.acks,
        "batch_size": str(own.batch_size_bytes),
        "linger_ms": f"{own.linger_ms:g}",
    }


def about_paths(asked: Asked) -> Iterator[str]:
    """What holds of the paths beside what every answer says it assumes."""
    if asked.values["loss"] != "0":
        yield f"{asked.values['loss']} % of packets are lost, each way."
    if asked.values["replicas"] != "1" != asked.values["partitions"]:
        yield "One broker leads all partitions; the others only follow."


def positions(address: str) -> dict[str, str]:
    """The knobs in what stands after the question mark of an address. Raises ConfigError."""
    pairs = [pair for pair in address.rpartition("?")[2].split("&") if pair]
    try:
        return parse_overrides(pairs)
    except ConfigError as error:
        raise ConfigError("address", shown(address), "must be knob=value&knob=value") from error
