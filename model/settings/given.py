"""The settings as the client reads them: what was set, the defaults, what it does not know.

Source: ConfigDef.parse and AbstractConfig. Values are kept only of the keys that the model acts on
or checks; of every other key the name alone is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from model.config.checks import ConfigError
from model.settings.keys import KEYS, NOT_OURS, TABLE, Key, Use
from model.settings.kinds import Value, trimmed
from model.settings.security import FAMILIES
from model.settings.shown import is_placeholder, looks_like_a_key
from model.settings.versions import KafkaVersion, spelled

NAMELESS = "(a line that is no setting)"
UNFILLED = "a placeholder: what the client's config provider puts there is not known here"
LONGEST_KEY = 100  # ours: characters of a name that are compared; Kafka's longest has 51
CLOSE, VERY_CLOSE = 0.75, 0.9  # ours: difflib's ratio from which a misspelling is assumed


@dataclass(frozen=True, slots=True)
class Given:
    """What the client's configuration holds; ``values`` has every key acted on or checked."""

    values: Mapping[str, Value]
    explicit: frozenset[str]
    ignored: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[str, str | None], ...]

    def whole(self, name: str) -> int:
        """An INT's or a LONG's value."""
        return int(self.values[name])

    def flag(self, name: str) -> bool:
        """A BOOLEAN's value."""
        return bool(self.values[name])

    def text(self, name: str) -> str:
        """A STRING's value."""
        return str(self.values[name])


def read_given(explicit: Mapping[str, str], kafka: KafkaVersion) -> Given:
    """Sort keys into known, ignored and unknown, and read each known value as its type.

    Raises ConfigError for a value that this version's client refuses by itself, in the order in
    which the client would come upon it, and for a placeholder where the value is needed.
    """
    texts = {name: trimmed(text) for name, text in explicit.items()}
    known = [key for key in TABLE if key.known_to(kafka.minor)]
    values = {key.name: _read(key, texts.get(key.name), kafka) for key in known}
    names = [key.name for key in known]
    strangers = [(n, _suggestion(n, names)) for n in texts if n not in KEYS]
    return Given(
        values={key.name: values[key.name] for key in known if key.use is not Use.IGNORES},
        explicit=frozenset(name for name in names if name in texts),
        ignored=(
            *(
                (n, _why(KEYS[n], texts[n], kafka))
                for n in texts
                if _is_left_aside(n, texts, kafka)
            ),
            *((n, NOT_OURS) for n, near in strangers if near is None and n.startswith(FAMILIES)),
        ),
        unknown=tuple(
            (n if looks_like_a_key(n) else NAMELESS, near)
            for n, near in strangers
            if near is not None or not n.startswith(FAMILIES)
        ),
    )


def _read(key: Key, text: str | None, kafka: KafkaVersion) -> Value:
    """What the client gets for a key: the text's value, or the default ("" for none)."""
    if text is not None and is_placeholder(text):
        if key.use is Use.ACTS:
            rule = "can only be filled by the client's own config provider; pass --set "
            raise ConfigError(key.name, "(placeholder)", f"{rule}{key.name}=VALUE")
        text = None
    if text is not None:
        return key.kind.read(key.name, text)
    default = key.default_in(kafka.minor)
    return key.kind.read(key.name, default) if default else ""


def _is_left_aside(name: str, texts: Mapping[str, str], kafka: KafkaVersion) -> bool:
    """Whether a key of some version is one that nothing is done with."""
    key = KEYS.get(name)
    if key is None:
        return False
    used = key.use is not Use.IGNORES and key.known_to(kafka.minor)
    return not used or is_placeholder(texts[name])


def _why(key: Key, text: str, kafka: KafkaVersion) -> str:
    """Why a key is left aside."""
    if kafka.minor < key.since:
        return f"came with Kafka {spelled(key.since)}"
    if kafka.minor > key.until:
        return f"gone since Kafka {spelled(key.until)}"
    return UNFILLED if is_placeholder(text) and not key.why else key.why


def _suggestion(name: str, known: list[str]) -> str | None:
    """The key that was probably meant; keys of plug-ins' families are taken for their own."""
    cutoff = VERY_CLOSE if name.startswith(FAMILIES) else CLOSE
    plain = name[:LONGEST_KEY].lower().replace("_", ".")
    return next(iter(get_close_matches(plain, known, 1, cutoff)), None)
