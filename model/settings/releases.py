"""The releases of clients other than Kafka's own, as far as their profiles tell them apart."""

import math
import re
from dataclasses import dataclass

from model.clients.profile import Profile
from model.config.checks import ConfigError
from model.settings.shown import shown

_PATTERN = re.compile(r"v?(\d{1,3}(?:\.\d{1,3}){1,2})", re.ASCII)


def numbers(version: str) -> tuple[float, ...]:
    """A version for comparing; one without a patch release means the last of them."""
    parts = tuple(float(part) for part in version.split("."))
    return parts if len(parts) > 2 else (*parts, math.inf)


def _first_of(version: str) -> tuple[float, ...]:
    """The same, without a patch release the first of them."""
    return tuple(0.0 if part == math.inf else part for part in numbers(version))


@dataclass(frozen=True, slots=True)
class ClientRelease:
    """A release of a client; ``str()`` of it is what people call it, such as "sarama 1.61"."""

    client: str
    version: str

    @classmethod
    def parse(cls, profile: Profile, text: str) -> "ClientRelease":
        """The release that ``"2.16"`` or ``"1.5.2"`` names; empty: the newest that is known.

        Raises ConfigError for text that names none, and for one before or after those known.
        """
        match = _PATTERN.fullmatch(text.strip() or profile.newest)
        first, last = _first_of(profile.oldest), numbers(profile.newest)
        if match is None or not first <= numbers(match[1]) <= last:
            raise ConfigError(
                f"version of {profile.name}",
                shown(text),
                f"must be one from {profile.oldest} to {profile.newest}",
            )
        return cls(profile.name, match[1])

    def __str__(self) -> str:
        return f"{self.client} {self.version}"

    def precedes(self, version: str) -> bool:
        """Whether this release is older."""
        return bool(version) and numbers(self.version) < _first_of(version)
