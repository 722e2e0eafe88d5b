"""What a file says of its topic: how many copies there are, and how many must have a record."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """None where the file does not say."""

    replicas: int | None = None
    min_insync_replicas: int | None = None

    @property
    def told(self) -> str:
        """Both under Kafka's names; empty where nothing is said."""
        both = {
            "replication.factor": self.replicas,
            "min.insync.replicas": self.min_insync_replicas,
        }
        return ", ".join(f"{key}={value}" for key, value in both.items() if value is not None)


def topic_of(words: dict[str, str]) -> TopicSettings:
    """From text; what is no small whole number is left out, as is -1, the brokers' default."""
    numbers = {
        name: int(text)
        for name, text in words.items()
        if text.isascii() and text.isdecimal() and 0 < len(text) <= 3
    }
    return TopicSettings(**numbers)
