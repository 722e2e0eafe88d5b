"""What a real client does with the settings it is given, by version; pure rules on text."""

from model.settings.presets import producer_of, resolve_preset
from model.settings.releases import ClientRelease
from model.settings.resolve import resolve
from model.settings.resolved import Resolved, Setting, release_name
from model.settings.versions import KafkaVersion

__all__ = [
    "ClientRelease",
    "KafkaVersion",
    "Resolved",
    "Setting",
    "producer_of",
    "release_name",
    "resolve",
    "resolve_preset",
]
