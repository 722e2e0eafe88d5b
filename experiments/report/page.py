"""The page as a whole: its sections in order, and their HTML from the templates beside this."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.kit.store import load_frame
from experiments.report.answer import answer, picture
from experiments.report.blocks import Section, unbroken
from experiments.report.distances import distances
from experiments.report.harm import harm, risk
from experiments.report.provenance import provenance
from experiments.report.stored import read_manifest
from experiments.report.svg import picture as markup
from experiments.report.sweeps import sweeps
from experiments.report.validation import validation


def page(results: Path) -> str:
    """The HTML of all that is stored. Raises ConfigError without the comparison's results."""
    compare = results / "compare"
    manifest = read_manifest(compare)
    rows = load_frame(compare, "rows")
    return render(
        [
            answer(rows, manifest, risk(results)),
            picture(compare),
            distances(compare, rows),
            sweeps(results),
            validation(results),
            harm(results),
            provenance(results),
        ]
    )


def render(sections: list[Section]) -> str:
    """Sections as one page."""
    environment = Environment(
        loader=PackageLoader("experiments.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"picture": markup, "unbroken": unbroken}
    return environment.get_template("page.html").render(sections=sections)
