"""From the options of a client other than Kafka's own to the producer that the model runs.

Pure: which options there are, what they set and what is refused is the profile's to say
(:mod:`model.clients`); this reads them. Values are kept only of options that set something or
decide about one that does; of every other the name alone is.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from model.clients import PROFILES
from model.clients.options import Asked, Option, Value
from model.clients.profile import Profile
from model.config.checks import ConfigError, require
from model.config.producer import ProducerConfig
from model.settings.given import LONGEST_NAME, UNFILLED
from model.settings.kinds import Flag, Kind, OneOf, Real, Text, Whole, trimmed
from model.settings.releases import ClientRelease
from model.settings.resolved import NO_ORIGINS, Resolved, Setting, written
from model.settings.shown import is_placeholder, looks_like_a_key, shown

CLOSE = 0.75  # ours: difflib's ratio from which a misspelling is assumed
NOT_SETTABLE = "(a placeholder)"


def producer_of(client: str, version: str = "", /, **options: object) -> ProducerConfig:
    """A producer of a client with its own defaults, and options under its own names.

    Names with dots go into a mapping: ``producer_of("librdkafka", **{"linger.ms": 0})``. Raises
    ConfigError for what the client refuses. For Java's settings see :func:`model.settings.resolve`.
    """
    texts = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in options.items()
    }
    return resolve_preset(client, version, texts).producer


def resolve_preset(
    client: str,
    version: str,
    explicit: Mapping[str, str],
    origins: Mapping[str, str] = NO_ORIGINS,
) -> Resolved:
    """What a client of this version makes of options given as text under its own names.

    ``origins`` says in words where an option was given. Raises ConfigError where the client
    refuses, and for what the model cannot run.
    """
    profile = profile_of(client)
    release = ClientRelease.parse(profile, version)
    known = [each for each in profile.options if _knows(release, each)]
    texts, ignored = _sort(profile, release, known, explicit)
    values = {each.name: _read(each, texts.get(each.name), release) for each in known}
    asked = Asked(values, frozenset(texts), release.version)
    for name, rule in profile.refuse(asked):
        raise ConfigError(name, shown(written(values[name])), f"must be {rule}")
    rules = next((old for until, old in profile.older if release.precedes(until)), profile)
    producer = ProducerConfig(**_attributes(rules, known, asked))
    settings = tuple(
        Setting(
            key=each.name,
            value=written(values[each.name]),
            origin=_origin(each, texts, explicit, origins, release),
            default=written(_default(each, release)),
            given=each.name in texts,
            changed=False,
        )
        for each in known
        if not each.why
    )
    ignored |= {each.name: each.why for each in known if each.why and each.name in texts}
    notes = tuple(profile.tell(asked))
    return Resolved(producer, release, settings, notes, tuple(ignored.items()), ())


def profile_of(client: str) -> Profile:
    """The profile with options of its own that has this name. Raises ConfigError for none."""
    others = [name for name, profile in PROFILES.items() if profile.options]
    require("client", shown(client), f"one of {', '.join(PROFILES)}", client in others)
    return PROFILES[client]


def _knows(release: ClientRelease, option: Option) -> bool:
    """Whether this release has the option; ``until`` names the last that has it."""
    after = option.until and not release.precedes(_next(option.until))
    return not release.precedes(option.since) and not after


def _next(version: str) -> str:
    *front, last = version.split(".")
    return ".".join((*front, str(int(last) + 1)))


def _sort(
    profile: Profile, release: ClientRelease, known: list[Option], explicit: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Texts by the options' own names, and names left aside with why; refuses strangers."""
    texts, ignored = dict[str, str](), dict[str, str]()
    named = {name: each for each in known for name in (each.name, *each.spellings)}
    for name, text in explicit.items():
        if name in named:
            texts[named[name].name] = trimmed(text)
        elif name.startswith(profile.families) and profile.families:
            ignored[name if looks_like_a_key(name) else "(no option)"] = "security is not modelled"
        else:
            meant = next(iter(get_close_matches(name[:LONGEST_NAME], named, 1, CLOSE)), None)
            hint = f"; did you mean {meant}?" if meant else ""
            shown_name = name if looks_like_a_key(name) else "(an option)"
            raise ConfigError(shown_name, "...", f"is no option of {release}{hint}")
    return texts, ignored


def _default(option: Option, release: ClientRelease) -> Value:
    older = (value for version, value in option.was if release.precedes(version))
    return next(older, option.default)


def _read(option: Option, text: str | None, release: ClientRelease) -> Value:
    """What the client gets for an option: the text's value, or the release's default."""
    if text is None:
        return _default(option, release)
    if is_placeholder(text):
        if not option.why:
            raise ConfigError(option.name, NOT_SETTABLE, UNFILLED)
        return _default(option, release)
    for word, value in option.words:
        if text == word:
            return value
    return _kind(option).read(option.name, text)


def _kind(option: Option) -> Kind:
    if option.kind == "whole":
        return Whole(int(option.low), int(option.high))
    if option.kind == "number":
        return Real(option.low, option.high)
    if option.kind == "flag":
        return Flag()
    words = tuple(word for word, _ in option.words)
    return OneOf((*option.choices, *words)) if option.choices else Text()


def _attributes(profile: Profile, known: list[Option], asked: Asked) -> dict[str, Any]:
    """The arguments of the producer's configuration."""
    own = {each.sets: asked.values[each.name] for each in known if each.sets}
    settled = {"client": profile.name, **profile.constants, **own, **profile.settle(asked)}
    return settled


def _origin(
    option: Option,
    texts: Mapping[str, str],
    explicit: Mapping[str, str],
    origins: Mapping[str, str],
    release: ClientRelease,
) -> str:
    if option.name not in texts:
        return f"default of {release}"
    given = (name for name in (option.name, *option.spellings) if name in explicit)
    return next((origins[name] for name in given if name in origins), "set")
