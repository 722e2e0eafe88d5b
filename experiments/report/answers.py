"""Every experiment that has run: its question, its answer and its figure, as it left them."""

from pathlib import Path

from experiments.catalogue import EXPERIMENTS
from experiments.kit.page import Block, Chart, Heading, Prose, Section
from experiments.kit.results import ANSWER
from experiments.kit.store import Manifest, has_run, read_manifest


def answers(results: Path) -> Section:
    """The experiments in the order of `inflight ask`; those that have not run are named."""
    folder = results / "sweeps"
    blocks: list[Block] = []
    for name in _names(folder):
        blocks += _answer(folder / name)
    missing = [name for name in EXPERIMENTS if not has_run(folder / name)]
    if missing:
        blocks.append(Prose(f"Not run yet: {', '.join(missing)}."))
    return Section("answers", "Questions", "What Kafka users ask", blocks)


def _names(folder: Path) -> list[str]:
    """Experiments with results; one that is not the project's own comes last."""
    ran = {path.name for path in folder.glob("*") if has_run(path)}
    return [name for name in EXPERIMENTS if name in ran] + sorted(ran - set(EXPERIMENTS))


def _answer(folder: Path) -> list[Block]:
    """Question, answer and figure of one experiment; what it has not left is said."""
    manifest = read_manifest(folder)
    question, stored = str(manifest["question"]), folder / ANSWER
    answer = stored.read_text("utf-8").strip() if stored.is_file() else "Not analysed yet."
    answer = f"{answer} {_failed(manifest)}".strip()
    charts = sorted(folder.glob("*.svg"))
    if not charts:
        return [Heading(question), Prose(answer), Prose("Its figure was not drawn.")]
    shows = f"Chart of the experiment {folder.name}. {answer}"
    hangs = manifest.get("assumption")
    return [
        Heading(question),
        Prose(answer),
        *(
            Chart(f"sweep-{folder.name}-{path.stem}", path.read_text("utf-8"), question, shows, "")
            for path in charts
        ),
        *([Prose(f"It hangs on this: {hangs}.")] if hangs else []),
    ]


def _failed(manifest: Manifest) -> str:
    """What could not be run."""
    failed = len(manifest.get("failed", {}))
    return f"Left out: runs that failed, {failed} of them." if failed else ""
