"""The page as a whole: its sections in order, and their HTML from the templates beside this."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.catalogue import EXPERIMENTS, OTHERS
from experiments.kit.page import Block, Chart, Heading, Prose, Section
from experiments.kit.results import ANSWER
from experiments.kit.store import has_run, read_manifest
from experiments.kit.tables import unbroken
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


def answers(results: Path) -> Section:
    """The experiments in the order of `inflight ask`; those that have not run are named."""
    folder = results / "sweeps"
    ran = {path.name for path in folder.glob("*") if has_run(path)}
    others = sorted(ran - set(EXPERIMENTS))  # not the project's own
    named = [name for name in (*EXPERIMENTS, *others) if name in ran]
    blocks = [block for name in named for block in _answer(folder / name)]
    if missing := [name for name in EXPERIMENTS if name not in ran]:
        blocks.append(Prose(f"Not run yet: {', '.join(missing)}."))
    return Section("answers", "Questions", "What Kafka users ask", blocks)


def _answer(folder: Path) -> Iterator[Block]:
    """Question, answer and figure of one experiment, and what the answer hangs on."""
    manifest = read_manifest(folder)
    question, answer = str(manifest["question"]), (folder / ANSWER).read_text("utf-8").strip()
    if failed := manifest.get("failed"):
        answer += f" Left out: runs that failed, {len(failed)} of them."
    yield Heading(question)
    yield Prose(answer)
    shows = f"Chart of the experiment {folder.name}. {answer}"
    for path in sorted(folder.glob("*.svg")):
        name = f"sweep-{folder.name}-{path.stem}"
        yield Chart(name, path.read_text("utf-8"), question, shows, "")
    if hangs := manifest.get("assumption"):
        yield Prose(f"It hangs on this: {hangs}.")
