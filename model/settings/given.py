"""The settings as the client reads them: what was set, the defaults, what it does not know.

Source: ConfigDef.parse and AbstractConfig. Values are kept only of the keys that the model acts on
or checks; of every other key the name alone is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from model.config.checks import ConfigError
from model.settings.keys import KEYS, NOT_OURS, TABLE, Key, Use
from model.settings.kinds import Value
from model.settings.refusals import refuse_after_reading, refuse_in_version
from model.settings.security import FAMILIES
from model.settings.shown import is_placeholder, looks_like_a_key, words_of
from model.settings.versions import KafkaVersion, spelled

NAMELESS = "(a line that is no setting)"
UNFILLED = "a placeholder: what the client's config provider puts there is not known here"
LONGEST_NAME = 100  # ours: characters of a name that are compared; Kafka's longest has 51
MOST_COMPARED = 500  # ours: a file with more keys is no producer's, and comparing takes time
AT_DEFAULT = "at its default"
#: Words that stand before Kafka's keys in files of other kinds.
_BEFORE = (
    "spring.cloud.stream.kafka.bindings.producer.consumer.admin.configuration.properties.default"
)
_BEFORE_TOO = (
    "mp.messaging.outgoing.incoming.producers.consumers.override.sink.component.binder.source"
)
WORDS = {word for name in (*KEYS, _BEFORE, _BEFORE_TOO) for word in words_of(name)}
CLOSE, VERY_CLOSE = 0.75, 0.9  # ours: difflib's ratio from which a misspelling is assumed


@dataclass(frozen=True, slots=True)
class Given:
    """What the client's configuration holds.

    ``values`` has every key of this version that is acted on or checked; for a key in ``hidden``,
    whose text is a placeholder, it is the default. ``explicit`` are the known keys that were set.
    """

    values: Mapping[str, Value]
    explicit: frozenset[str]
    hidden: frozenset[str]
    ignored: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str | None], ...]

    def has(self, name: str) -> bool:
        """Whether a key was set, to whatever value."""
        return name in self.explicit

    def whole(self, name: str) -> int:
        """An INT's or a LONG's value."""
        return int(self.values[name])

    def flag(self, name: str) -> bool:
        """A BOOLEAN's value."""
        return bool(self.values[name])

    def text(self, name: str) -> str:
        """A STRING's value."""
        return str(self.values[name])


def read_given(texts: Mapping[str, str], kafka: KafkaVersion) -> Given:
    """Sort keys into known, ignored and unknown, and read each known value, trimmed, as its type.

    Raises ConfigError for a value that this version's client refuses by itself, in the order in
    which the client would come upon it, and for a placeholder where the value is needed.
    """
    known = [key for key in TABLE if key.known_to(kafka.minor)]
    values = {key.name: _read(key, texts.get(key.name), kafka) for key in known}
    refuse_after_reading(texts, kafka)
    ignored, unknown = _left_aside(texts, [key.name for key in known], kafka)
    return Given(
        values={key.name: values[key.name] for key in known if key.use is not Use.IGNORES},
        explicit=frozenset(key.name for key in known if key.name in texts),
        hidden=frozenset(name for name, text in texts.items() if is_placeholder(text)),
        ignored=ignored,
        unknown=unknown,
    )


def _read(key: Key, text: str | None, kafka: KafkaVersion) -> Value:
    """What the client gets for a key: the text's value, or the default ("" for none)."""
    placeholder = text is not None and is_placeholder(text)
    if placeholder and key.use is Use.ACTS:
        rule = "can only be filled by the client's own config provider"
        raise ConfigError(key.name, "(placeholder)", f"{rule}; pass --set {key.name}=VALUE")
    if text is not None and not placeholder:
        refuse_in_version(key.name, text, kafka)
        return key.kind.read(key.name, text)
    default = key.default_in(kafka.minor)
    return key.kind.read(key.name, default) if default else ""


def _left_aside(
    texts: Mapping[str, str], known: list[str], kafka: KafkaVersion
) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str | None], ...]]:
    """Pairs of an ignored key and why, and of an unknown key and the one probably meant."""
    ignored: dict[str, str] = {}
    unknown: dict[str, str | None] = {}
    for name, text in texts.items():
        if name in KEYS:
            if why := _why(KEYS[name], text, kafka):
                ignored[name] = why
            continue
        meant = _meant(name, known) if len(ignored) + len(unknown) < MOST_COMPARED else None
        name_shown = name if _may_be_repeated(name, text, meant) else NAMELESS
        if meant is None and name.startswith(FAMILIES):
            ignored[name_shown] = NOT_OURS
        else:
            unknown[name_shown] = meant
    return tuple(ignored.items()), tuple(unknown.items())


def _why(key: Key, text: str, kafka: KafkaVersion) -> str:
    """Why a key is left aside; empty for one that is not."""
    if kafka.minor < key.since:
        return f"came with Kafka {spelled(key.since)}"
    if kafka.minor > key.until:
        return f"not in Kafka after {spelled(key.until)}"
    if is_placeholder(text):
        return key.why or UNFILLED
    at_default = key.use is Use.IGNORES and key.default and text == key.default_in(kafka.minor)
    return AT_DEFAULT if at_default else key.why


def _meant(name: str, known: list[str]) -> str | None:
    """The key that was probably meant; keys of plug-ins' families are taken for their own."""
    cutoff = VERY_CLOSE if name.startswith(FAMILIES) else CLOSE
    plain = name[:LONGEST_NAME].lower().replace("_", ".")
    return next(iter(get_close_matches(plain, known, 1, cutoff)), None)


def _may_be_repeated(name: str, text: str, meant: str | None) -> bool:
    """Whether a stranger's name can be shown.

    A name without a value, close to nothing, may be half of a value that was broken over two lines.
    """
    return looks_like_a_key(name, WORDS) and (meant is not None or text != "" or "." in name)
