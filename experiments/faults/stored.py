"""What `inflight faults` leaves: the table of harm and a story; redrawn, reported, excerpted."""

from pathlib import Path

import pandas as pd

from experiments.faults.story import FRAMES, draw, frames_of
from experiments.faults.table import LEGEND, harm_chart, harm_table, summary_table
from experiments.kit.page import Block, Chart, Prose, Section
from experiments.kit.store import has_run, load_frame, read_manifest, read_svg, save_run
from experiments.kit.style import save
from experiments.kit.tables import markdown
from model import Run

HARM, STORY = "harm", "story"
TITLE = "What happens under the schedule {}"
SHOWS = (
    "Space-time diagram of a producer through a fault: what it sends, what is lost, what it sends"
    " again, and what the broker decides of each request."
)
SENTENCE = (
    "One producer through one fault. Numbers are the batches' first records; a hollow mark is a"
    " batch that the broker found again by its sequence number and did not write."
)


def leave(rows: pd.DataFrame, folder: Path) -> list[Path]:
    """Store the rows of the table of harm and their picture; the paths."""
    save_run(folder, {HARM: rows}, {"experiment": "faults, harm"})
    return [folder / f"{HARM}.csv", *save(harm_chart(rows), folder, HARM)]


def leave_story(run: Run, folder: Path, schedule: str, seed: int) -> list[Path]:
    """Store what a story's picture is drawn from, and the picture; its paths."""
    frames = frames_of(run)
    save_run(folder, frames, {"experiment": "faults, story", "schedule": schedule, "seed": seed})
    return save(draw(frames, TITLE.format(schedule)), folder, STORY)


def redraw(folder: Path) -> list[Path]:
    """The pictures again. Raises ConfigError where the table of harm was not made."""
    paths = save(harm_chart(load_frame(folder / HARM, HARM)), folder / HARM, HARM)
    if has_run(folder / STORY):
        frames = {name: load_frame(folder / STORY, name) for name in FRAMES}
        title = TITLE.format(read_manifest(folder / STORY)["schedule"])
        paths += save(draw(frames, title), folder / STORY, STORY)
    return paths


def sections(results: Path) -> list[Section]:
    """The table of harm, and one fault told in full."""
    blocks: list[Block] = []
    if has_run(results / "faults" / HARM):
        rows = load_frame(results / "faults" / HARM, HARM)
        blocks += [summary_table(rows), Prose(LEGEND), harm_table(rows)]
    else:
        blocks.append(Prose("The table of harm: not run yet."))
    blocks.append(_story(results / "faults" / STORY))
    return [Section("harm", "Harm", "What goes wrong, and what it does", blocks)]


def _story(folder: Path) -> Block:
    """The picture of the stored story."""
    title = "One fault, told in full"
    if not has_run(folder):
        return Prose(f"{title}: not run yet.")
    title += f": {str(read_manifest(folder)['schedule']).replace('_', ' ')}"
    svg = read_svg(folder, STORY)
    return Chart(STORY, svg, title, SHOWS, SENTENCE) if svg else Prose(f"{title}: not drawn.")


def excerpts(results: Path) -> dict[str, str]:
    """The table of harm and its summary in Markdown."""
    rows = load_frame(results / "faults" / HARM, HARM)
    summary = summary_table(rows)
    return {
        "harm": markdown(harm_table(rows)),
        "harm_summary": f"{summary.caption}:\n\n{markdown(summary)}",
    }
