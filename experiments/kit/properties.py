"""A user's own producer.properties: read as Java reads it, resolved, and described in plain words.

The format is the library's affair. Left out: following ``${...}`` to wherever it points.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import javaproperties

from model import ConfigError
from model.settings import KafkaVersion, Resolved, Setting, resolve
from model.settings.shown import one_line, shown

#: Ours: far above any configuration, far below what would be slow to read.
MAX_FILE_BYTES = 1 << 20

BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")

Pairs = list[tuple[str, str]]


def parse_overrides(pairs: Sequence[str]) -> dict[str, str]:
    """Settings from ``key=value`` words; the last one of a key holds.

    Raises ConfigError for a word that is not of that form, without repeating it.
    """
    settings = {}
    for number, pair in enumerate(pairs, start=1):
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise ConfigError("--set", f"(number {number})", "must be written KEY=VALUE")
        settings[key.strip()] = value
    return settings


def load_settings(properties: Path | None, overrides: Sequence[str], kafka: str) -> Resolved:
    """What the client makes of a file's settings with the overrides on top of them.

    Raises ConfigError as :func:`read_pairs`, :func:`parse_overrides` and
    :func:`model.settings.resolve` do.
    """
    version = KafkaVersion.parse(kafka)
    pairs = [] if properties is None else read_pairs(properties)
    resolved = resolve(dict(pairs) | parse_overrides(overrides), version)
    return replace(resolved, notes=(*resolved.notes, *_about_repeated(pairs, resolved)))


def describe(resolved: Resolved) -> list[str]:
    """The lines that a user reads: what the client does, and what it does not."""
    return [
        _headline(resolved),
        *_about_settings(resolved.values),
        *resolved.notes,
        *_about_ignored(resolved.ignored),
        *_about_unknown(resolved.unknown, resolved.kafka),
    ]


def read_pairs(path: Path) -> Pairs:
    """Every pair of the file in its order; source: java.util.Properties, which reads Latin-1.

    Raises ConfigError, naming the file, for one that cannot be read or is no properties file.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "no such path"
        raise _refused(path, f"cannot be read ({reason.lower()})") from None
    if len(content) > MAX_FILE_BYTES:
        raise _refused(path, f"must be at most {MAX_FILE_BYTES} bytes")
    if content.startswith(BYTE_ORDER_MARKS) or b"\0" in content:
        raise _refused(path, "must be plain text without a byte-order mark, as Java needs it")
    try:
        pairs: Pairs = javaproperties.loads(content, object_pairs_hook=list)
    except ValueError:
        raise _refused(path, "has a \\u that four hexadecimal digits do not follow") from None
    return pairs


def _refused(path: Path, rule: str) -> ConfigError:
    return ConfigError("properties", one_line(str(path)), rule)


def _about_repeated(pairs: Pairs, resolved: Resolved) -> Iterator[str]:
    """Keys that the file has more than once, without their values."""
    known = {setting.key for setting in resolved.values}
    known |= {key for key, _ in resolved.ignored} | {key for key, _ in resolved.unknown}
    for key, times in Counter(key for key, _ in pairs).items():
        if times > 1 and key in known:
            yield f"{key} is in the file {times} times; the last one holds, as in Java"


def _headline(resolved: Resolved) -> str:
    producer = resolved.producer
    return (
        f"Kafka {resolved.kafka} client: acks={producer.acks},"
        f" {'idempotent' if producer.enable_idempotence else 'not idempotent'},"
        f" at most {producer.max_in_flight_requests_per_connection} in flight,"
        f" batches of up to {producer.batch_size_bytes} bytes, linger {int(producer.linger_ms)} ms"
    )


def _about_settings(values: Sequence[Setting]) -> Iterator[str]:
    """One line of what differs from the version's defaults, if anything does."""
    differing = [
        f"{setting.key}={shown(setting.value)} (default {setting.default or 'none'})"
        for setting in values
        if setting.value != setting.default
    ]
    if differing:
        yield f"Other than by default: {', '.join(differing)}"


def _about_ignored(ignored: Sequence[tuple[str, str]]) -> Iterator[str]:
    """One line; keys that are left aside for one reason stand together."""
    reasons: dict[str, list[str]] = {}
    for key, why in ignored:
        reasons.setdefault(why, []).append(key)
    if reasons:
        groups = "; ".join(f"{', '.join(keys)} ({why})" for why, keys in reasons.items())
        yield f"Not used here: {groups}"


def _about_unknown(unknown: Sequence[tuple[str, str | None]], kafka: KafkaVersion) -> Iterator[str]:
    """A line for each misspelt key, and one for all that are like no key of this version."""
    for key, meant in unknown:
        if meant:
            yield f"{key} is not a producer setting of Kafka {kafka}; did you mean {meant}?"
    strangers = [key for key, meant in unknown if not meant]
    if strangers:
        yield (
            f"Not producer settings of Kafka {kafka}, which itself passes over them:"
            f" {', '.join(strangers)}"
        )
