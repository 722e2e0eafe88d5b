"""A producer's settings as rows and scripts have them: Kafka's keys, with values that were checked.

Only keys that the model acts on or checks: no secret, no address and no name of a class is among
them, and no value with a sign in it that a shell or a CSV would take for its own.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from experiments.kit.options import NEWEST_KAFKA
from experiments.kit.properties import load_settings
from model import ConfigError
from model.settings import Resolved
from model.settings.shown import shown

#: What a value is made of: numbers, and the words of Kafka's own choices.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
#: What the perf test sets itself, or would do something else with; and a list, no plain word.
LEFT_OUT = ("transactional.id", "ssl.enabled.protocols")


def as_written(
    properties: Path | None,
    overrides: Sequence[str],
    kafka: str | None,
    as_kind: str | None = None,
    which: str | None = None,
) -> dict[str, str]:
    """What a file and overrides set, by key. Raises ConfigError as the client would refuse it."""
    return plain_values(load_settings(properties, overrides, kafka or NEWEST_KAFKA, as_kind, which))


def plain_values(loaded: Resolved) -> dict[str, str]:
    """The values that were given, by key. Raises ConfigError for one that is no plain word."""
    given = {each.key: each.value for each in loaded.values if each.given}
    for key in LEFT_OUT:
        given.pop(key, None)
    for key, value in given.items():
        if not _PLAIN.fullmatch(value):
            raise ConfigError(key, shown(value), "must be a plain word or number to be measured")
    return given
