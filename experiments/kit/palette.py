"""Colours of pages: their style sheet has each of the project's twice, for light and for dark."""

from experiments.kit.looks import SHADES

#: Colours of :mod:`experiments.kit.looks` to the variables of the report's style sheet.
PALETTE = {
    "#ffffff": "paper",
    "#000000": "ink",
    "#222222": "ink",
    "#777777": "faint",
    "#d9d9d9": "grid",
    "#e3e3e3": "grid",
    "#0072b2": "blue",
    "#d55e00": "vermilion",
    "#009e73": "green",
    "#e69f00": "orange",
    "#56b4e9": "sky",
    "#cc79a7": "purple",
    "#f0e442": "yellow",
    "#999933": "olive",
    "#882255": "wine",
    "#a9dbc9": "mint",
    **{colour: f"shade-{place}" for place, colour in enumerate(SHADES, start=1)},
}
