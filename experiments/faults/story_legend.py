"""What the signs of a story's picture mean: an entry for each that is in the picture."""

from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.faults.story_frames import DUPLICATE, WRITTEN, WRITTEN_LATE
from experiments.faults.story_strokes import AGAIN, FIRST, FIRST_ATTEMPT, HELD, RETRY
from experiments.kit.style import FAINT, INK
from model.wire.transmission import Fate

FAULT = "#f0e442"
GIVEN_UP, REFUSED = "given up", "refused"
#: How a broker's decision is marked; every error is a refusal.
MARKS: dict[str, dict[str, Any]] = {
    WRITTEN: {"marker": "o", "ms": 6, "mfc": INK, "mec": INK},
    WRITTEN_LATE: {"marker": "D", "ms": 7, "mfc": AGAIN, "mec": INK},
    DUPLICATE: {"marker": "o", "ms": 7, "mfc": "white", "mec": INK, "mew": 1.4},
    REFUSED: {"marker": "X", "ms": 8, "mfc": "white", "mec": INK, "mew": 1.4},
}


def _line(words: str, **look: Any) -> Line2D:
    return Line2D([], [], label=words, **look)


#: What each sign is called in the picture, and its entry.
ENTRIES: dict[str, Artist] = {
    FIRST_ATTEMPT: _line("first attempt (dashed: its answer)", color=FIRST),
    RETRY: _line("retry by the producer", color=AGAIN),
    Fate.HELD_BACK.value: _line("held back by TCP", color=HELD, lw=3.2),
    Fate.LOST.value: _line("lost on the way", marker="x", ls="", color=INK),
    Fate.RESENT.value: _line("sent again by TCP", color=INK, ls=":"),
    Fate.CUT_OFF.value: _line(
        "too late: the connection is gone", color=FAINT, marker="s", mfc="white"
    ),
    GIVEN_UP: _line("the producer gives up the connection", marker="v", ls="", color=AGAIN),
    WRITTEN: _line("written", ls="", **MARKS[WRITTEN]),
    WRITTEN_LATE: _line("written, though given up", ls="", **MARKS[WRITTEN_LATE]),
    DUPLICATE: _line("found again, not written", ls="", **MARKS[DUPLICATE]),
    REFUSED: _line("refused", ls="", **MARKS[REFUSED]),
    "fault": Patch(color=FAULT, alpha=0.35, label="the fault lasts"),
}


def legend(chart: Figure) -> list[Artist]:
    """The entries of what is in the picture."""
    drawn = {artist.get_gid() for artist in chart.findobj()}
    return [entry for name, entry in ENTRIES.items() if name in drawn]
