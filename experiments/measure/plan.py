"""Which runs to make: the fewest that tell the law's Z and S, and what a byte and a wait cost.

One partition, so that all requests go over one connection. Four runs:

- *one* in flight, as fast as it can: a request at a time, X = 1 / (Z + S).
- *five* in flight, the same otherwise: either five times as much, and S is at most a fifth of the
  round, or less, and then X = 1 / S tells it.
- *larger* batches, one in flight: what is more in the round than in the first is what bytes cost.
  One in flight tells it at every distance, where five might be held back by requests alone. No
  batch is so large that it fills the receive window of a broker at its defaults.
- *held* to half of what one in flight carried, five in flight: what a request takes that waits for
  nobody, and how late threads run.

Fewer do not do: without the first, Z and S cannot be told apart; without the second there is no S;
the third and the fourth have the only other batch size and the only other load.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model import ConfigError, TopicConfig
from model.config.checks import require_count, require_positive
from model.settings import KafkaVersion
from model.settings.shown import shown
from model.units import KIB

IN_FLIGHT, BATCH = "max.in.flight.requests.per.connection", "batch.size"
#: Read: ProducerConfig.
DEFAULT_BATCH = 16_384
#: Ours: how much larger the larger batches are; and how large at most, below the 131,070 bytes
#: that a broker at its defaults offers as its window.
LARGER, LARGEST_BYTES = 4, 96 * KIB
#: Read: Topic.LEGAL_CHARS and MAX_NAME_LENGTH.
_TOPIC = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}")
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*)|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}"
_BOOTSTRAP = re.compile(rf"{_HOST}(?:,{_HOST})*")
#: Ours: records of the run that warms the topic up and tells how many the others need.
PROBE_RECORDS = 2_000
#: Measured: what is not warm yet carries half of what it does later.
OF_PROBE = 2
#: Ours: shorter runs would be measured by metrics over more than their length.
LEAST_S, MOST_S = 30, 3_600


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the perf test: what differs from the others, and what for.

    ``of_one``: how many times as much as the first run it may carry (the first: as the short run
    before it); ``held`` is the share of the first run's rate that it is held to, 0: none.
    """

    name: str
    in_flight: int
    batch_bytes: int
    tells: str
    of_one: float
    held: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is run where. ``settings`` are the producer's, as checked; sizes in bytes."""

    bootstrap: str
    topic: str
    kafka: KafkaVersion
    settings: Mapping[str, str]
    record_bytes: int
    cluster: TopicConfig
    seconds: int
    most_mb: float
    results: Path
    needs_config: bool  # security settings, which the script is not told

    def __post_init__(self) -> None:
        if not _BOOTSTRAP.fullmatch(self.bootstrap):
            rule = "must be HOST:PORT, or several with commas"
            raise ConfigError("--bootstrap", shown(self.bootstrap), rule)
        if not _TOPIC.fullmatch(self.topic):
            rule = "must be a topic's name: letters, digits, '.', '_' and '-'"
            raise ConfigError("--topic", shown(self.topic), rule)
        require_count("--record-bytes", self.record_bytes, 1, 1 << 20)
        require_count("--seconds", self.seconds, LEAST_S, MOST_S)
        require_positive("--most-mb", self.most_mb)
        if self.most_records <= PROBE_RECORDS:
            rule = f"must be enough for {PROBE_RECORDS} records in each of {len(self.runs)} runs"
            raise ConfigError("--most-mb", self.most_mb, rule)
        if "\0" in str(self.results):
            raise ConfigError("--results", shown(str(self.results)), "must be a path")
        if self.cluster.min_insync_replicas > self.cluster.replicas:
            most = self.cluster.replicas
            rule = f"must be at most the {most} replicas that there are"
            raise ConfigError("--min-insync", self.cluster.min_insync_replicas, rule)

    @property
    def host(self) -> str:
        """The first broker's, without its port."""
        return self.bootstrap.split(",")[0].rpartition(":")[0].strip("[]")

    @property
    def runs(self) -> tuple[Run, ...]:
        """In their order; the first tells how long the others have to be."""
        batch = int(self.settings.get(BATCH, DEFAULT_BATCH))
        other = _other_batch(batch)
        return (
            Run("one", 1, batch, "Z + S: a round with one request in flight", OF_PROBE),
            Run("five", 5, batch, "S, or that it is small: what the broker does one by one", 3),
            Run("larger", 1, other, "what bytes cost: another batch size", other / batch),
            Run("held", 5, batch, "a request that waits for nobody", 0.5, held=0.5),
        )

    @property
    def most_records(self) -> int:
        """Of one run."""
        return int(self.most_mb * 1e6 / self.record_bytes / len(self.runs))

    @property
    def most_bytes(self) -> int:
        """Of all runs, the short one before them included, once for each copy."""
        records = len(self.runs) * self.most_records + PROBE_RECORDS
        return records * self.record_bytes * self.cluster.replicas

    @property
    def renamed_options(self) -> bool:
        """Read: KIP-1147 and KIP-1052, both in 4.2."""
        return not self.kafka.precedes((4, 2))


def _other_batch(batch: int) -> int:
    """Another size, larger where that stays within a receive window."""
    larger = min(LARGER * batch, LARGEST_BYTES)
    return larger if larger > 1.5 * batch else max(1_024, batch // LARGER)
