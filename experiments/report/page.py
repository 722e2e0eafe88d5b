"""The page as a whole: its sections in order, and their HTML from the templates beside this."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.catalogue import OTHERS, Stored
from experiments.kit.page import Section
from experiments.kit.tables import unbroken
from experiments.report.answers import answers
from experiments.report.provenance import provenance
from experiments.report.svg import picture

#: What stands before the answers; everything else stands behind them.
FIRST = "compare"


def page(results: Path) -> str:
    """The HTML of all that is stored. Raises ConfigError without the comparison's results."""
    first = [stored for stored in OTHERS if stored.name == FIRST]
    rest = [stored for stored in OTHERS if stored.name != FIRST]
    return render(
        [
            *_sections(first, results),
            answers(results),
            *_sections(rest, results),
            provenance(results),
        ]
    )


def _sections(stored: list[Stored], results: Path) -> list[Section]:
    return [section for each in stored for section in each.load().sections(results)]


def render(sections: list[Section]) -> str:
    """Sections as one page."""
    environment = Environment(
        loader=PackageLoader("experiments.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"picture": picture, "unbroken": unbroken}
    return environment.get_template("page.html").render(sections=sections)
