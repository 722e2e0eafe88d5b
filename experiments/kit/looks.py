"""What each colour and marker of a chart means: the one table of them, so that none changes sides.

Producers are drawn alike wherever they are drawn; their colours mean nothing else. Okabe and Ito's
colours and two of Tol's, which colour-blind readers tell apart; producers differ in marker and line
too, for black-and-white print.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from experiments.kit.inks import FAINT, INK


@dataclass(frozen=True, slots=True)
class Look:
    """How one producer, or another series, is drawn, wherever it is drawn.

    Where producers coincide the thin line of the higher ``order`` lies on the wide one, and the
    small filled marker in the large hollow one.
    """

    name: str
    colour: str
    marker: str
    marker_size: float = 5.0
    hollow: bool = False
    width: float = 1.6
    order: int = 3


#: By requests in flight, and whether idempotent: one is vermilion, five are blue, and both lighter
#: without idempotence.
LOOKS = {
    (1, False): Look("one in flight, not idempotent", "#ee8866", "o", 5.5, False, 4.0, 4),
    (1, True): Look("one in flight, idempotent", "#d55e00", "v"),
    (2, False): Look("two in flight, not idempotent", "#e69f00", "s", 3.5, False, 1.6, 5),
    (2, True): Look("two in flight, idempotent", "#e69f00", "D"),
    (5, False): Look("five in flight, not idempotent", "#56b4e9", "s", 10, True, 7.0, 3),
    (5, True): Look("five in flight, idempotent", "#0072b2", "D", 5, False, 1.3, 5),
}
ONE_PLAIN, FIVE, FIVE_PLAIN = LOOKS[1, False], LOOKS[5, True], LOOKS[5, False]
#: Where only speed counts, which is the same with idempotence and without.
ONE = Look("one in flight", "#d55e00", "o", 5.5, False, 4.0, 4)
_OTHER = Look("another producer", "#009e73", "^")
_BY_NAME = {look.name: look for look in (ONE, *LOOKS.values())}

#: Series without a meaning of their own, in the order in which they take colours: no producer's.
SERIES = ("#009e73", "#cc79a7", INK, "#999933", "#882255", FAINT)
MARKERS = ("o", "D", "s", "^", "v", "P")
#: Levels that have an order, such as distances: from light, the least, to dark.
SHADES = ("#d98cc0", "#c264a8", "#a5478f", "#863277", "#66205e", "#451246")
#: What is at work: a broker on a request, and a client on an answer; and a broker that waits for
#: followers meanwhile.
BROKER, CLIENT, FOLLOWERS = "#009e73", "#cc79a7", "#a9dbc9"
#: What becomes of a request: sent for the first time, sent again, held back; and how long a fault
#: lasts.
FIRST, AGAIN, HELD, FAULT = "#009e73", "#882255", "#cc79a7", "#f0e442"
#: What comes out well, and what does not.
GOOD, BAD = "#009e73", "#cc79a7"
#: Backgrounds of a table drawn as a picture, from harmless to harmful; the words say the same.
TONES = {"calm": "#eef5ee", "doubled": "#fdebc8", "disordered": "#f9d3c0", "lost": "#e8c4dc"}
#: Grounds of a map, from no gain of five in flight to all of it.
MORE = ("#f7f7f7", "#e1ecf6", "#bcd7ec", "#8dbcdf", "#5b9bce")
#: A closed form beside what was simulated.
LAW: dict[str, Any] = {"color": FAINT, "lw": 1.2, "ls": (0, (4, 2)), "zorder": 1}


def look(depth: int, idempotent: bool) -> Look:
    """The look of a producer by what it keeps in flight."""
    depth, idempotent = int(depth), bool(idempotent)
    name = f"{depth} in flight, {'' if idempotent else 'not '}idempotent"
    return LOOKS.get((depth, idempotent), replace(_OTHER, name=name))


def carrying(depth: int) -> Look:
    """The look of a producer where only speed counts; five are idempotent."""
    return ONE if depth == 1 else look(depth, depth == 5)


def look_of(name: str) -> Look:
    """The look of a producer by its name."""
    return _BY_NAME.get(name, _OTHER)


def shades(names: Sequence[str]) -> list[Look]:
    """Looks for levels that have an order, the least first."""
    last = max(1, len(names) - 1)
    places = [round(place * (len(SHADES) - 1) / last) for place in range(len(names))]
    return [
        Look(name, SHADES[shade], MARKERS[place % len(MARKERS)])
        for place, (name, shade) in enumerate(zip(names, places, strict=True))
    ]


def series_look(series: int | Look) -> dict[str, Any]:
    """Colour and marker of a producer or level, or of the series of this number."""
    if isinstance(series, Look):
        return {"color": series.colour, "marker": series.marker}
    return {"color": SERIES[series % len(SERIES)], "marker": MARKERS[series % len(MARKERS)]}


def wide(look: Look) -> dict[str, Any]:
    """How a producer's line is drawn where others may lie on it."""
    face = "none" if look.hollow else look.colour
    return {"lw": look.width, "ms": look.marker_size, "mfc": face, "zorder": look.order}
