"""What can be taken away: the command that gives the same digits, and the producer's properties."""

import shlex
from collections.abc import Iterator

from experiments.explore.asked import Asked, producer_values
from experiments.explore.knobs import FAULT, NO_FAULT, Knob, differing
from experiments.faults.catalogue import written


def address(asked: Asked) -> str:
    """The knobs that were turned, as they stand in an address; empty where none was."""
    turned = differing(asked.values, asked.base.values)
    return "&".join(f"{name}={value}" for name, value in turned.items())


def properties(asked: Asked) -> str:
    """Lines for the real producer: what it does with each setting that a knob is."""
    does = producer_values(asked.world.own)
    if asked.fault is not None:
        does["request_timeout_ms"] = asked.values["request_timeout_ms"]
    lines = [f"{knob.key}={does[knob.name]}" for knob in asked.base.knobs if knob.name in does]
    return "\n".join(lines) + "\n"


def commands(asked: Asked) -> dict[str, str]:
    """Command lines by what they give; compare's, where compare can say all that was asked."""
    base = [*asked.base.words]
    words = ["inflight", "explore", *base, "--answer", address(asked) or "?"]
    told = {"everything on this page": shlex.join(words)}
    if all(_can_be_said(asked, knob) for knob in asked.base.knobs):
        said = ["inflight", "compare", *base, *_said(asked)]
        told["one and five, in full"] = shlex.join(said)
    return told


def _can_be_said(asked: Asked, knob: Knob) -> bool:
    """Whether compare has an option for it, or says the same without one."""
    if knob.name == "partitions" and asked.values["replicas"] != "1":
        return asked.values["partitions"] == "1"  # where compare has them on several brokers
    if knob.key or knob.option or knob.group == FAULT:
        return True
    return asked.values[knob.name] == knob.alone


def _said(asked: Asked) -> Iterator[str]:
    """Options and settings of compare; of a fault it knows nothing."""
    for knob in asked.base.knobs:
        value = asked.values[knob.name]
        if knob.name == "replica_rtt_ms" and asked.values["replicas"] == "1":
            continue  # who says how far apart replicas are has several
        if knob.option and value != knob.alone:
            yield from (knob.option, value)
        elif knob.key and knob.group != FAULT and value != asked.base.values[knob.name]:
            yield from ("--set", f"{knob.key}={value}")
    if asked.world.seed != 1:
        yield from ("--seed", str(asked.world.seed))


def schedule(asked: Asked) -> str:
    """The fault as `inflight faults --schedule` reads it; empty without one."""
    return written([asked.fault]) if asked.values["fault"] != NO_FAULT and asked.fault else ""
