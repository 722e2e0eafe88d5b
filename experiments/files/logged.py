"""What a client writes into its log when it starts: the settings that it ended up with.

Each block stands under a line with ``ProducerConfig values:``, one setting to a line, with ``null``
where nothing is set. Source: AbstractConfig.logAll.
"""

import re
from collections.abc import Iterator

from experiments.files.entries import MOST_ENTRIES, Entry, Unit

HEADING = "ProducerConfig values:"
_SETTING = re.compile(r"\s+([a-z][\w.]*) = (.*)")
_NOTHING = ("null", "[]", "")


def logged_units(text: str) -> list[Unit]:
    """A unit for each producer in a log, called by its client.id."""
    lines = enumerate(text.splitlines(), start=1)
    blocks = [tuple(_block(lines)) for _, line in lines if HEADING in line]
    return [Unit(block, _client_id(block), kind="java") for block in blocks]


def _client_id(block: tuple[Entry, ...]) -> str:
    return next((entry.value for entry in block if entry.name == "client.id"), "")


def _block(lines: Iterator[tuple[int, str]]) -> Iterator[Entry]:
    """The settings under a heading; ends with the first line that is none."""
    for made, (number, line) in enumerate(lines):
        setting = _SETTING.fullmatch(line)
        if setting is None or made > MOST_ENTRIES:
            return
        if setting[2] not in _NOTHING:
            yield Entry(setting[1], setting[2].strip("[]"), number)
