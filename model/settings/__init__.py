"""What a real Kafka client does with the settings it is given, by version; pure rules on text."""

from model.settings.resolve import Resolved, Setting, resolve
from model.settings.versions import KafkaVersion

__all__ = ["KafkaVersion", "Resolved", "Setting", "resolve"]
