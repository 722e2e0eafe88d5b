"""One's own answer as a page to send around: what was found, what it assumes, how to run it again.

The page says when and with which version it was made, since whoever gets it was not there; so it is
the one result that differs from day to day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.compare import clients_told
from experiments.compare.clients import Clients
from experiments.compare.contenders import Comparison
from experiments.compare.stored import own_sections
from experiments.kit.experiment import Experiment
from experiments.kit.page import Block, Chart, Code, Heading, Prose, Section
from experiments.kit.properties import describe
from experiments.kit.results import ANSWER, CHART
from experiments.kit.store import Manifest, load_frame, read_manifest, read_svg
from experiments.kit.typed import typed
from experiments.kit.words import assumes
from experiments.kit.world import World
from experiments.kit.worldfile import world_file
from experiments.kit.worldkeys import written
from experiments.report.page import HEADING, made_with, render

MADE = (
    "Made by Inflight, a performance model of Apache Kafka's producer: all figures are simulated."
)


def of_comparison(asked: Comparison, folder: Path, advice: str) -> str:
    """The page of a comparison whose results are in a folder."""
    manifest = read_manifest(folder)
    found = own_sections(folder, advice, asked.assumed())
    settings = _settings(asked.world, manifest["producers"])
    return render([*found, _again(asked.world), settings], HEADING, _dated(manifest), MADE)


def of_clients(asked: Clients, rows: pd.DataFrame, folder: Path) -> str:
    """The page of the clients side by side whose results are in a folder."""
    manifest = read_manifest(folder)
    sentences = (Prose(sentence) for sentence in clients_told.advice(rows))
    lead = Prose(clients_told.answer(rows), lead=True)
    blocks: list[Block] = [lead, *sentences, Prose(asked.assumed()), *clients_told.tables(rows)]
    if svg := read_svg(folder, clients_told.PICTURE):
        blocks.append(Chart(clients_told.PICTURE, svg, *clients_told.SHOWS))
    found = Section("answer", "The answer", "The answer", blocks)
    settings = _settings(asked.world, manifest["producers"])
    heading = "What does each client carry?"
    return render([found, _again(asked.world), settings], heading, _dated(manifest), MADE)


def of_question(experiment: Experiment, world: World, folder: Path, assumed: str) -> str:
    """The page of a question's answer whose results are in a folder."""
    manifest = read_manifest(folder)
    found, again = _answer(experiment, folder, assumed), _again(world)
    settings = _settings(world, {"yours": manifest["world"]["own_producer"]})
    return render([found, again, settings], experiment.question, _dated(manifest), MADE)


def _answer(experiment: Experiment, folder: Path, assumed: str) -> Section:
    """Answer, what it assumes, tables and chart."""
    answer = (folder / ANSWER).read_text("utf-8").strip()
    holds = Prose(assumes(experiment.assumption))
    blocks: list[Block] = [Prose(answer, lead=True), holds, Prose(assumed)]
    blocks += experiment.tables(load_frame(folder, "rows"))
    if svg := read_svg(folder, CHART):
        blocks.append(Chart(CHART, svg, experiment.question, answer, ""))
    return Section("answer", "The answer", "The answer", blocks)


def _settings(world: World, producers: Mapping[str, Mapping[str, Any]]) -> Section:
    """What the client makes of the settings, all of them, and the machine's constants."""
    blocks: list[Block] = [Prose(line) for line in describe(world.resolved)]
    blocks += [replace(made, folded=True) for made in made_with(world.manifest(), producers)]
    return Section("settings", "Settings", "Settings and constants", blocks)


def _again(world: World) -> Section:
    """The command line, and the world file that it read."""
    return Section("again", "Run it again", "How to run it again", list(_typed(world)))


def _typed(world: World) -> Iterator[Block]:
    yield Prose("The same seed gives the same figures.")
    yield Code(typed({setting.key for setting in world.resolved.values}))
    if read := world_file():
        yield Heading(f"The world that it reads, {read.path.name}")
        said = written(read.values).splitlines()
        yield Code("\n".join(line for line in said if not line.startswith("#")))


def _dated(manifest: Manifest) -> str:
    """When, with which version, and at which commit if that is known."""
    today, commit = date.today(), manifest.get("commit") or ""
    changed = " with changes" if commit.endswith("-dirty") else ""
    at = f", commit {commit[:12]}{changed}" if commit else ""
    return f"{today.day} {today:%B %Y}, Inflight {manifest['versions']['inflight']}{at}"
