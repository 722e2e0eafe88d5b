"""One's own answer as a page to send around: what was found, what it assumes, how to run it again.

The page says when and with which version it was made, since whoever gets it was not there; so it is
the one result that differs from day to day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from experiments.compare.contenders import Comparison
from experiments.compare.stored import own_sections
from experiments.kit.experiment import Experiment
from experiments.kit.page import Block, Chart, Code, Heading, Prose, Section
from experiments.kit.properties import describe
from experiments.kit.results import ANSWER, CHART
from experiments.kit.store import Manifest, load_frame, read_manifest, read_svg
from experiments.kit.typed import typed
from experiments.kit.world import World
from experiments.kit.worldfile import world_file
from experiments.kit.worldkeys import written
from experiments.report.page import HEADING, made_with, render

MADE = (
    "Made by Inflight, a performance model of Apache Kafka's producer: all figures are simulated."
)


def of_comparison(asked: Comparison, folder: Path, advice: str) -> str:
    """The page of a comparison whose results are in a folder."""
    manifest, assumed = read_manifest(folder), asked.assumed()
    assumptions = _assumptions(asked.world, assumed, manifest["producers"])
    sections = [*own_sections(folder, advice, assumed), assumptions, _again(asked.world)]
    return render(sections, HEADING, _dated(manifest), MADE)


def of_question(experiment: Experiment, world: World, folder: Path, assumed: str) -> str:
    """The page of a question's answer whose results are in a folder."""
    manifest = read_manifest(folder)
    producers = {"yours": manifest["world"]["own_producer"]}
    sections = [_answer(experiment, folder), _assumptions(world, assumed, producers), _again(world)]
    return render(sections, experiment.question, _dated(manifest), MADE)


def _answer(experiment: Experiment, folder: Path) -> Section:
    """Answer, what it hangs on, chart and tables."""
    answer, blocks = (folder / ANSWER).read_text("utf-8").strip(), list[Block]()
    if svg := read_svg(folder, CHART):
        blocks.append(Chart(CHART, svg, experiment.question, answer, ""))
    blocks += experiment.tables(load_frame(folder, "rows"))
    hangs = Prose(f"It hangs on this: {experiment.assumption}.")
    return Section("answer", "The answer", "The answer", [Prose(answer, lead=True), hangs, *blocks])


def _assumptions(world: World, assumed: str, producers: Mapping[str, Mapping[str, Any]]) -> Section:
    """The lines that the answer began with, the producers' settings, the machine's constants."""
    lines = [Prose(line) for line in (assumed, *describe(world.resolved))]
    blocks: list[Block] = [*lines, *made_with(world.manifest(), producers)]
    return Section("assumed", "Assumed", "What it assumes", blocks)


def _again(world: World) -> Section:
    """The command line, and the world file that it read."""
    return Section("again", "Again", "How to run it again", list(_typed(world)))


def _typed(world: World) -> Iterator[Block]:
    yield Prose("The same seed gives the same figures.")
    yield Code(typed({setting.key for setting in world.resolved.values}))
    if read := world_file():
        yield Heading(f"The world that it reads, {read.path.name}")
        yield Code(written(read.values))


def _dated(manifest: Manifest) -> str:
    """When, with which version, and at which commit if that is known."""
    today, commit = date.today(), manifest.get("commit") or ""
    changed = " with changes" if commit.endswith("-dirty") else ""
    at = f", commit {commit[:12]}{changed}" if commit else ""
    return f"{today.day} {today:%B %Y}, Inflight {manifest['versions']['inflight']}{at}"
