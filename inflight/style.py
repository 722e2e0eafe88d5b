"""The look of the project's charts, for one's own.

Importing it gives matplotlib the fonts and colours of the project for the rest of the process.
``look(5, True)`` is how a producer with five requests in flight and idempotence is drawn
everywhere, ``figure`` an empty figure, ``save`` writes it as SVG and PNG.
"""

from experiments.kit.looks import LOOKS, Look, look
from experiments.kit.style import figure, number, quiet_grid, save

__all__ = ["LOOKS", "Look", "figure", "look", "number", "quiet_grid", "save"]
