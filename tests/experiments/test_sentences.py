"""Every sentence that an answer can make: few numbers, no brackets in brackets, words people know.

Over all stored rows, and over rows that were changed so that the other branches speak.
"""

from collections.abc import Callable

import pandas as pd
import pytest

from experiments.bench import stored as bench
from experiments.catalogue import EXPERIMENTS, RESULTS, SWEEPS, every, load
from experiments.compare import stored as compare
from experiments.compare.advice import advise
from experiments.compare.changes import AROUND, YOURS
from experiments.faults import harm
from experiments.faults.catalogue import IDEMPOTENT
from experiments.faults.measured import RULE_OF_FAULTS, read_faults
from experiments.kit.page import Prose
from experiments.kit.properties import load_settings
from experiments.kit.store import load_frame
from experiments.kit.words import LIMITS, assumes
from experiments.kit.world import World
from experiments.validation import tables as validation
from experiments.validation.limits import DOUBLED
from experiments.validation.published import claims
from experiments.validation.stored import LEAD, read_predicted
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE
from tests.wording import depth, faults, numbers, sentences

Rows = Callable[..., pd.DataFrame]
VALIDATION = RESULTS / "validation"


def stored(name: str) -> pd.DataFrame:
    """The stored rows of an experiment."""
    return load_frame(SWEEPS / name, "rows")


def paragraphs_of_compare() -> list[str]:
    """What the report begins with; its last paragraph is what is assumed, not an answer."""
    answer, *_ = compare.sections(RESULTS)
    return [block.text for block in answer.blocks if isinstance(block, Prose) and block.lead]


def advice() -> list[str]:
    """What to do, of the stored comparison, and where no change or nothing around would help."""
    rows, changes = (load_frame(RESULTS / "compare", name) for name in ("rows", "changes"))
    changes["change"] = changes["change"].fillna(YOURS)
    same = changes.assign(records_per_s=1_000.0)
    alone = changes.assign(
        records_per_s=changes["records_per_s"].mask(changes["whose"] == AROUND, 9)
    )
    worlds = [World(rtt_ms=50)]
    worlds += [World(rtt_ms=50, resolved=load_settings(None, (f"acks={a}",), "3.6")) for a in "01"]
    return [advise(world, rows, frame) for world in worlds for frame in (changes, same, alone)]


def reasons() -> list[str]:
    """Why the worst rows of the validation are off."""
    return list(worst_rows(read_predicted(VALIDATION), MEASURED_MACHINE)["why"].unique())


#: Who makes sentences, beside the questions: whoever makes more of them adds a line.
OTHERS: dict[str, Callable[[], list[str]]] = {
    "compare": paragraphs_of_compare,
    "advice": advice,
    "risk": lambda: [harm.risk(load_frame(RESULTS / "faults/harm", "harm")), harm.LEGEND],
    "validation": lambda: [
        f"{validation.summary(read_predicted(VALIDATION), MEASURED_MACHINE)} {LEAD}"
    ],
    "worst rows": reasons,
    "measured faults": lambda: [
        f"{validation.faults_summary(read_faults(VALIDATION / 'faults.csv'))} {RULE_OF_FAULTS}"
    ],
    "published": lambda: [claims.summary(claims.read_verdicts(VALIDATION / "published.csv"))],
    "bench": lambda: [bench.excerpts(RESULTS)["speed"].split("\n\n")[1]],
}


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_answer_is_read_at_once(name: str) -> None:
    assert list(faults(load(name).answer(stored(name)))) == []


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_what_it_assumes_is_plain(name: str) -> None:
    assert list(faults(assumes(load(name).assumption), opening=False)) == []
    assert load(name).question.endswith("?")


@pytest.mark.parametrize("name", OTHERS)
def test_other_sentences_are_read_at_once_too(name: str) -> None:
    assert [fault for text in OTHERS[name]() for fault in faults(text)] == []


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_figures_stand_in_tables_of_one_shape_with_headings_that_are_known(name: str) -> None:
    for table in load(name).tables(stored(name)):
        said = " ".join([table.caption, *(column.name for column in table.columns)])
        assert list(faults(f"Table: {said}.", opening=False)) == []
        assert {len(row) for row in table.rows} == {len(table.columns)}
        cells = [cell.text for row in table.rows for cell in row]
        assert not any("nan" in text or "inf" in text.split() for text in cells)
        assert not any("[-" in text for text in cells), "a count or a rate below 0"


