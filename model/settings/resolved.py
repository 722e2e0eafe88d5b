"""What a client does with its settings, as a value: the same for every client."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from model.config.producer import ProducerConfig
from model.settings.kinds import Value
from model.settings.releases import ClientRelease
from model.settings.versions import KafkaVersion

NO_ORIGINS: Mapping[str, str] = MappingProxyType({})


def release_name(release: KafkaVersion | ClientRelease) -> str:
    """A release in words: "Kafka 4.4", "sarama 1.61"."""
    return f"Kafka {release}" if isinstance(release, KafkaVersion) else str(release)


def written(value: Value) -> str:
    """A value as a properties file has it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Setting:
    """A key with what the client ends up with, where that is from, and the version's default.

    ``given``: whether the client was handed a value, by whomever; ``changed``: whether it then made
    something else of it, or of its default.
    """

    key: str
    value: str
    origin: str
    default: str
    given: bool
    changed: bool


@dataclass(frozen=True, slots=True, repr=False)
class Resolved:
    """What the client does with its settings.

    ``kafka`` is the release, of Kafka's own client or of another. ``values`` has every key that the
    model acts on or checks; ``notes`` are sentences; ``ignored`` are pairs of a key and why it is
    left aside, ``unknown`` of a key and the one probably meant. No value of an ignored or unknown
    key is in here.
    """

    producer: ProducerConfig
    kafka: KafkaVersion | ClientRelease
    values: tuple[Setting, ...]
    notes: tuple[str, ...]
    ignored: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str | None], ...]

    def __repr__(self) -> str:
        given = sum(setting.given for setting in self.values)
        kind = f"{given} settings given, {len(self.unknown)} unknown"
        return f"<{type(self).__name__} for {release_name(self.kafka)}: {kind}>"
