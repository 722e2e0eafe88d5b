"""The releases of clients other than Kafka's own, as far as their profiles tell them apart."""

import re
from dataclasses import dataclass

from model.clients.options import first_of, is_before, numbers
from model.clients.profile import Profile
from model.config.checks import ConfigError
from model.settings.shown import shown

_PATTERN = re.compile(r"v?(\d{1,3}(?:\.\d{1,3}){1,2})", re.ASCII)


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
        first, last = first_of(profile.oldest), numbers(profile.newest)
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
        return is_before(self.version, version)
