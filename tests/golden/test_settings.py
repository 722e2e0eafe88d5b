"""What is made of random settings, by version, as it was: a guard against changes nobody meant.

Cases are those that the real clients are asked (``tests/clients``), every fifth with placeholders.
``make golden`` writes the rows anew, on purpose.
"""

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from model import ConfigError
from model.settings import KafkaVersion, Resolved, resolve
from tests.clients.cases import cases

PATH = Path(__file__).parent / "settings.csv"
VERSIONS = ("3.0.0", "3.1", "3.2", "3.3", "3.5.0", "3.6", "3.7", "3.9", "4.0", "4.2", "4.3", "4.4")
CASES = 20


def told(case: dict[str, str], kafka: KafkaVersion) -> str:
    """The refusal, or all that differs from what comes of no settings."""
    try:
        outcome = resolve(case, kafka, {"acks": "a file"})
    except ConfigError as refusal:
        return str(refusal)
    plain = resolve({}, kafka)
    values = [str(row) for row in outcome.values if row not in plain.values]
    parts = [*values, *_differing(outcome, plain), *outcome.notes]
    parts += [" ".join(map(str, pair)) for pair in (*outcome.ignored, *outcome.unknown)]
    return "\n".join(parts)


def _differing(outcome: Resolved, plain: Resolved) -> Iterator[str]:
    for field in dataclasses.fields(outcome.producer):
        value = getattr(outcome.producer, field.name)
        if value != getattr(plain.producer, field.name):
            yield f"{field.name}={value!r}"


def rows() -> Iterator[tuple[str, str, str]]:
    """Version, settings, and what comes of them."""
    for version in VERSIONS:
        for number, case in enumerate(cases(version, CASES)):
            if number % 5 == 4:
                case |= dict.fromkeys(sorted(case)[::2], "${env:SOME}")
            written = " ".join(f"{name}={text}" for name, text in case.items())
            yield version, written, told(case, KafkaVersion.parse(version))
        yield (
            version,
            "nothing",
            "\n".join(map(str, resolve({}, KafkaVersion.parse(version)).notes)),
        )


def test_what_comes_of_settings_is_what_the_golden_file_has(
    request: pytest.FixtureRequest,
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows())
    if request.config.getoption("--renew-golden"):
        PATH.write_text(text.getvalue(), encoding="utf-8")
    assert text.getvalue().count("\n") > 200
    assert text.getvalue() == PATH.read_text(encoding="utf-8")
