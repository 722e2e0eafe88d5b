"""Keys, types, defaults and rules of real clients, release by release, as one small table.

``python -m tests.clients.keys`` asks the clients anew and writes it; a row is a key as it was from
one minor version to another.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path

from model.settings.versions import KafkaVersion, spelled
from tests.clients.releases import LAST_PATCHES, ClientKey, ask, fetch

STORED = Path(__file__).with_name("keys.csv")
COLUMNS = ("first", "last", "key", "type", "default", "rule")
Keys = Mapping[str, ClientKey]


def table(releases: Mapping[str, Keys]) -> str:
    """The rows as CSV, of minor versions in their order."""
    minors = list(releases)
    spans: dict[ClientKey, list[str]] = {}
    for minor, keys in releases.items():
        for key in keys.values():
            spans.setdefault(key, []).append(minor)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for key, seen in sorted(spans.items(), key=lambda item: (item[0].name, item[1])):
        first, last = seen[0], seen[-1]
        assert seen == minors[minors.index(first) : minors.index(last) + 1], key
        writer.writerow((first, last, *astuple(key)))
    return text.getvalue()


def stored(minor: str) -> Keys:
    """A minor version's keys from the table."""
    wanted = KafkaVersion.parse(minor).minor
    with STORED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return {
        key: ClientKey(key, *rest)
        for first, last, key, *rest in rows
        if KafkaVersion.parse(first).minor <= wanted <= KafkaVersion.parse(last).minor
    }


def main() -> None:
    """Ask every release."""
    fetch(LAST_PATCHES)
    releases = {
        spelled(KafkaVersion.parse(release).minor): {key.name: key for key in ask(release, ())[0]}
        for release in LAST_PATCHES
    }
    STORED.write_text(table(releases), encoding="utf-8")


if __name__ == "__main__":
    main()
