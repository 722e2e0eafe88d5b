"""What each change gains over the user's own settings, and which is worth making.

The simplest that comes near the best of all that were tried: one setting before two, and of depths
that chance may have set apart the user's own before five, and five before others. A gain counts if
it is 5 % or more, and certain. What was changed around the producer stands on top of that choice,
and is compared with it.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from statistics import multimode
from typing import Any

import numpy as np
import pandas as pd

from experiments.compare.changes import AROUND, DEPTH, OWN, SETTING, YOURS
from experiments.kit.estimates import Interval, ratio_by_run
from experiments.kit.tables import Cell, Column, Table, filled, words

#: Ours: what gains less is not worth an operator's morning.
WORTH = 1.05
#: At first sight, and as the table's producers are run.
LOOK, FULL = "look", "full"
DEEPEST = 5
#: What decides, to be read: its column, how it is written, and under what load.
JUDGES = {
    "records_per_s": ("records/s", ",.0f", "as fast as it can"),
    "p99_ms": ("p99 in ms", ".3g", "at your rate"),
}


Rows = list[dict[Hashable, Any]]


@dataclass(frozen=True, slots=True)
class Tried:
    """A change, what it comes to, and its gain over what it is compared with (1: none).

    ``kinds``: what it changes. ``complete``: run as often as their own. Gain and figure are
    NaN where the load is not carried.
    """

    text: str
    kinds: tuple[str, ...]
    in_flight: int
    gain: Interval
    figure: float
    runs: int
    complete: bool
    limit: str

    @property
    def worth_it(self) -> bool:
        """Whether it gains enough, beyond chance."""
        return self.complete and self.gain.value >= WORTH and certain(self.gain)

    @property
    def beside(self) -> tuple[str, ...]:
        """What it sets beside the depth: its text has a part for each kind."""
        parts = self.text.split(" and ")
        return tuple(part for part, kind in zip(parts, self.kinds, strict=False) if kind != DEPTH)


def certain(gain: Interval) -> bool:
    """Whether it is one beyond chance; of one run alone, which has no interval, whether it is."""
    return gain.value > 1 and (gain.exact or not gain.known or gain.low > 1)


def gains(frame: pd.DataFrame, *whose: str, over: str | None = None) -> list[Tried]:
    """What was tried, in its order, as it was tried last; ``whose`` are the rows meant.

    Gains are over the user's own settings, or over another change, of the same stage.
    """
    # a frame takes a millisecond for each of a hundred looks at so few rows
    rows, found = frame.to_dict("records"), []
    base = [it for it in rows if (it["whose"] == OWN if over is None else it["change"] == over)]
    wanted: dict[str, Rows] = {}
    for it in rows:
        if it["whose"] in whose:
            wanted.setdefault(it["change"], []).append(it)
    for text, tries in wanted.items():
        stage = tries[-1]["stage"]
        mine, own = ([it for it in each if it["stage"] == stage] for each in (tries, base))
        judged_by = mine[0]["judged_by"]
        found.append(
            Tried(
                text,
                tuple(next((it["kinds"].split() for it in mine if it["kinds"] == it["kinds"]), ())),
                mine[0]["in_flight"],
                _gain(mine, own, judged_by),
                float(np.mean([it[judged_by] for it in mine])),
                len(mine),
                stage == FULL,
                min(multimode(it["limit"] for it in mine)),
            )
        )
    return found


def judge(frame: pd.DataFrame) -> str:
    """The figure that decides: one for all rows."""
    return str(frame["judged_by"].iloc[0])


def _gain(rows: Rows, own: Rows, judged_by: str) -> Interval:
    values, base = ({it["replication"]: float(it[judged_by]) for it in x} for x in (rows, own))
    if not all(value > 0 for value in (*values.values(), *base.values())):
        return Interval(math.nan, math.nan, math.nan)
    over, under = (values, base) if judged_by == "records_per_s" else (base, values)
    return ratio_by_run(over, under)


def choice(frame: pd.DataFrame) -> Tried | None:
    """The simplest change that gains nearly as much as any; None where none is worth it."""
    worthy = [it for it in gains(frame, SETTING) if it.worth_it]
    if not worthy:
        return None
    best = max(worthy, key=lambda it: it.gain.value)
    near = [it for it in worthy if _near(frame, it, best)]
    first = min(near, key=lambda it: len(it.kinds))  # of equals the first, which is the simplest
    if DEPTH not in first.kinds:
        return first
    own_depth = gains(frame, OWN)[0].in_flight
    depths = [it for it in near if len(it.kinds) == len(first.kinds) and DEPTH in it.kinds]
    return min(depths, key=lambda it: (it.in_flight != own_depth, it.in_flight != DEEPEST))


def _near(frame: pd.DataFrame, one: Tried, best: Tried) -> bool:
    """Whether one gains within 5 % of the best, or is another depth that chance may set below."""
    if one.gain.value * WORTH >= best.gain.value:
        return True
    return other_depth(one, best) and not certain(gain_over(frame, best, one))


def other_depth(one: Tried, another: Tried) -> bool:
    """Whether two changes set depths, and all else alike."""
    return DEPTH in (*one.kinds, *another.kinds) and one.beside == another.beside


def gain_over(frame: pd.DataFrame, one: Tried, another: Tried) -> Interval:
    """What a change gains over another, both run in full."""
    (found,) = (it for it in gains(frame, SETTING, over=another.text) if it.text == one.text)
    return found.gain


def on_top(frame: pd.DataFrame) -> list[Tried]:
    """What was changed around the producer on top of the choice, with its gain over that."""
    chosen = choice(frame)
    return gains(frame, AROUND, over=YOURS if chosen is None else chosen.text)


def changes_tables(frame: pd.DataFrame, rtt_ms: float) -> list[Table]:
    """What was run in full, the best first, and what on top of the choice; the rest is in the rows.

    Rows of one table have one baseline, which has a row: who divides two gets what is printed.
    """
    load, chosen = JUDGES[judge(frame)][2], choice(frame)
    tried = [it for it in gains(frame, OWN, SETTING) if it.complete]
    found = [
        _table(
            frame,
            f"Changes tried at {rtt_ms:g} ms, {load}, and how many times as good as your settings",
            tried,
        )
    ]
    if around := on_top(frame):
        base = YOURS if chosen is None else chosen.text
        (alone,) = (it for it in gains(frame, OWN, SETTING, over=base) if it.text == base)
        caption = f"On top of {base}, and how many times as good as that alone"
        found.append(_table(frame, caption, [alone, *around]))
    return found


def _table(frame: pd.DataFrame, caption: str, tried: Sequence[Tried]) -> Table:
    name, spec, _ = JUDGES[judge(frame)]
    columns = [*words("change"), Column(name, spec=spec), *words("times"), Column("runs")]
    told = sorted(tried, key=_order)
    return filled(
        caption,
        [*columns, *words("limited by")],
        [(it.text, it.figure, _times(it.gain), it.runs, it.limit) for it in told],
    )


def _order(it: Tried) -> float:
    return math.inf if math.isnan(it.gain.value) else -it.gain.value


def _times(gain: Interval) -> Cell:
    """A gain with its interval, where there is one."""
    if math.isnan(gain.value):
        return Cell("overload", 0.0)
    ends = "" if gain.exact or not gain.known else f" [{gain.low:.2f}, {gain.high:.2f}]"
    return Cell(f"{gain.value:.2f}{ends}", gain.value)
