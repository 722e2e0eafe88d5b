"""Settings as Kafka's own client reads them: from a file, from text, or both."""

import warnings
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from experiments.kit.options import JAVA, NEWEST_KAFKA
from experiments.kit.properties import about_unknown
from experiments.kit.properties import load_settings as _load
from model.config.checks import require
from model.settings import Resolved


def load_settings(
    file: str | PathLike[str] | None = None,
    overrides: Mapping[str, object] | None = None,
    kafka: str = NEWEST_KAFKA,
    client: str = JAVA,
) -> Resolved:
    """What a client of this version makes of the settings in a file, with others on top.

    ``.producer`` of the result is for a :class:`Scenario`; ``.values`` says what each key ends up
    as and why, ``.notes``, ``.ignored`` and ``.unknown`` what one should know. ``overrides`` are by
    Kafka's names: ``{"linger.ms": 5}``. Keys that are no producer's are passed over as the client
    does, with a UserWarning that names them. ``client`` is another one than Kafka's own, such as
    "librdkafka" or "librdkafka@2.3", whose options are then under its own names. Raises ConfigError
    where the client would refuse, or for a file that cannot be read.
    """
    require("kafka", ascii(kafka), 'a version in quotes, as "4.1"', isinstance(kafka, str))
    pairs = [f"{key}={_written(value)}" for key, value in (overrides or {}).items()]
    loaded = _load(None if file is None else Path(file), pairs, kafka, client=client)
    for line in about_unknown(loaded.unknown, loaded.kafka):
        warnings.warn(line, stacklevel=2)
    return loaded


def _written(value: object) -> str:
    """A value as a properties file has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
