"""The page as a whole: its sections in order, and their HTML from the templates beside this."""

from itertools import chain
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.catalogue import OTHERS
from experiments.kit.page import Section
from experiments.kit.tables import unbroken
from experiments.report.answers import answers
from experiments.report.provenance import provenance
from experiments.report.svg import picture


def page(results: Path) -> str:
    """The HTML of all that is stored. Raises ConfigError without the comparison's results."""
    comparison, *others = (stored.load().sections(results) for stored in OTHERS)
    return render([*comparison, answers(results), *chain(*others), provenance(results)])


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