def test_every_question_shows_its_figures() -> None:
    assert [each.name for each in every() if not each.tables(stored(each.name))] == []


@pytest.mark.trial
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_an_answer_in_a_users_world_is_read_at_once(rows: Rows, name: str) -> None:
    assert list(faults(load(name).answer(rows(name)))) == []
    assert load(name).tables(rows(name))


def same_rate(rows: pd.DataFrame) -> pd.DataFrame:
    """Everybody carries the same."""
    return rows.assign(records_per_s=1_000.0, mb_per_s=1.0, requests_per_s=100.0)


def harmless(rows: pd.DataFrame) -> pd.DataFrame:
    """Nothing is harmed."""
    return _with(rows, 0)


def harmful(rows: pd.DataFrame) -> pd.DataFrame:
    """Everybody is harmed, idempotent or not."""
    return _with(rows, 2)


def _with(rows: pd.DataFrame, count: int) -> pd.DataFrame:
    harmed = {
        *("displaced", "duplicates", "displaced_per_million", "duplicates_per_million"),
        *("failed", "failed_but_present", "acked_missing", "reordering_errors"),
        "duplicates_per_loss",
    }
    return rows.assign(**dict.fromkeys(harmed & set(rows.columns), count))


def without_time(rows: pd.DataFrame) -> pd.DataFrame:
    """No latency is known: everybody is overloaded."""
    figures = {"mean_ms", "p50_ms", "p99_ms"} & set(rows.columns)
    offered = rows["load"] == "light" if "load" in rows else rows["phase"] == "offered"
    return rows.assign(**{name: rows[name].mask(offered) for name in figures})


#: Experiment, what is done to its rows, and what the answer then says.
DOCTORED: list[tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str]] = [
    ("order", harmful, "Idempotence was not enough here"),
    ("order", harmless, "no duplicates but nothing out of order"),
    ("order", same_rate, "about as much as one"),
    ("story", lambda rows: rows.assign(decision="written"), "no other request was on its way"),
    ("story", harmful, "2 records out of order and 2 duplicates"),
    ("loss", same_rate, "you lose hardly any of it"),
    ("idempotence", lambda rows: rows.assign(records_per_s=rows.index + 1.0), "is not shown"),
    ("connection", lambda rows: rows.assign(deepest_on_one=9), "Not per connection here"),
    ("depth", same_rate, "1 are enough"),
    (
        "clients",
        lambda rows: rows.assign(in_flight_partition=5.0),
        "and sarama keep five of a partition's requests in flight at 50 ms.",
    ),
    (
        "clients",
        lambda rows: rows.assign(in_flight_partition=1.0),
        "and sarama keep one of a partition's requests in flight at 50 ms.",
    ),
    ("clients", harmless, "no client without idempotence writes records out of order"),
    ("clients", harmful, "with it some are doubled or moved"),
    (
        "pipe",
        lambda rows: same_rate(rows).assign(request_bytes=1_000.0),
        "Neither larger batches nor larger sockets fill it further",
    ),
    ("producers_memory", same_rate, "carry about as much as one"),
    (
        "linger_load",
        lambda rows: rows.assign(mean_ms=rows["mean_ms"].mask(rows["linger_ms"] == 5, 0.1)),
        "From 100 records/s on",
    ),
    (
        "linger_load",
        lambda rows: rows.assign(
            mean_ms=rows["mean_ms"].mask(
                (rows["linger_ms"] == 5) & (rows["records_per_s"] >= 25_000), 0.1
            )
        ),
        "Only near the limit: from 25,000 records/s on",
    ),
    (
        "linger_load",
        lambda rows: rows.assign(mean_ms=1.0 + rows["linger_ms"]),
        "costs latency wherever was looked",
    ),
    ("linger_load", without_time, "At no load, for each"),
    ("batch_depth", same_rate, "Neither: no larger batch.size"),
    (
        "batch_depth",
        lambda rows: rows.assign(mb_per_s=rows["batch_kib"].astype(float)),
        "Raise batch.size to 512 KiB; more requests in flight gain nothing here",
    ),
    (
        "batch_depth",
        lambda rows: rows.assign(mb_per_s=rows["depth"].astype(float)),
        "Raise requests in flight; no larger batch.size gains",
    ),
    (
        "steps",
        lambda rows: rows.assign(held_by=rows["held_by"].replace("receive window", "send buffer")),
        "than send.buffer.bytes holds until",
    ),
    ("steps", lambda rows: rows.assign(held_by=""), "Because nothing holds them back here"),
    ("steps", lambda rows: rows.assign(round_trips=2.0), "At 50 ms one of 1,024 KiB takes 2"),
    ("steps", lambda rows: rows.assign(lost=0.0), "No segment was lost here"),
    ("sync", lambda rows: rows.assign(linger_ms=0.0), "in the broker come on top. Ten threads"),
    ("replication", without_time, "your rate is more than it carries"),
    ("replication", same_rate, "throughput is 100 % of that with acks=1"),
    ("likelihood", harmful, "Even idempotence leaves"),
    ("likelihood", harmless, "No record came out of order, with five in flight as with one"),
    ("errors", harmless, "Not at all here"),
    ("errors", harmful, "Nobody keeps order always"),
    ("errors", lambda rows: rows.assign(goodput_records_per_s=1.0), "Speed does not suffer"),
    ("out_of_order", harmful, "Yes, 12 acknowledged records are not in the log"),
    ("out_of_order", harmless, "3 raise this error, and of these 3 heal without harm."),
    ("expiry", lambda rows: rows.assign(expired_share=0.0), "No outage of up to 240 s"),
    ("expiry", lambda rows: rows.assign(full_s=500.0), "Overload alone does it too"),
    ("buffer", lambda rows: rows.assign(law_bytes=1e9), "yours is too small"),
    ("buffer", lambda rows: rows.assign(failed=3.0), "and refuse 3 records"),
    ("timeout", lambda rows: rows.assign(copies=1.0), "No record is in the log twice"),
    ("timeout", lambda rows: rows.assign(retried_requests=1), "No timeout looked at is long"),
    ("timeout", lambda rows: rows.assign(own_ms=20.0), "is too short"),
    ("partitions_brokers", same_rate, "They do not raise what the producer can carry"),
    ("partitions_brokers", lambda rows: rows.assign(batch_fill=1.0), "leave its batches"),
    ("breakeven", same_rate, "Nowhere that was looked at"),
]


