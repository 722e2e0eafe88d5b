"""Every sweep that has run: its question, its answer and its figure, as it left them."""

from pathlib import Path

from experiments.report.blocks import Block, Chart, Heading, Prose, Section
from experiments.report.stored import Manifest, has_run, read_manifest
from experiments.sweeps import SWEEPS

ANSWER = "answer.txt"


def sweeps(results: Path) -> Section:
    """The sweeps in the order in which they are told; those that have not run are named."""
    folder = results / "sweeps"
    blocks: list[Block] = []
    for name in _names(folder):
        blocks += _sweep(folder / name)
    missing = [name for name in SWEEPS if not has_run(folder / name)]
    if missing:
        blocks.append(Prose(f"Not run yet: {', '.join(missing)}."))
    return Section("sweeps", "Sweeps", "Sweeps", blocks)


def _names(folder: Path) -> list[str]:
    """Sweeps with results; one that is not the project's own comes last."""
    ran = {path.name for path in folder.glob("*") if has_run(path)}
    return [name for name in SWEEPS if name in ran] + sorted(ran - set(SWEEPS))


def _sweep(folder: Path) -> list[Block]:
    """Question, answer and figure of one sweep; what it has not left is said."""
    manifest = read_manifest(folder)
    question = str(manifest["question"])
    said = folder / ANSWER
    told = said.read_text(encoding="utf-8").strip() if said.is_file() else "Not analysed yet."
    told = f"{told} {_failed(manifest)}".strip()
    charts = sorted(folder.glob("*.svg"))
    if not charts:
        return [Heading(question), Prose(told), Prose("Its figure was not drawn.")]
    shows = f"Chart of the sweep {folder.name}. {told}"
    return [
        Heading(question),
        Prose(told),
        *(
            Chart(f"sweep-{folder.name}-{path.stem}", path.read_text("utf-8"), question, shows, "")
            for path in charts
        ),
    ]


def _failed(manifest: Manifest) -> str:
    """What the sweep could not run."""
    failed = len(manifest.get("failed", {}))
    return f"Left out: runs that failed, {failed} of them." if failed else ""
