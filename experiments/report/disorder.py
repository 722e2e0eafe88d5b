"""Why more in flight is not always more disorder, said with the rows of two stored sweeps."""

from pathlib import Path

import pandas as pd

from experiments.kit.estimates import pick
from experiments.kit.store import load_frame


def disorder(sweeps: Path) -> str:
    """The paragraph; depths two and five, without idempotence, where most goes wrong."""
    errors, likelihood = (load_frame(sweeps / name, "rows") for name in ("errors", "likelihood"))
    refused = pick(errors, error="nack", errors_per_minute=errors["errors_per_minute"].max())
    most = likelihood["losses_per_million"].max()
    lost = pick(likelihood, losses_per_million=most).rename(columns={"in_flight": "depth"})
    two, five = (pick(refused, depth=depth, idempotent=False) for depth in (2, 5))
    faster = five["goodput_records_per_s"].mean() / two["goodput_records_per_s"].mean()
    return (
        "More in flight is not always more disorder. A request that is *refused* lands behind those"
        f" that followed it, with two in flight ({_each(two, 'errors')} records out of order each"
        f" time) as with five ({_each(five, 'errors')}). When errors come by the clock and the"
        f" producer is as fast as it can, five send {faster:.1f} times as much between two of them,"
        f" so fewer of a million are out of order. A"
        " *lost connection* strikes everything in flight, and without sequence numbers what was"
        " lost together is written in reversed order, each batch before the one that it followed:"
        f" {_each(pick(lost, depth=2, idempotent=False), 'losses')} records each time with two in"
        f" flight, {_each(pick(lost, depth=5, idempotent=False), 'losses')} with five, at the same"
        " rate of records."
    )


def _each(rows: pd.DataFrame, struck: str) -> str:
    """Records out of order for each thing that went wrong."""
    return f"{rows['displaced'].sum() / rows[struck].sum():.2g}"
