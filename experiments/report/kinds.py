"""The kinds of files that are read, as a table for the docs, from their data."""

from experiments.files.kinds import Kind, kinds
from experiments.kit.tables import Table, filled, words


def kinds_of_files() -> Table:
    """A row for each kind that can be asked for by name."""
    columns = words("--as", "a configuration of", "read behind", "sets by itself")
    return filled("", columns, [_row(kind) for kind in kinds() if not kind.given])


def _row(kind: Kind) -> tuple[str, ...]:
    behind = ", ".join(f"`{prefix.text}.`" for prefix in kind.prefixes if prefix.text)
    sets = ", ".join(f"{key}={value}" for key, value in kind.base.items())
    return f"`{kind.name}`", kind.title, behind or "Kafka's own keys", sets or "nothing"
