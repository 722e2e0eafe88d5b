"""What an experiment of one's own is made of: ``inflight sweep my_sweep.py`` runs it.

An :class:`Experiment` has points of a :class:`World`; ``figures.row`` names what is measured,
``estimates`` makes means and ratios with intervals of the rows, ``charts`` draws them. How they go
together is in docs/extend.md.
"""

from experiments.kit import charts, estimates, figures
from experiments.kit.experiment import Experiment, Point, grid
from experiments.kit.replications import Contrast, Replications
from experiments.kit.tables import Column, Table, filled, words
from experiments.kit.world import World

__all__ = [
    "Column",
    "Contrast",
    "Experiment",
    "Point",
    "Replications",
    "Table",
    "World",
    "charts",
    "estimates",
    "figures",
    "filled",
    "grid",
    "words",
]
