"""A user's own settings: read from a file of any kind, resolved, and described in plain words.

What a file may be is told in :mod:`experiments.files`; what a client makes of its settings, in
:mod:`model.settings`. ``--set`` goes before a file, a file before what a framework sets itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from experiments.files.of_client import read_options
from experiments.files.source import read_source
from experiments.files.topic import TopicSettings
from experiments.kit.options import JAVA
from model.config.checks import ConfigError, require
from model.settings import KafkaVersion, Resolved, Setting, release_name, resolve, resolve_preset
from model.settings.presets import profile_of
from model.settings.shown import shown

#: Names in the first line; the lines under it have all of them.
MOST_NAMED = 4
FROM_OPTION = "--set"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Loaded(Resolved):
    """What the client does with a user's settings, and where these were found.

    ``told`` says of which kind the file is, empty without one; ``misplaced`` are its names that
    look like a producer's and do nothing; ``topic`` is what it says of the topic.
    """

    told: str
    misplaced: tuple[str, ...]
    topic: TopicSettings


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


def load_settings(
    properties: Path | None,
    overrides: Sequence[str],
    kafka: str,
    as_kind: str | None = None,
    which: str | None = None,
    client: str = JAVA,
) -> Loaded:
    """What the client makes of a file's settings with the overrides on top of them.

    ``client`` says whose client it is, with a version behind an @ if that matters; without one
    ``kafka`` is the version of Kafka's own. ``as_kind`` is the kind of file where it cannot be
    seen, or whose own defaults are meant where there is no file; ``which`` names one of several
    producers. Raises ConfigError as :func:`experiments.files.source.read_source`,
    :func:`parse_overrides`, :func:`model.settings.resolve` and
    :func:`model.settings.resolve_preset` do.
    """
    name, _, of_client = client.strip().partition("@")
    if name != JAVA:
        return _load_options(name, of_client, properties, overrides, as_kind or which or "")
    version = KafkaVersion.parse(of_client or kafka)
    source = read_source(properties, as_kind or "", which or "")
    written = parse_overrides(overrides)
    explicit = {key: setting.value for key, setting in source.settings.items()}
    origins = {key: setting.origin for key, setting in source.settings.items()}
    resolved = resolve(
        explicit | source.unknown | written, version, origins | dict.fromkeys(written, FROM_OPTION)
    )
    return Loaded(
        **{each.name: getattr(resolved, each.name) for each in fields(Resolved)}
        | {"notes": (*resolved.notes, *source.notes)},
        told=source.told,
        misplaced=source.misplaced,
        topic=source.topic,
    )


def _load_options(
    client: str, version: str, properties: Path | None, overrides: Sequence[str], kind: str
) -> Loaded:
    """The same of another client than Kafka's own, with options under its own names."""
    profile = profile_of(client)
    require("--as or --which", shown(kind), f"left out with --client {client}", not kind)
    source = read_options(properties, profile)
    written = parse_overrides(overrides)
    explicit = {name: setting.value for name, setting in source.settings.items()}
    origins = {name: setting.origin for name, setting in source.settings.items()}
    origins |= dict.fromkeys(written, FROM_OPTION)
    resolved = resolve_preset(client, version, explicit | written, origins)
    return Loaded(
        **{each.name: getattr(resolved, each.name) for each in fields(Resolved)},
        told=source.told,
        misplaced=(),
        topic=source.topic,
    )


def describe(loaded: Loaded) -> list[str]:
    """The lines that a user reads: what was read, and what the client does with it."""
    return [
        *_about_source(loaded),
        _headline(loaded),
        *_about_settings(loaded.values),
        *loaded.notes,
        *_about_ignored(loaded.ignored),
        *about_unknown(loaded.unknown, loaded.kafka),
    ]


def _about_source(loaded: Loaded) -> Iterator[str]:
    """Which kind of file it is, and what of it was not understood."""
    if not loaded.told:
        return
    names = list(dict.fromkeys((*(key for key, _ in loaded.unknown), *loaded.misplaced)))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    left = f", not understood: {', '.join(names[:MOST_NAMED])}{more}" if names else ""
    yield f"{loaded.told}{left}"


def _headline(resolved: Resolved) -> str:
    producer = resolved.producer
    size = f"{producer.batch_size_bytes} byte{'' if producer.batch_size_bytes == 1 else 's'}"
    return (
        f"Your producer ({_whose(resolved)}): acks={producer.acks},"
        f" {'idempotent' if producer.enable_idempotence else 'not idempotent'},"
        f" at most {producer.max_in_flight_requests_per_connection} in flight,"
        f" batches of up to {size}, linger {int(producer.linger_ms)} ms"
    )


def _whose(resolved: Resolved) -> str:
    name = release_name(resolved.kafka)
    return f"{name} client" if isinstance(resolved.kafka, KafkaVersion) else name


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


def about_unknown(unknown: Sequence[tuple[str, str | None]], kafka: object) -> Iterator[str]:
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
