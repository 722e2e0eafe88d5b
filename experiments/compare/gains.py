"""What each change gains over the user's own settings, and which is worth making.

The simplest that comes near the best of all that were tried: one setting before two. A gain counts
if it is 5 % or more, and certain.
"""

import math
from dataclasses import dataclass

import pandas as pd

from experiments.compare.changes import OWN, SETTING
from experiments.kit.estimates import Interval, only, pick, ratio
from experiments.kit.tables import Cell, Column, Table, filled, words

#: Ours: what gains less is not worth an operator's morning.
WORTH = 1.05
#: At first sight, and as the table's producers are run.
LOOK, FULL = "look", "full"
#: What decides, to be read: its column, how it is written, and under what load.
JUDGES = {
    "records_per_s": ("records/s", ",.0f", "as fast as it can"),
    "p99_ms": ("p99 in ms", ".3g", "at your rate"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """A change, what it comes to, and its gain over the user's own settings (1: none).

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
        certain = self.gain.exact or not self.gain.known or self.gain.low > 1
        return self.complete and self.gain.value >= WORTH and certain


def gains(frame: pd.DataFrame, *whose: str) -> list[Tried]:
    """What was tried, in its order, as it was tried last; ``whose`` are the rows meant."""
    judged_by, found = only(frame, "judged_by"), []
    for text, tries in frame[frame["whose"].isin(whose)].groupby("change", sort=False):
        stage = tries["stage"].iloc[-1]
        rows, own = pick(tries, stage=stage), pick(frame, whose=OWN, stage=stage)
        found.append(
            Tried(
                str(text),
                tuple(rows["kinds"].dropna().iloc[:1].str.cat().split()),
                int(rows["in_flight"].iloc[0]),
                _gain(rows, own, judged_by),
                float(rows[judged_by].mean(skipna=False)),
                len(rows),
                stage == FULL,
                only(rows, "limit"),
            )
        )
    return found


def _gain(rows: pd.DataFrame, own: pd.DataFrame, judged_by: str) -> Interval:
    if not (rows[judged_by].gt(0).all() and own[judged_by].gt(0).all()):
        return Interval(math.nan, math.nan, math.nan)
    over, under = (rows, own) if judged_by == "records_per_s" else (own, rows)
    return ratio(over, under, judged_by)


def choice(frame: pd.DataFrame) -> Tried | None:
    """The simplest change that gains nearly as much as any; None where none is worth it."""
    worthy = [it for it in gains(frame, SETTING) if it.worth_it]
    if not worthy:
        return None
    most = max(it.gain.value for it in worthy)
    near = [it for it in worthy if it.gain.value * WORTH >= most]
    return min(near, key=lambda it: len(it.kinds))  # of equals the first, which is the simplest


def changes_table(frame: pd.DataFrame, rtt_ms: float) -> Table:
    """What was tried alone, and what was run in full, the best first; the rest is in the rows."""
    name, spec, load = JUDGES[only(frame, "judged_by")]
    columns = [*words("change"), Column(name, spec=spec), *words("times"), Column("runs")]
    tried = gains(frame, *frame["whose"].unique())
    told = [it for it in tried if it.complete or len(it.kinds) == 1]
    told.sort(key=lambda it: math.inf if math.isnan(it.gain.value) else -it.gain.value)
    return filled(
        f"Changes tried at {rtt_ms:g} ms, {load}, and how many times as good as your settings",
        [*columns, *words("limited by")],
        [(it.text, it.figure, _times(it.gain), it.runs, it.limit) for it in told],
    )


def _times(gain: Interval) -> Cell:
    """A gain with its interval, where there is one."""
    if math.isnan(gain.value):
        return Cell("overload", 0.0)
    ends = "" if gain.exact or not gain.known else f" [{gain.low:.2f}, {gain.high:.2f}]"
    return Cell(f"{gain.value:.2f}{ends}", gain.value)
