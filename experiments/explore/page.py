"""The page: its HTML from the template beside this, and the files that belong to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.compare.contenders import FIVE, ONE
from experiments.explore.asked import YOURS, Asked, Base
from experiments.explore.knobs import FAULT, GROUPS
from experiments.explore.picture import MOMENTS, WAITS
from experiments.kit import looks
from experiments.kit.palette import PALETTE
from model import ProducerConfig

TEMPLATES = "templates"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page: parts of it, and what it is."""

    kind: str
    parts: tuple[tuple[str, str], ...]  # package and file

    def text(self) -> str:
        """All of it."""
        texts = [(files(home) / TEMPLATES / name).read_text("utf-8") for home, name in self.parts]
        return "\n".join(texts)


_HERE = str(__package__)
_REPORT = _HERE.rpartition(".")[0] + ".report"
#: Names in the address to files; the report's style comes first.
FILES: Mapping[str, File] = {
    "page.css": File("text/css", ((_REPORT, "page.css"), (_HERE, "explore.css"))),
    **{
        name: File("text/javascript", ((_HERE, name),))
        for name in ("page.js", "knobs.js", "picture.js", "latency.js")
    },
}


def page(base: Base) -> str:
    """The HTML, with the knobs as they stand at first."""
    environment = Environment(
        loader=PackageLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    groups = {group: [k for k in base.knobs if k.group == group] for group in GROUPS}
    return environment.get_template("page.html").render(
        groups={group: knobs for group, knobs in groups.items() if group != FAULT},
        fault_knobs=groups[FAULT],
        values=base.values,
        words=json.dumps(words(base)),
    )


def words(base: Base) -> dict[str, Any]:
    """What the scripts have to know: names, colours, and what happens to a request."""
    return {
        "values": base.values,
        "labels": {ONE: "one in flight", FIVE: "five in flight", YOURS: "your settings"},
        "colours": {
            "broker": variable(looks.BROKER),
            "client": variable(looks.CLIENT),
            "again": variable(looks.AGAIN),
            "held": variable(looks.HELD),
            "fault": variable(looks.FAULT),
        },
        "yours": YOURS,
        "moments": MOMENTS,
        "waits": WAITS,
    }


def _look(label: str, config: ProducerConfig) -> looks.Look:
    """One in flight and five where only speed counts; one's own by its settings."""
    depth = config.max_in_flight_requests_per_connection
    return looks.look(depth, config.enable_idempotence) if label == YOURS else looks.carrying(depth)


def variable(colour: str) -> str:
    """A colour of the project as the page's style sheet has it, in light and in dark."""
    return f"var(--chart-{PALETTE[colour]})"


def colours(asked: Asked) -> dict[str, str]:
    """The colour of each producer, which it has everywhere."""
    return {
        label: variable(_look(label, config).colour) for label, config in asked.producers.items()
    }
