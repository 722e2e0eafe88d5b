"""The table of harm, how likely harm is, and one fault told in full; from the faults' rows."""

from pathlib import Path

import pandas as pd

from experiments.faults.table import harm_words, severity, time_words
from experiments.kit.store import load_frame
from experiments.report.blocks import (
    Block,
    Cell,
    Chart,
    Prose,
    Section,
    Table,
    text,
    words,
)
from experiments.report.stored import has_run, read_manifest, read_svg

#: Chart to its title, what it shows, and the sentence under it.
CHARTS = {
    "likelihood": (
        "How likely harm is",
        "Duplicates and displaced records per million against connections lost per million"
        " records, for one, two and five in flight and for the idempotent producer.",
        "Harm per million records against connections lost per million. Bands: 95 % intervals over"
        " replications; lines that coincide are drawn beside each other.",
    ),
    "story": (
        "One fault, told in full",
        "Space-time diagram of an idempotent producer through a fault: what it sends, what is lost,"
        " what it sends again, and what the broker decides of each request.",
        "An idempotent producer through one fault. Numbers are the batches' first records; a hollow"
        " mark is a batch that the broker found again by its sequence number and did not write.",
    ),
}
LEGEND = (
    "In each cell the harm in records, from the log that the run left, and what it cost in time:"
    " the longest gap between acks (stall), records fewer acknowledged than in calm weather at the"
    " worst instant (late), and how long after the fault that was caught up (+)."
)


def risk(results: Path) -> str:
    """One sentence for the headline: how many faults harm each producer; empty without rows."""
    rows = _harm_rows(results)
    if rows is None:
        return ""
    harmed = rows[[bool(harm_words(row)) for _, row in rows.iterrows()]]
    counts = harmed.groupby("producer").size()
    *first, last = (f"{counts.get(name, 0)} ({name})" for name in rows["producer"].unique())
    return (
        f"What is risked: of {rows['fault'].nunique()} faults tried, those that leave duplicates,"
        f" disorder or failed records behind are {', '.join(first)} and {last}."
    )


def harm(results: Path) -> Section:
    """What each fault does to each producer."""
    folder, blocks = results / "faults", list[Block]()
    rows = _harm_rows(results)
    if rows is None:
        blocks.append(Prose("The table of harm: not run yet."))
    else:
        blocks += [Prose(LEGEND), _table(rows)]
    for name in CHARTS:
        blocks.append(_chart(folder / name, name))
    return Section("harm", "Harm", "What goes wrong, and what it does", blocks)


def _harm_rows(results: Path) -> pd.DataFrame | None:
    folder = results / "faults" / "harm"
    return load_frame(folder, "harm") if has_run(folder) else None


def _table(rows: pd.DataFrame) -> Table:
    labels = list(rows["producer"].unique())
    return Table(
        "The table of harm: each fault with each producer",
        words("fault", *labels),
        [
            [text(fault), *(_cell(part.set_index("producer").loc[label]) for label in labels)]
            for fault, part in rows.groupby("fault", sort=False)
        ],
        wide=True,
    )


def _cell(row: "pd.Series[float]") -> Cell:
    """The harm in words, sorted by how many records it reached."""
    reached = float(row[["duplicates", "displaced", "acked_missing", "failed"]].sum())
    told = ", ".join(harm_words(row)) or "no harm"
    return Cell(told, reached, tone=severity(row), note=time_words(row))


def _chart(folder: Path, name: str) -> Block:
    title, shows, sentence = CHARTS[name]
    if not has_run(folder):
        return Prose(f"{title}: not run yet.")
    manifest, svg = read_manifest(folder), read_svg(folder, name)
    if "schedule" in manifest:
        title = f"{title}: {manifest['schedule'].replace('_', ' ')}"
    return Chart(name, svg, title, shows, sentence) if svg else Prose(f"{title}: not drawn.")
