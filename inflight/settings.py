"""Settings as Kafka's own client reads them: from a file, from text, or both."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from experiments.kit.options import NEWEST_KAFKA
from experiments.kit.properties import load_settings as _load
from model.settings import Resolved


def load_settings(
    file: str | PathLike[str] | None = None,
    overrides: Mapping[str, object] | None = None,
    kafka: str = NEWEST_KAFKA,
) -> Resolved:
    """What a client of this version makes of the settings in a file, with others on top.

    ``.producer`` of the result is for a :class:`Scenario`; ``.values`` says what each key ends up
    as and why, ``.notes``, ``.ignored`` and ``.unknown`` what one should know. ``overrides`` are by
    Kafka's names: ``{"linger.ms": 5}``. Raises ConfigError where the client would refuse, or for a
    file that cannot be read.
    """
    pairs = [f"{key}={_written(value)}" for key, value in (overrides or {}).items()]
    return _load(None if file is None else Path(file), pairs, kafka)


def _written(value: object) -> str:
    """A value as a properties file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
