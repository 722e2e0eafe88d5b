"""MirrorMaker's flows: each has a producer of its own, at the target, with settings of its own.

Source: MirrorMakerConfig.java: a flow's worker takes ``TARGET.producer.*``, its connector
``SOURCE->TARGET.producer.override.*``. Flows that only carry heartbeats are left out.
"""

from collections.abc import Sequence

from experiments.files.entries import Entry
from experiments.files.kinds import Pattern, Prefix

_ENABLED = ".enabled"
MOST_CLUSTERS = 20  # ours


def flow_prefixes(entries: Sequence[Entry]) -> dict[str, tuple[Prefix, ...]]:
    """Where the settings of each enabled flow stand, by its name; all flows where none is."""
    settings = {entry.name: entry.value.strip() for entry in entries}
    aliases = [alias.strip() for alias in settings.get("clusters", "").split(",")]
    known = [alias for alias in aliases if f"{alias}.bootstrap.servers" in settings]
    if not 2 <= len(known) <= MOST_CLUSTERS:
        return {}
    flows = [f"{here}->{there}" for here in known for there in known if here != there]
    enabled = [flow for flow in flows if settings.get(flow + _ENABLED, "").lower() == "true"]
    return {flow: _prefixes(flow) for flow in enabled or flows}


def _prefixes(flow: str) -> tuple[Prefix, ...]:
    target = flow.partition("->")[2]
    return (_at(target, "producer"), _at(flow, "producer", "override"))


def _at(*parts: str) -> Prefix:
    """A prefix of exactly these parts, whatever stands in them."""
    pattern = Pattern(tuple(part.lower().replace("-", "").replace("_", "") for part in parts))
    return Prefix(pattern, ".".join(parts), "keys", frozenset(), False, False)
