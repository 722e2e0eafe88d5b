"""Advice agrees with its own table, takes the simplest of what is best, and holds when tried."""

import itertools
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments.compare.advice import LEAVE, advise
from experiments.compare.changes import AROUND, OWN, SETTING, YOURS, singles
from experiments.compare.contenders import FIVE, FIVE_PLAIN, ONE, comparison
from experiments.compare.gains import FULL, LOOK, WORTH, changes_tables, choice, gains, on_top
from experiments.compare.stored import five_to_one, tables, unknown_lines
from experiments.compare.study import carry_out_study
from experiments.compare.tasks import Runs
from experiments.compare.trials import agrees, asked_of, followed, percentiles, world_options
from experiments.compare.tried import try_changes
from experiments.kit.estimates import pick
from experiments.kit.pool import Workers
from experiments.kit.words import times
from experiments.kit.world import World

NOT_SAID = {
    "properties": None,
    "kafka": "4.1",
    "overrides": (),
    "rate_per_s": None,
    "arrivals": "poisson",
    "outstanding": None,
    "value_bytes": 1_000,
    "key_space": 0,
    "partitions": 1,
    "brokers": 1,
    "producers": 1,
    "replications": 2,
    "seed": 1,
    "constants": None,
}


def compared(*overrides: str, rtt_ms: float = 2.0, **given: Any) -> tuple[str, pd.DataFrame, Any]:
    """What is said of a producer, the rows of the table, and those of the changes."""
    asked = comparison([rtt_ms], **{**NOT_SAID, **given, "overrides": overrides})
    runs = Runs(Workers(1))
    rows = carry_out_study(asked, runs, curve_ms=())["rows"]
    changes = try_changes(asked.world, lambda: rows, runs)
    return advise(asked.world, rows, changes), rows, changes


def in_flight(depth: int) -> str:
    return f"max.in.flight.requests.per.connection={depth}"


def frame(*tried: tuple[str, str, str, float]) -> pd.DataFrame:
    """Changes as they are stored: whose, change, its kinds and its records/s."""
    rows = [
        (whose, text, kinds, 5, "records_per_s", stage, replication, per_s, "in-flight window")
        for whose, text, kinds, per_s in (*tried,)
        for stage in (LOOK, FULL)
        for replication in (0, 1)
    ]
    columns = ["whose", "change", "kinds", "in_flight", "judged_by", "stage", "replication"]
    return pd.DataFrame(rows, columns=[*columns, "records_per_s", "limit"])


def test_one_change_is_chosen_before_two_and_the_first_of_equals() -> None:
    own = (OWN, YOURS, "", 100.0)
    five, batch = (SETTING, "five", "depth", 198.0), (SETTING, "batch", "batch.size", 200.0)
    both = (SETTING, "five and batch", "depth batch.size", 205.0)
    assert choice(frame(own, five, batch, both)).text == "five"  # type: ignore[union-attr]
    more = (SETTING, "five and batch", "depth batch.size", 240.0)
    assert choice(frame(own, five, batch, more)).text == "five and batch"  # type: ignore[union-attr]
    assert choice(frame(own, (SETTING, "five", "depth", 104.0))) is None
    assert choice(frame(own, (AROUND, "sockets", "", 300.0))) is None


def test_of_depths_that_chance_may_have_set_apart_five_is_chosen() -> None:
    rows = frame(
        (OWN, YOURS, "", 100.0), (SETTING, "two", "depth", 220.0), (SETTING, "five", "depth", 200.0)
    )
    rows.loc[rows["whose"] == OWN, "in_flight"] = 1
    rows.loc[rows["change"] == "two", "in_flight"] = 2
    assert choice(rows).text == "two"  # type: ignore[union-attr]  # surely better
    rows.loc[(rows["change"] == "five") & (rows["replication"] == 1), "records_per_s"] = 215.0
    assert choice(rows).text == "five"  # type: ignore[union-attr]
    rows.loc[rows["whose"] == OWN, "in_flight"] = 2
    assert choice(rows.replace({"two": "idempotent"})).text == "idempotent"  # type: ignore[union-attr]


