"""`inflight settings FILE`: what a client does with its settings, and why. Nothing is run."""

from pathlib import Path

import click

from experiments.kit.as_json import tell
from experiments.kit.asking import Asking
from experiments.kit.command import say, show
from experiments.kit.options import FILE, options
from experiments.kit.properties import Loaded, load_settings

NEXT = "Next: inflight compare --properties FILE says what this producer carries."


@click.command(cls=Asking)
@click.argument("properties", metavar="[FILE]", type=FILE, required=False)
@options("as_kind", "which", "client", "kafka", "overrides", "world", "json")
def command(
    properties: Path | None,
    as_kind: str | None,
    which: str | None,
    client: str,
    kafka: str,
    overrides: tuple[str, ...],
) -> None:
    """Say what a client does with the settings in FILE, and where each is from.

    FILE is Java properties, Spring, Kafka Connect, MirrorMaker, Quarkus and others, in properties,
    YAML or JSON. Without it: the defaults, of the client or of --as KIND.
    """
    loaded = load_settings(properties, overrides, kafka, as_kind, which, client)
    _print(loaded)
    if properties is not None:
        say([NEXT])
    tell(answer(loaded))


def answer(loaded: Loaded) -> dict[str, object]:
    """Everything that is said, as data; no value of a key that the model leaves aside."""
    from experiments.kit.guarantees import guarantees

    return {
        "command": "settings",
        "source": loaded.told or None,
        "client": loaded.producer.client,
        "kafka": str(loaded.kafka),
        "settings": {
            each.key: {"value": each.value, "origin": each.origin, "default": each.default or None}
            for each in loaded.values
        },
        "guarantees": guarantees(loaded.producer, loaded.topic),
        "topic": {
            "replicas": loaded.topic.replicas,
            "min_insync_replicas": loaded.topic.min_insync_replicas,
        },
        "notes": loaded.notes,
        "not_used": dict(loaded.ignored),
        "unknown": dict(loaded.unknown),
        "without_effect": loaded.misplaced,
    }


def _print(loaded: Loaded) -> None:
    """The lines that every command begins with, the table, what it promises."""
    from experiments.kit.guarantees import guarantees
    from experiments.kit.properties import describe
    from experiments.kit.tables import filled, words
    from model.settings import KafkaVersion
    from model.settings.shown import shown

    say(line for line in describe(loaded) if not line.startswith("Other than by default"))
    rows = [
        (
            each.key,
            shown(each.value) or "(none)",
            each.origin,
            "" if each.value == each.default else "*",
        )
        for each in sorted(loaded.values, key=lambda each: (not each.given, not each.changed))
    ]
    rows += [(key, "(not used)", why, "") for key, why in loaded.ignored]
    whose = "Kafka's" if isinstance(loaded.kafka, KafkaVersion) else "the client's"
    columns = words("setting", "value", "from", f"other than {whose} default")
    say([""])
    show(filled("", columns, rows))
    say(
        f"{asked[0].upper()}{asked[1:]}: {told}."
        for asked, told in guarantees(loaded.producer, loaded.topic).items()
    )
