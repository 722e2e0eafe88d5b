"""What each client keeps in flight, as README and docs show it, from the stored sweep."""

from pathlib import Path

from experiments.catalogue import load
from experiments.kit.store import load_frame
from experiments.kit.tables import markdown

QUESTION = "clients"


def clients(sweeps: Path) -> str:
    """The table of clients under its caption."""
    experiment, rows = load(QUESTION), load_frame(sweeps / QUESTION, "rows")
    table = experiment.tables(rows)[0]
    return f"{table.caption}:\n\n{markdown(table, notes=True)}"