def test_who_divides_two_figures_of_a_table_gets_the_printed_ratio() -> None:
    rows = frame(
        (OWN, YOURS, "", 100.0),
        (SETTING, "five", "depth", 200.0),
        (AROUND, "sockets", "", 600.0),
    )
    rows.loc[rows["stage"] == LOOK, "records_per_s"] *= 1.3
    looked_at = pick(rows, change="five", stage=LOOK).assign(change="three")
    alone, around = changes_tables(pd.concat([rows, looked_at]), 2)
    assert [[cell.text for cell in row[:3]] for row in alone.rows] == [
        ["five", "200", "2.00"],
        ["your settings", "100", "1.00"],
    ]
    assert around.caption.startswith("On top of five, ")
    assert [[cell.text for cell in row[:3]] for row in around.rows] == [
        ["sockets", "600", "3.00"],
        ["five", "200", "1.00"],
    ]
    (sockets,) = on_top(rows)
    assert sockets.gain.exact
    assert sockets.gain.value == pytest.approx(3)


def test_what_was_only_looked_at_is_not_advised() -> None:
    rows = frame((OWN, YOURS, "", 100.0), (SETTING, "five", "depth", 300.0))
    looked = rows[(rows["whose"] == OWN) | (rows["stage"] == LOOK)]
    assert choice(looked) is None
    (five,) = gains(looked, SETTING)
    assert not five.complete
    assert five.gain.value == pytest.approx(3)


def test_stored_changes_say_the_same(tmp_path: Path) -> None:
    rows = frame((OWN, YOURS, "", 100.0), (SETTING, "five", "depth", 300.0), (AROUND, "b", "", 9.0))
    rows.to_csv(tmp_path / "changes.csv", index=False)
    stored = pd.read_csv(tmp_path / "changes.csv")
    whose = (OWN, SETTING, AROUND)
    assert gains(stored, *whose) == gains(rows, *whose)


def test_every_depth_is_tried_and_none_gives_up_safety() -> None:
    for own in (in_flight(1), in_flight(5)):
        world = World(
            resolved=comparison([2.0], **{**NOT_SAID, "overrides": (own,)}).world.resolved
        )
        tried = {change.text: change.on(world.own) for change in singles(world, waits=True)}
        depths = {it.max_in_flight_requests_per_connection for it in tried.values()}
        assert {2, 3, 5} <= depths
        assert all(it.enable_idempotence and it.acks == "all" for it in tried.values())


def test_a_comparison_whose_batches_wait_longer_than_a_window_is_answered() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said, rows, _ = compared("batch.size=1048576", "linger.ms=100", rtt_ms=1)
    load = pick(rows, phase="load")
    assert load["p99_ms"].notna().all()
    assert (load["measured_s"] >= 20 * 1_048 / load["offered_records_per_s"]).all()
    assert said.startswith(("Set ", LEAVE))


@pytest.mark.trial
def test_more_than_anything_carries_is_overload_for_all() -> None:
    _, rows, _ = compared(rtt_ms=20, rate_per_s=200_000.0)
    assert pick(rows, phase="load")["overloaded"].all()


@pytest.mark.trial
def test_percentiles_of_many_partitions_are_those_of_a_long_run() -> None:
    asked = comparison(
        [2.0],
        **{**NOT_SAID, "partitions": 6, "brokers": 3, "replications": 5, "rate_per_s": 18_000.0},
    )
    rows = carry_out_study(asked, Runs(Workers(1)), curve_ms=())["rows"]
    assert all(0.95 < share < 1.05 for share in percentiles(asked, rows).values())


@pytest.mark.trial
def test_a_producer_of_the_user_s_own_is_answered_as_itself() -> None:
    """Ten in flight with acks=1, which a 3.6 client runs and a 4.1 client refuses."""
    said, rows, changes = compared("acks=1", in_flight(10), kafka="3.6", rtt_ms=10)
    assert set(rows["producer"]) == {ONE, FIVE, FIVE_PLAIN}
    own = pick(changes, whose=OWN, stage=FULL)
    five = pick(rows, phase="capacity", producer=FIVE)
    assert own["in_flight"].eq(10).all()
    assert own["records_per_s"].mean() > 1.5 * five["records_per_s"].mean()
    assert "enable.idempotence=true" in said
    table, *_ = changes_tables(changes, 10)
    assert "your settings" in {row[0].text for row in table.rows}


@pytest.mark.trial
def test_acks_and_retries_that_idempotence_cannot_have_are_told() -> None:
    said, _, _ = compared("acks=1", "retries=0", in_flight(1), "linger.ms=0")
    assert said.startswith("Set max.in.flight.requests.per.connection=")
    assert " with enable.idempotence=true, acks=all, retries=2147483647 and batch.size=" in said
    assert "acks=all waits for all replicas in sync, which acks=1 does not" in said


def test_two_in_flight_are_advised_where_they_beat_five_and_it_is_said_why() -> None:
    said, rows, changes = compared("batch.size=65536", in_flight(1), rtt_ms=10, replications=3)
    assert "in flight do better than five here, which fill the broker's socket." in said
    assert "five in flight carry" in said
    assert agrees(said, rows, changes)


