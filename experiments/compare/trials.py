"""The comparison held to its word in random worlds: `make trial-compare`, about an hour.

In each of many random but sensible worlds the comparison runs as a user would run it (without the
curve over distance), any warning being an error. What it says last must agree with its table; the
advice is followed, with other seeds over windows twice as long, and gains what it said within
its interval; and in some worlds the percentiles are held against one run ten times as long. Worlds
that are done are kept: the same trials go on where they stopped. Left out: replicas, faults.
"""

import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import experiments
from experiments.compare.advice import NONE_HELPS, advise
from experiments.compare.changes import SETTING
from experiments.compare.contenders import FIVE, ONE, Comparison, comparison
from experiments.compare.gains import WORTH, certain, choice, gain_over, gains, other_depth
from experiments.compare.offered import PERCENTILES
from experiments.compare.stored import five_to_one
from experiments.compare.study import carry_out_study
from experiments.compare.tasks import Runs, Task, carry_out
from experiments.compare.tried import offered_as_table, try_changes
from experiments.kit.as_json import plain
from experiments.kit.digest import model_version, sources_digest
from experiments.kit.estimates import Interval, only, paired_ratio, pick
from experiments.kit.journal import Journal, Kept
from experiments.kit.options import NEWEST_KAFKA
from experiments.kit.pool import Workers
from experiments.kit.store import save_run
from experiments.kit.words import times
from model import Scenario, simulate

RESULTS = Path("results/compare_trials")
SEED, WORLDS, LONG_WORLDS, REPLICATIONS = 17, 300, 50, 5
#: Seeds that no comparison used, and how much longer windows are.
FRESH, FRESH_TIMES, LONG_TIMES = 1_000, 2, 10
FIVE_ALONE = re.escape("max.in.flight.requests.per.connection=5")
#: Settings as advice writes them.
SETTING_IN_TEXT = re.compile(r"[a-z.]+=\w+")
Row = dict[str, Any]


def world_options(draw: np.random.Generator) -> dict[str, Any]:
    """A random world that somebody may have, as options of the command."""

    def one(*values: Any) -> Any:
        return values[draw.integers(len(values))]

    idempotent, depth = one(True, True, False), one(1, 1, 2, 3, 5, 5)
    settings = {
        "enable.idempotence": str(idempotent).lower(),
        "acks": "all" if idempotent else one("all", "1", "1", "0"),
        "max.in.flight.requests.per.connection": depth if idempotent else one(depth, 10),
        "batch.size": 1024 * one(16, 16, 16, 32, 64, 128, 256, 512, 1024),
        "linger.ms": one(0, 1, 5, 5, 10, 20, 50, 100),
        "buffer.memory": 1024 * 1024 * one(32, 32, 32, 8, 64),
        "send.buffer.bytes": one(131072, 131072, -1),
    }
    partitions = one(1, 1, 3, 6, 12, 24, 48)
    brokers, producers, outstanding = one(1, 3, 3, 6), one(1, 1, 1, 2, 4), one(*[None] * 9, 1, 30)
    return {
        "rtt_ms": [round(float(10 ** draw.uniform(-0.7, 2)), 2)],
        "overrides": tuple(f"{key}={value}" for key, value in settings.items()),
        "partitions": partitions,
        "brokers": min(brokers, partitions),
        "producers": producers,
        "value_bytes": one(100, 300, 1_000, 1_000, 3_000, 10_000),
        "key_space": one(0, 0, 0, 10_000),
        "arrivals": one("poisson", "poisson", "even"),
        "outstanding": outstanding,
        "share": None if outstanding or draw.random() < 0.4 else float(draw.uniform(0.1, 1.2)),
        "seed": int(draw.integers(1, 10_000)),
    }


def asked_of(options: dict[str, Any]) -> Comparison:
    """The comparison that these options ask for; a share is one of what the user's own carries."""
    share, given = options["share"], {**options, "replications": REPLICATIONS}
    del given["share"]
    given |= {"properties": None, "kafka": NEWEST_KAFKA, "constants": None}
    asked = comparison(rate_per_s=None, **given)
    if share is None:
        return asked
    rate_per_s = float(f"{share * asked.world.carries(asked.world.own):.3g}")
    return comparison(rate_per_s=rate_per_s, **given)


def trial(options: dict[str, Any], long: bool) -> Row:
    """One world: what was said, whether it agrees, and what following it brings."""
    asked, runs = asked_of(options), Runs(Workers(1))
    world = asked.world
    # without the third producer, whose calm runs are those of the second
    asked = replace(asked, contenders={label: asked.contenders[label] for label in (ONE, FIVE)})
    rows = carry_out_study(asked, runs, curve_ms=())["rows"]
    changes = try_changes(world, lambda: rows, runs)
    sentence = advise(world, rows, changes)
    return {
        "judged_by": only(changes, "judged_by"),
        "rate_per_s": world.rate_per_s,
        "agrees": agrees(sentence, rows, changes),
        **followed(options, asked, rows, changes),
        **(percentiles(asked, rows) if long else {}),
        "sentence": sentence,
    }


