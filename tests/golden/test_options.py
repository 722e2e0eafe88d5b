"""What other clients make of random options, by release, as it was: a guard as for settings.

Values are those between which a decision falls: ends of ranges and what is beyond, words, defaults.
``make golden`` writes the rows anew, on purpose.
"""

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from model import ConfigError, ProducerConfig
from model.clients import PROFILES
from model.clients.options import Option
from model.clients.profile import Profile
from model.settings.presets import resolve_preset

PATH = Path(__file__).parent / "options.csv"
CASES = 12
#: Beside the oldest and the newest: where defaults, options or rules change, and just before.
RELEASES = {
    "librdkafka": ("0.11.6", "1.0", "1.5.1", "1.5.2", "1.9", "2.4", "2.5", "2.9", "2.10"),
    "kafka-python": ("2.0", "2.1", "2.2"),
    "franz-go": ("1.10", "1.11", "1.20"),
    "sarama": ("1.42", "1.47", "1.48.0"),
}


def tries(option: Option) -> list[str]:
    """Values worth a try on an option."""
    words = [word for word, _ in option.words]
    if option.kind == "flag":
        return ["true", "False", "yes"]
    if option.kind == "word":
        return [*words, *option.choices, "${env:SOME}", "nonsense", ""]
    ends = [int(end) for end in (option.low, option.high)]
    near = [f"{number}" for end in ends for number in (end - 1, end, end + 1)]
    return [*words, *near, "0", "1", " 6 ", "1000", "2.5", f"{option.default}"]


def cases(profile: Profile, release: str) -> Iterator[dict[str, str]]:
    """Few options at once, those that decide about others more often."""
    draw = Random(f"{profile.name} {release}")
    deciding = [option for option in profile.options if not (option.why or option.sets)]
    acting = [option for option in profile.options if not option.why]
    for number in range(CASES):
        chosen = draw.sample(deciding, min(len(deciding), draw.randint(0, 2)))
        chosen += draw.sample(acting, draw.randint(0, 2))
        chosen += draw.sample(profile.options, number % 2)
        names = [draw.choice((option.name, *option.spellings)) for option in chosen]
        yield {name: draw.choice(tries(each)) for name, each in zip(names, chosen, strict=True)}


def told(client: str, release: str, case: dict[str, str]) -> str:
    """The refusal, or all that differs from what comes of no options."""
    try:
        outcome = resolve_preset(client, release, case, dict.fromkeys(list(case)[:1], "a file"))
    except ConfigError as refusal:
        return str(refusal)
    plain = resolve_preset(client, release, {})
    parts = [
        f"{row.key}: {row.value}, {row.origin}; {row.default} by default"
        for row in outcome.values
        if row not in plain.values
    ]
    parts += [f"{name}: {why}" for name, why in outcome.ignored]
    parts += [note for note in outcome.notes if note not in plain.notes]
    parts += [f"not: {note}" for note in plain.notes if note not in outcome.notes]
    return "\n".join([*parts, *differing(outcome.producer, plain.producer)])


def differing(producer: ProducerConfig, plain: ProducerConfig) -> Iterator[str]:
    """Attributes of a producer that are not those of the other one."""
    for field in dataclasses.fields(producer):
        value = getattr(producer, field.name)
        if value != getattr(plain, field.name):
            yield f"{field.name}={value!r}"


def rows() -> Iterator[tuple[str, str, str]]:
    """Release, options, and what comes of them; of none, what differs from Java's."""
    for name, profile in PROFILES.items():
        if not profile.options:
            continue
        for release in (profile.oldest, *RELEASES.get(name, ()), profile.newest):
            plain = resolve_preset(name, release, {})
            parts = (*differing(plain.producer, ProducerConfig()), *plain.notes)
            yield str(plain.kafka), "nothing", "\n".join(parts)
            for case in cases(profile, release):
                written = " ".join(f"{option}={text}" for option, text in case.items())
                yield str(plain.kafka), written, told(name, release, case)


def test_what_comes_of_options_is_what_the_golden_file_has(request: pytest.FixtureRequest) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows())
    if request.config.getoption("--renew-golden"):
        PATH.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue().count("\n") > 200
    assert text.getvalue() == PATH.read_text(encoding="utf-8")
