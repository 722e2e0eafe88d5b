"""The releases of Kafka whose producer is known here, from 3.0 to 4.4.

A minor version alone means its last patch release. Left out: release candidates, vendors' own
numbering, and everything before 3.0 or after 4.4.
"""

import math
import re
from dataclasses import dataclass

from model.config.checks import ConfigError
from model.settings.shown import shown

Minor = tuple[int, int]

SUPPORTED: tuple[Minor, ...] = (
    *((3, minor) for minor in range(10)),
    *((4, minor) for minor in range(5)),
)
FIRST, LAST = SUPPORTED[0], SUPPORTED[-1]

#: Read: docs/upgrade.html and KAFKA-13598; fixed in 3.0.1, 3.1.1 and 3.2.0.
_IDEMPOTENCE_LEFT_OFF = {((3, 0), 0), ((3, 1), 0)}

_PATTERN = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})(?:\.([0-9]{1,2}))?")


def spelled(minor: Minor) -> str:
    """A minor version as people write it, such as ``"3.9"``."""
    return f"{minor[0]}.{minor[1]}"


@dataclass(frozen=True, slots=True)
class KafkaVersion:
    """A client's version; ``str()`` of it is what the user wrote.

    ``patch`` is None for a minor version's last patch release.
    """

    minor: Minor
    patch: int | None
    written: str

    @classmethod
    def parse(cls, text: str) -> "KafkaVersion":
        """The version that ``"4.4"`` or ``"3.0.1"`` names. Raises ConfigError for any other."""
        match = _PATTERN.fullmatch(text.strip())
        minor = (int(match[1]), int(match[2])) if match else None
        if match is None or minor not in SUPPORTED:
            raise ConfigError(
                "kafka",
                shown(text),
                f"must be a version from {spelled(FIRST)} to {spelled(LAST)}, such as"
                f" {spelled(LAST)} or 3.0.1",
            )
        return cls(minor, None if match[3] is None else int(match[3]), match[0])

    def __str__(self) -> str:
        return self.written

    def precedes(self, minor: Minor, patch: int = 0) -> bool:
        """Whether this release is older than patch release ``patch`` of ``minor``."""
        own_patch = math.inf if self.patch is None else self.patch
        return (self.minor, own_patch) < (minor, patch)

    @property
    def leaves_idempotence_off(self) -> bool:
        """Whether the default of ``enable.idempotence``, documented as true, has no effect.

        Source: KAFKA-13598.
        """
        return self.patch is not None and (self.minor, self.patch) in _IDEMPOTENCE_LEFT_OFF