def agrees(sentence: str, rows: pd.DataFrame, changes: pd.DataFrame) -> bool:
    """Whether the sentence names the table's gain, and a change that comes near the best tried."""
    gain, chosen = five_to_one(rows).value, choice(changes)
    alone = rf"^Set {FIVE_ALONE}[^:]*: {re.escape(times(gain))} times"
    beside = rf"five in flight( with acks=all)? carry {re.escape(times(gain))} times"
    names = gain < WORTH or re.search(f"{alone}|{beside}", sentence) is not None
    worth = [it for it in gains(changes, SETTING) if it.worth_it]
    if chosen is None:
        return names and not worth and NONE_HELPS in sentence
    near = [
        it.gain.value <= WORTH * chosen.gain.value
        or (other_depth(it, chosen) and not certain(gain_over(changes, it, chosen)))
        for it in worth
    ]
    return names and all(near) and f"Set {chosen.text}:" in sentence


def followed(
    options: dict[str, Any], asked: Comparison, rows: pd.DataFrame, changes: pd.DataFrame
) -> Row:
    """What the advice said that it gains, and what it does with fresh seeds in longer windows.

    Its settings are given as a user gives them. Where nothing was advised it is the best that was
    left aside.
    """
    chosen = choice(changes)
    tried = [it for it in gains(changes, SETTING) if it.complete and it.gain.value > 0]
    told = chosen or max(tried, key=lambda it: it.gain.value, default=None)
    if told is None:
        return {"advised": False}
    overrides = (*options["overrides"], *SETTING_IN_TEXT.findall(told.text))
    judged_by, after = only(changes, "judged_by"), asked_of({**options, "overrides": overrides})
    found = []
    for number in range(REPLICATIONS):
        pair = []
        for world in (after.world, asked.world):
            by_rate = judged_by == "p99_ms"
            offered = offered_as_table(asked.world, rows) if by_rate else world.at_full_load
            scenario = _longer(offered(world.own), FRESH_TIMES)
            task = Task("", "", "", 1, scenario, world.seed + FRESH + number)
            pair.append(float(carry_out(task).figures[judged_by]))
        found.append(pair if judged_by == "records_per_s" else pair[::-1])
    return {
        "change": told.text,
        "advised": chosen is not None,
        **_named("told", told.gain),
        **_named("found", paired_ratio(*zip(*found, strict=True))),
    }


def _named(name: str, gain: Interval) -> Row:
    return {name: gain.value, f"{name}_low": gain.low, f"{name}_high": gain.high}


def percentiles(asked: Comparison, rows: pd.DataFrame) -> Row:
    """Percentiles of one in flight and five over those of one run ten times as long."""
    found: Row = {}
    for label, name in ((ONE, "one"), (FIVE, "five")):
        load = pick(rows, phase="load", producer=label)
        if load["p99_ms"].isna().any() or asked.world.outstanding is not None:
            continue
        offered = offered_as_table(asked.world, rows)
        scenario = _longer(offered(asked.contenders[label]), LONG_TIMES)
        run = simulate(scenario, asked.world.seed + FRESH)
        for percentile, share in zip(PERCENTILES, (0.5, 0.99), strict=True):
            found[f"{name}_{percentile}"] = load[percentile].mean() / run.latency_ms.quantile(share)
    return found


def _longer(scenario: Scenario, factor: float) -> Scenario:
    return replace(scenario, measured_s=factor * scenario.measured_s)


def trials(worlds: int, long: int, seed: int, kept: Kept) -> Iterator[Row]:
    """A row for each world, taken from those that are kept or added to them."""
    code = f"{model_version()} {sources_digest(Path(experiments.__file__).parent)}"
    for number in range(worlds):
        digest = f"{code} seed {seed} world {number}{' long' * (number < long)}"
        rows = kept.rows(digest)
        if rows is None:
            rows = [plain(_ended(seed, number, number < long))]
            kept.add({"digest": digest, "rows": rows})
        yield from rows


def _ended(seed: int, number: int, long: bool) -> Row:
    """A world's row; what it ended with, where it did not end well."""
    options = world_options(np.random.default_rng([seed, number]))
    row: Row = {"world": number, "options": " ".join(f"{k}={v}" for k, v in options.items())}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return row | {"error": "", **trial(options, long)}
    except Exception as error:
        return row | {"error": f"{type(error).__name__}: {error}"}


def main(seed: int = SEED, worlds: int = WORLDS, long: int = LONG_WORLDS) -> None:
    """Run the trials, saying each as it comes, and store their rows."""
    rows = []
    with Journal(RESULTS) as journal:
        for row in trials(worlds, long, seed, journal):
            rows.append(row)
            said = row["error"] or f"agrees {row['agrees']}: {row['sentence']}"
            print(f"{row['world']:3} {said}", flush=True)
    frame = pd.DataFrame(rows)
    save_run(RESULTS, {"trials": frame}, {"seed": seed, "worlds": worlds, "long": long})


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