@pytest.mark.parametrize(("name", "change", "says"), DOCTORED)
def test_another_finding_is_another_sentence(
    name: str, change: Callable[[pd.DataFrame], pd.DataFrame], says: str
) -> None:
    answer, as_stored = load(name).answer(change(stored(name))), load(name).answer(stored(name))
    assert says in answer
    assert says not in as_stored
    assert list(faults(answer)) == []


def test_what_is_risked_is_counted_from_the_rows() -> None:
    rows = load_frame(RESULTS / "faults/harm", "harm")
    counts = ["duplicates", "displaced", "failed", "acked_missing"]
    calm = rows.assign(**dict.fromkeys(counts, 0))
    assert "faults tried none harms the idempotent producer" in harm.risk(calm)
    idempotent = rows["producer"].eq(IDEMPOTENT)
    harmed = rows.assign(duplicates=rows["duplicates"].mask(idempotent, 1))
    faults_tried = rows["fault"].nunique()
    assert f"Of {faults_tried} faults tried {faults_tried} harm" in harm.risk(harmed)


def test_the_rules_count_what_a_reader_keeps_in_mind() -> None:
    text = "At 0.2 ms p99 is 3,746.5 with linger.ms=5 (KAFKA-15591). Then 7."
    assert [numbers(sentence) for sentence in sentences(text)] == [["0.2", "3,746.5"], ["7"]]
    assert (depth("a (b [c])"), depth("a (b) send() (c)"), depth("(send())")) == (2, 1, 1)
    assert len(list(faults("It takes 1, 2 or 3."))) == 1
    assert len(list(faults("It hangs on this: noisy (rows [or none])."))) == 3
    assert list(faults("One, two or three.")) == []


def test_a_stored_answer_of_another_result_would_fail() -> None:
    """What the review of the first round found worst."""
    assert list(faults("At 2 ms 5.56 MB/s with one request of 16 KiB become 27.66 with 5."))
    assert list(faults("1.3 [-15.2, 17.8] duplicates for each loss."))


def test_every_limit_that_a_run_names_has_plain_words() -> None:
    assert set(LIMITS) == set(DOUBLED)
