"""What `inflight faults` leaves: the table of harm and a story; redrawn, reported, excerpted."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from experiments.faults.harm import LEGEND, harm_chart, harm_table, summary_table
from experiments.faults.headline import headline
from experiments.faults.story import FRAMES, frames_of
from experiments.faults.story_chart import story_chart
from experiments.kit.page import Block, Chart, Prose, Section
from experiments.kit.store import has_run, load_frame, read_svg, save_run
from experiments.kit.style import save
from experiments.kit.tables import markdown
from model import Run

HARM, STORY = "harm", "story"
SHOWS = "Space-time diagram: what a producer sends, what is lost, what the broker decides of it."
SENTENCE = (
    "Numbers: the batches' first records; hollow marks: batches found again, not written; crosses"
    " on the broker's line: batches written a second time."
)


def leave(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Store the rows of the table of harm and their picture; the paths."""
    save_run(folder, {HARM: rows}, {"experiment": "faults, harm"})
    return [folder / f"{HARM}.csv", *save(harm_chart(rows), folder, HARM)]


def leave_story(run: Run, folder: Path, schedule: str, seed: int) -> list[Path]:
    """Store what a story's picture is drawn from, and the picture; its paths."""
    frames = frames_of(run)
    save_run(folder, frames, {"experiment": "faults, story", "schedule": schedule, "seed": seed})
    return save(_picture(frames), folder, STORY)


def redraw(folder: Path) -> list[Path]:
    """The pictures again. Raises ConfigError where the table of harm was not made."""
    paths = save(harm_chart(load_frame(folder / HARM, HARM)), folder / HARM, HARM)
    if has_run(folder / STORY):
        paths += save(story_of(folder / STORY), folder / STORY, STORY)
    return paths


def story_of(folder: Path) -> Figure:
    """The picture of a stored story. Raises ConfigError where there is none."""
    return _picture({name: load_frame(folder, name) for name in FRAMES})


def _picture(frames: Mapping[str, pd.DataFrame]) -> Figure:
    return story_chart(**frames, title=_title(frames))


def _title(frames: Mapping[str, pd.DataFrame]) -> str:
    return headline(*(frames[name] for name in ("attempts", "decisions", "faults")))


def sections(results: Path) -> list[Section]:
    """The table of harm, and one fault told in full."""
    folder, blocks = results / "faults", list[Block]()
    if has_run(folder / HARM):
        rows = load_frame(folder / HARM, HARM)
        blocks += [summary_table(rows), Prose(LEGEND), harm_table(rows)]
    if has_run(folder / STORY) and (svg := read_svg(folder / STORY, STORY)):
        told = _title({name: load_frame(folder / STORY, name) for name in FRAMES})
        blocks.append(Chart(STORY, svg, told, SHOWS, SENTENCE))
    title = "What goes wrong, and what it does"
    return [Section("harm", "Faults", title, blocks or [Prose("Not run yet.")])]


def excerpts(results: Path) -> dict[str, str]:
    """The table of harm and its summary in Markdown."""
    rows = load_frame(results / "faults" / HARM, HARM)
    summary = summary_table(rows)
    counted = f"{summary.caption}:\n\n{markdown(summary)}"
    return {"harm": markdown(harm_table(rows)), "harm_summary": counted}