def test_safety_that_costs_nothing_comes_first() -> None:
    """acks=1 with five in flight, whose order and records are at risk for nothing."""
    own = ("acks=1", in_flight(5), "batch.size=65536")
    said, rows, changes = compared(*own, kafka="3.6", rtt_ms=10)
    assert said.startswith(
        "Set enable.idempotence=true with acks=all: no slower here, and retries neither duplicate"
        " nor reorder. "
    )
    assert "your five" not in said
    assert agrees(said, rows, changes)
    around = pick(changes, whose=AROUND)
    assert set(around["on_top_of"]) == {getattr(choice(changes), "text", YOURS)}
    assert (changes[changes["whose"] != AROUND]["on_top_of"] == "").all()


@pytest.mark.slow
def test_a_rate_is_judged_by_the_p99_of_the_table() -> None:
    said, rows, _ = compared(in_flight(1), rtt_ms=20, rate_per_s=300.0, arrivals="even")
    five = pick(rows, phase="load", producer=FIVE)["p99_ms"].mean()
    one = pick(rows, phase="load", producer=ONE)["p99_ms"].mean()
    assert f"Five in flight have a p99 of {five:.3g} ms at that rate, one of {one:.3g} ms." in said


def test_what_percentiles_are_not_known_is_said() -> None:
    _, rows, _ = compared(rtt_ms=1)
    assert not list(unknown_lines(rows))
    load = (rows["phase"] == "load") & (rows["producer"] == ONE) & (rows["replication"] == 0)
    rows.loc[load, "p99_ms"] *= 2
    (line,) = unknown_lines(rows)
    assert "p99 of one in flight at 1 ms" in line
    _, latency = tables(rows)
    assert "[" in latency.rows[0][-1].text


#: Distances, batches, requests in flight, partitions: what decides between depth and batch.
GRID = list(itertools.product((0.5, 20.0), (16_384, 131_072), (1, 5), (1, 6)))


@pytest.mark.parametrize(("rtt_ms", "batch_bytes", "depth", "partitions"), GRID[:12:4])
def test_the_last_sentence_agrees_with_the_table(
    rtt_ms: float, batch_bytes: int, depth: int, partitions: int
) -> None:
    _agree(rtt_ms, batch_bytes, depth, partitions)


@pytest.mark.trial
@pytest.mark.parametrize(("rtt_ms", "batch_bytes", "depth", "partitions"), GRID)
def test_the_last_sentence_agrees_with_the_table_everywhere(
    rtt_ms: float, batch_bytes: int, depth: int, partitions: int
) -> None:
    _agree(rtt_ms, batch_bytes, depth, partitions)


def _agree(rtt_ms: float, batch_bytes: int, depth: int, partitions: int) -> None:
    said, rows, changes = compared(
        in_flight(depth), f"batch.size={batch_bytes}", rtt_ms=rtt_ms, partitions=partitions
    )
    assert agrees(said, rows, changes), said
    assert said.count("NaN") + said.count("nan ") == 0


@pytest.mark.trial
@pytest.mark.parametrize("number", range(6))
def test_advice_that_is_followed_gains_what_it_said(number: int) -> None:
    options = world_options(np.random.default_rng([20, number]))
    asked = asked_of(options)
    runs = Runs(Workers(1))
    rows = carry_out_study(asked, runs, curve_ms=())["rows"]
    changes = try_changes(asked.world, lambda: rows, runs)
    row = followed(options, asked, rows, changes)
    assert agrees(advise(asked.world, rows, changes), rows, changes)
    if row["advised"]:
        assert 0.97 * row["told_low"] <= row["found"] <= 1.03 * row["told_high"]
    else:
        assert row.get("found", 1.0) < WORTH * 1.05


@pytest.mark.trial
def test_what_the_page_says_of_a_quoted_configuration_is_what_is_said_today() -> None:
    page = Path("docs/run.md").read_text(encoding="utf-8")
    (quoted,) = re.findall(r"^> (.*)$", page, flags=re.MULTILINE)
    (gains_,) = re.findall(
        r"Five in flight gain (.*), (.*) and (.*) times at 1, 10 and 50 ms", page
    )
    for rtt_ms, gain in zip((1, 10, 50), gains_, strict=True):
        own = (in_flight(1), "batch.size=1048576", "linger.ms=1")
        said, rows, _ = compared(*own, rtt_ms=rtt_ms, replications=5)
        assert times(five_to_one(rows).value) == gain
    assert said == quoted
