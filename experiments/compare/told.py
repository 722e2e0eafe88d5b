"""What a comparison found, as fields of JSON: docs/run.md tells what each means."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.compare import copies as of_copies
from experiments.compare.contenders import FIVE, FIVE_PLAIN, Comparison
from experiments.compare.gains import gains
from experiments.compare.stored import COPIES, by_distance, five_to_one
from experiments.compare.tasks import POINT
from experiments.kit.estimates import only, pick, summarised


def told(
    asked: Comparison, frames: Mapping[str, pd.DataFrame], answer: str, files: Iterable[Path]
) -> dict[str, Any]:
    """The world, the ratios, and every producer's figures with their intervals."""
    rows = frames["rows"]
    copies = dict(of_copies.by_distance(frames[COPIES])) if COPIES in frames else {}
    ratios = [
        {
            "distance": part["distance"].iloc[0],
            "rtt_ms": part["rtt_ms"].iloc[0],
            "five_over_one": five_to_one(part),
            "one_copy_five_over_one": of_copies.gain(copies[name], 1) if copies else None,
            "five_limited_by": only(pick(part, phase="capacity", producer=FIVE), "limit"),
            "with_over_without_idempotence": five_to_one(part, FIVE, FIVE_PLAIN),
        }
        for name, part in by_distance(rows)
    ]
    tried = frames["changes"]
    judged_by = only(tried, "judged_by")
    changes = [
        {
            "change": it.text,
            "on_top_of": only(pick(tried, change=it.text), "on_top_of") or None,
            judged_by: it.figure,
            "gain": it.gain,
            "runs": it.runs,
            "limit": it.limit,
        }
        for it in gains(tried, *tried["whose"].unique())
    ]
    return {
        "command": "compare",
        "answer": answer,
        "headline": of_copies.headline(frames[COPIES]) if copies else None,
        "assumed": asked.assumed(),
        "notes": asked.notes(),
        "ratios": ratios,
        "changes": changes,
        "figures": summarised(rows[rows["phase"] != "curve"], ["phase", *POINT]),
        "world": asked.world.manifest(),
        "files": list(files),
    }
