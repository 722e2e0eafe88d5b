"""What the picture of a story is drawn with: a sign for everything that happens, and its panels.

What is drawn where is :mod:`experiments.faults.story_chart`.
"""

from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from experiments.faults.story import DUPLICATE, WRITTEN, WRITTEN_AGAIN, WRITTEN_LATE
from experiments.kit import looks
from experiments.kit.style import FAINT, INK
from model.wire.transmission import Fate

#: Of the width of a panel: so close to half of it is its middle.
MIDDLE = 0.17
FIRST_ATTEMPT, RETRY, GIVEN_UP = "first attempt", "retry", "given up"
REFUSED, FAULT = "refused", "fault"
LOST, RESENT = Fate.LOST.value, Fate.RESENT.value
HELD, CUT_OFF = Fate.HELD_BACK.value, Fate.CUT_OFF.value
LINE: dict[str, Any] = {"lw": 1.3, "zorder": 3}
MARK: dict[str, Any] = {"ls": "", "ms": 7, "mew": 1.4, "mfc": "white", "zorder": 6}
DECISION = MARK | {"color": INK, "zorder": 7}
#: What each sign is called in the picture, and how it is drawn; the label is for the legend.
SIGNS: dict[str, dict[str, Any]] = {
    FIRST_ATTEMPT: LINE | {"label": "first attempt (dashed: its answer)", "color": looks.FIRST},
    RETRY: {"label": "retry by the producer", "color": looks.AGAIN, "lw": 1.5, "zorder": 5},
    HELD: {"label": "held back by TCP", "color": looks.HELD, "lw": 3.2, "solid_capstyle": "butt"},
    LOST: MARK | {"label": "lost on the way", "marker": "x", "color": INK},
    RESENT: LINE | {"label": "sent again by TCP, ever more seldom", "color": INK, "ls": ":"},
    CUT_OFF: MARK | {"label": "too late: the connection is gone", "marker": "s", "color": FAINT},
    GIVEN_UP: MARK | {"label": "the producer gives up", "marker": "v", "color": looks.AGAIN},
    WRITTEN: DECISION | {"label": "written", "marker": "o", "ms": 6, "mfc": INK},
    WRITTEN_LATE: DECISION
    | {"label": "written, though given up", "marker": "D", "mfc": looks.AGAIN},
    WRITTEN_AGAIN: DECISION
    | {"label": "written a second time: a duplicate", "marker": "P", "ms": 9, "mfc": looks.FAULT},
    DUPLICATE: DECISION | {"label": "found again, not written", "marker": "o"},
    REFUSED: DECISION | {"label": "refused", "marker": "X", "ms": 8},
    FAULT: {"label": "the fault lasts", "color": looks.FAULT, "alpha": 0.35, "lw": 9},
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One stretch of time."""

    axes: Axes
    start_ms: float
    end_ms: float

    def shows(self, start_ms: float, end_ms: float) -> bool:
        """Whether any of these times is in sight."""
        return end_ms >= self.start_ms and start_ms <= self.end_ms

    def draw(self, sign: str, times_ms: list[float], ys: list[float], **look: Any) -> None:
        """A sign at a place and time, or from one to another, if it is in sight."""
        if self.shows(times_ms[0], times_ms[-1]):
            self.axes.plot(times_ms, ys, gid=sign, **(SIGNS[sign] | look))

    def write(self, at_ms: float, y: float, words: str, over: bool = False) -> None:
        """Words beside an instant, where the panel has more room, or ``over`` it if in its middle.

        Half of a panel has not always room for them.
        """
        place = (at_ms - self.start_ms) / (self.end_ms - self.start_ms)
        side = "left" if place < 0.5 else "right"
        if over and abs(place - 0.5) < MIDDLE:
            side = "center"
        self.axes.text(at_ms, y, words, size=9, ha=side, va="top", linespacing=1.1)
