"""Where tables and lines go: a terminal as wide as it is, anything else wide enough for tables."""

from rich.console import Console

#: What the widest table takes.
WIDTH = 118


def console() -> Console:
    """Standard output, without the colouring of numbers."""
    terminal = Console(highlight=False, markup=False, soft_wrap=False)
    return terminal if terminal.is_terminal else Console(highlight=False, markup=False, width=WIDTH)
