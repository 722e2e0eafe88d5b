"""Where tables and lines go."""

from rich.console import Console

#: What the widest table takes: anything narrower would cut figures off.
WIDTH = 128


def console() -> Console:
    """Standard output, at least as wide as the tables, without the colouring of numbers."""
    output = Console(highlight=False, markup=False)
    return Console(highlight=False, markup=False, width=max(output.width, WIDTH))
