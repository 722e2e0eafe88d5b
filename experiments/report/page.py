"""The page as a whole: its sections in order, and their HTML from the templates beside this."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.catalogue import EXPERIMENTS, OTHERS
from experiments.faults.harm import risk
from experiments.faults.stored import HARM
from experiments.kit.page import Block, Chart, Heading, Prose, Section
from experiments.kit.pool import Waiter
from experiments.kit.results import ANSWER, read_tables
from experiments.kit.store import MANIFEST, Manifest, has_run, load_frame, read_manifest, sha256
from experiments.kit.tables import Column, Table, filled, unbroken, words
from experiments.kit.words import assumes
from experiments.report.svg import Picture, picture
from model.settings.keys import KEYS

#: Folders of results that the page is made of.
PARTS = ("compare", "sweeps", "validation", "faults")
#: Of a commit's name.
SHORT = 12
HEADING = "One request in flight, or five?"
MADE = "Made by inflight report from stored results alone; the same results give the same page."
OWN = (
    "simulated, and held against a measured Kafka below. To ask about your own producer, run"
    " inflight compare --properties FILE."
)


def page(results: Path, waiter: Waiter | None = None) -> str:
    """The HTML of all that is stored; ``waiter`` is told of its charts.

    Raises ConfigError without the comparison's results.
    """
    (answer, *comparison), harm, *rest = (each.load().sections(results) for each in OTHERS)
    if has_run(faults := results / "faults" / HARM):  # beside the gain, what is risked
        answer = replace(answer, blocks=[*answer.blocks, Prose(risk(load_frame(faults, HARM)))])
    sections = [answer, *comparison, *harm, answers(results), *chain(*rest), provenance(results)]
    dated = f"{made_by(read_manifest(results / 'compare'))}: {OWN}"
    return render(sections, dated=dated, waiter=waiter)


def made_by(manifest: Manifest) -> str:
    """What made a run, in plain words: release, commit and its date, as far as they are known."""
    release = manifest.get("versions", {}).get("inflight", "")
    commit, _, changed = (manifest.get("commit") or "").partition("-")
    at = f"commit {commit[:SHORT]}{' with changes' if changed else ''}" if commit else ""
    date = manifest.get("commit_date") or ""
    dated = f"of {date}" if date else ""
    return ", ".join(filter(None, (f"Made by Inflight {release}".strip(), at, dated)))


def render(
    sections: Sequence[Section],
    heading: str = HEADING,
    dated: str = "",
    made: str = MADE,
    waiter: Waiter | None = None,
) -> str:
    """Sections as one page, under a heading and when it was made, over how."""
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"picture": partial(_picture, waiter), "unbroken": unbroken}
    if waiter is not None:
        blocks = chain.from_iterable(section.blocks for section in sections)
        waiter.expect(sum(isinstance(block, Chart) for block in blocks))
    return environment.get_template("page.html").render(
        sections=sections, heading=heading, dated=dated, made=made
    )


def _picture(waiter: Waiter | None, chart: Chart) -> Picture:
    """A chart as markup, which is what a page takes its time for."""
    drawn = picture(chart)
    if waiter is not None:
        waiter.done()
    return drawn


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
    """Question, answer and chart of one experiment, what it assumes, and its figures."""
    manifest = read_manifest(folder)
    question, answer = str(manifest["question"]), (folder / ANSWER).read_text("utf-8").strip()
    if failed := manifest.get("failed"):
        answer += f" Left out: runs that failed, {len(failed)} of them."
    yield Heading(question)
    yield Prose(answer)
    shows = f"Chart of the experiment {folder.name}. {answer}"
    for path in sorted(folder.glob("*.svg")):
        yield Chart(
            f"sweep-{folder.name}-{path.stem}", path.read_text("utf-8"), question, shows, ""
        )
    if assumption := manifest.get("assumption"):
        yield Prose(assumes(assumption))
    yield from (replace(table, folded=True) for table in read_tables(folder))


def provenance(results: Path) -> Section:
    """With what it was made: settings, the machine's constants, versions, digests of all rows."""
    compare = read_manifest(results / "compare")
    blocks = [*made_with(compare, compare["producers"]), _versions(results), _digests(results)]
    return Section(
        "provenance", "Made with", "What it was made with: settings, versions, digests", blocks
    )


def _found(results: Path, pattern: str) -> dict[str, Path]:
    """Files of the page's parts, in their order, by their path below the results."""
    paths = [path for part in PARTS for path in sorted((results / part).rglob(pattern))]
    return {path.relative_to(results).as_posix(): path for path in paths}


def made_with(world: Manifest, producers: Mapping[str, Mapping[str, object]]) -> list[Table]:
    """The settings of producers, and the constants of a world's machine."""
    columns = [*words("constant"), Column("µs", spec="g")]
    machine = filled("Constants of the machine, in µs", columns, world["machine_us"].items())
    return [_settings(str(world["kafka"]), producers), machine]


def _settings(kafka: str, producers: Mapping[str, Mapping[str, object]]) -> Table:
    """The producers side by side, what differs first."""
    names = sorted({name for producer in producers.values() for name in producer})
    cells = {name: [_plain(each.get(name)) for each in producers.values()] for name in names}
    names.sort(key=lambda name: len(set(cells[name])) == 1)
    return filled(
        f"Settings of the producers (Kafka {kafka}), those that differ first",
        words("setting", *producers),
        [[_kafka_name(name), *cells[name]] for name in names],
    )


def _kafka_name(attribute: str) -> str:
    """The setting that an attribute of the model's producer is; an attribute of ours as it is."""
    dotted = attribute.replace("_", ".")
    names = (dotted, dotted.removesuffix(".bytes"))
    return next((name for name in names if name in KEYS), attribute)


def _versions(results: Path) -> Table:
    found = _found(results, MANIFEST).values()
    runs = {path.parent.relative_to(results): read_manifest(path.parent) for path in found}
    packages = sorted({name for run in runs.values() for name in run.get("versions", {})})
    rows = []
    for folder, run in runs.items():
        versions = [run.get("versions", {}).get(package, "-") for package in packages]
        commit, dash, changed = (run.get("commit") or "").partition("-")
        short = f"{commit[:SHORT]}{dash}{changed}" or "-"
        rows.append([folder.as_posix(), *versions, short, run.get("seed", "-")])
    return filled("Versions of each run", words("run", *packages, "commit", "seed"), rows)


def _digests(results: Path) -> Table:
    files = {**_found(results, "*.csv"), **_found(results, "*.parquet")}
    rows = [[name, sha256(path)] for name, path in files.items()]
    return filled("SHA-256 of every file of rows", words("file", "sha256"), rows, folded=True)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
