"""How long a visitor of the local page waits: what is said of the rows that were measured.

They are measured in a browser by `make bench-explore` (:mod:`experiments.explore.timing`).
"""

import pandas as pd

#: Where rows are below those of the benchmark, and what each is of.
FOLDER, ROWS = "explore", "rows"
KNOB, START, SIZE = "knob to first digits", "shell to first digits", "installed size of the extra"
#: What else the machine had to do: its load average over the last minute, for each core.
BUSY = "load of the machine"
#: Ours: the server, its two workers and the browser alone make for less.
QUIET = 1.5


def told(rows: pd.DataFrame) -> str:
    """What was measured, in a few sentences."""
    of = {str(what): part["value"] for what, part in rows.groupby("what")}
    load = of[BUSY].iloc[0]
    busy = f" The machine was busy: {load:.0f} processes wanted each core." if load > QUIET else ""
    return (
        f"From a turned knob to the first digits it takes {of[KNOB].median():.0f} ms (median of"
        f" {len(of[KNOB])} moves); 95 % are within {of[KNOB].quantile(0.95):.0f} ms. From the shell"
        f" to the first digits on the page it takes {of[START].median() / 1e3:.1f} s (median of"
        f" {len(of[START])} starts). The extra adds {of[SIZE].iloc[0]:.1f} MB.{busy}"
    )
