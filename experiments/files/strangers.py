"""Keys that are not the producer's: whose they are (others.toml), and other clients altogether."""

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from experiments.files.kinds import parts_of
from model.settings.keys import KEYS


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Whose a key or a family of keys is; and which other client's."""
    with (Path(__file__).parent / "others.toml").open("rb") as file:
        data = tomllib.load(file)
    whose = {key: row["whose"] for row in reversed(data["others"]) for key in row["keys"]}
    clients = {key: row["name"] for row in reversed(data["clients"]) for key in row["keys"]}
    return whose, clients


def owner(key: str) -> str:
    """Whose a key is that is not the producer's; empty where nobody is known."""
    return "" if key in KEYS else _looked_up(key, _tables()[0])


def other_client(keys: Iterable[str]) -> tuple[str, str]:
    """The client that settings are of if it is not Kafka's own, and a key that tells it."""
    clients = _tables()[1]
    for key in keys:
        if key not in KEYS and (name := _looked_up(key, clients)):
            return name, key
    return "", ""


def only_the_producers(key: str) -> bool:
    """Whether a key is a producer's and no other client's."""
    return key in KEYS and not key.startswith(SHARED_FAMILIES) and key not in SHARED


def _looked_up(key: str, table: Mapping[str, str]) -> str:
    """The entry of a key, or of the longest family that it is in."""
    if key in table:
        return table[key]
    parts = parts_of(key)
    for length in range(len(parts) - 1, 0, -1):
        if found := table.get(".".join(parts[:length]) + "."):
            return found
    return ""


SHARED_FAMILIES = ("ssl.", "sasl.", "security.", "metrics.", "reconnect.", "socket.", "metadata.")
#: Read: CommonClientConfigs, ConsumerConfig, AdminClientConfig; brokers share compression.type.
SHARED = frozenset(
    {
        *("bootstrap.servers", "client.id", "client.dns.lookup", "client.rack", "retries"),
        *("send.buffer.bytes", "receive.buffer.bytes", "request.timeout.ms", "retry.backoff.ms"),
        *("retry.backoff.max.ms", "connections.max.idle.ms", "metric.reporters"),
        *("interceptor.classes", "auto.include.jmx.reporter", "enable.metrics.push"),
        *("config.providers", "compression.type", "bootstrap.resolve.timeout.ms"),
    }
)
