"""Knobs are data, and what they ask is held to the command line's rules and to a second's work."""

import random
from dataclasses import replace

import pytest

from experiments.explore import runs
from experiments.explore.asked import Asked, Base, positions
from experiments.explore.knobs import KNOBS, Knob, refused_knob
from experiments.explore.picture import MOMENTS, WAITS
from experiments.explore.runs import Task, carry_out
from experiments.explore.take import address, commands, properties
from model import ConfigError, Scenario
from model.settings.keys import KEYS
from tests.explore.asking import Ask

FIVE, ONE = "five in flight, idempotent", "one in flight"


def random_positions(seed: int) -> dict[str, str]:
    """Some knobs anywhere within their bounds: at a stop, or between."""
    chance = random.Random(seed)
    chosen = chance.sample([knob for knob in KNOBS if knob.levels], chance.randint(1, 9))
    return {knob.name: somewhere(knob, chance) for knob in chosen}


def somewhere(knob: Knob, chance: random.Random) -> str:
    """A value that a visitor may set."""
    if knob.kind == "choice" or chance.random() < 0.6:
        return chance.choice(knob.levels)
    least, most = (float(knob.levels[place]) for place in (0, -1))
    value = chance.uniform(least, most)
    return f"{value:.0f}" if knob.kind == "whole" else f"{value:.3f}"


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_every_stop_of_a_knob_may_be_taken_and_what_lies_beyond_is_refused_at_it(
    knob: Knob, base: Base
) -> None:
    own = next(each for each in base.knobs if each.name == knob.name)
    assert not knob.key or knob.key in KEYS
    for level in own.levels:
        if own.kind != "choice":
            assert own.least <= float(level) <= own.most
        if knob.key and level != base.values[knob.name]:
            assert f"{knob.key}={level}" in properties(asked_alone(base, knob, level))
    for value in ("x", "nan", "-1", "1e99", "9" * 50, ""):
        with pytest.raises(ConfigError) as refused:
            base.asked({knob.name: value})
        assert refused_knob(refused.value.setting) == knob.name


def asked_alone(base: Base, knob: Knob, level: str) -> Asked:
    """A knob at a stop, with what has to give way for it."""
    beside = {"acks": {"idempotence": "false"}, "request_timeout_ms": {"fault": "lost-acks"}}
    return base.asked({knob.name: level, **beside.get(knob.name, {})})


def test_what_the_model_refuses_is_refused_at_its_knob(base: Base) -> None:
    for given, knob in (
        ({"in_flight": "6", "idempotence": "true"}, "in_flight"),
        ({"batch_size": "1000", "record_bytes": "500001"}, "record_bytes"),
        ({"in_flight": "7"}, "in_flight"),
    ):
        with pytest.raises(ConfigError) as refused:
            base.asked(given)
        assert refused_knob(refused.value.setting) == knob


def test_an_address_says_what_was_turned_and_nothing_else(base: Base) -> None:
    given = {"rtt_ms": "50.0", "linger_ms": "5", "acks": "1", "idempotence": "false"}
    asked = base.asked(given)
    said = address(asked)
    assert said == "rtt_ms=50&idempotence=false&acks=1"
    assert base.asked(positions(f"http://127.0.0.1:8023/?{said}")).values == asked.values
    with pytest.raises(ConfigError, match="address"):
        base.asked(positions("rtt_ms"))
    with pytest.raises(ConfigError, match="knobs of the page"):
        base.asked({"constants": "/etc/passwd"})


def test_compare_is_named_only_where_it_can_say_all_of_it(base: Base) -> None:
    can = commands(base.asked({"rtt_ms": "50", "linger_ms": "20", "replica_rtt_ms": "5"}))
    assert can["one and five, in full"] == (
        "inflight compare --rtt-ms 50 --partitions 1 --replicas 3 --replica-rtt-ms 5"
        " --set linger.ms=20 --record-bytes 1000"
    )
    for can_too in ({"replicas": "1", "replica_rtt_ms": "5"}, {"partitions": "6", "replicas": "1"}):
        assert "--replicas 1" in commands(base.asked(can_too))["one and five, in full"]
    for cannot in ({"partitions": "6"}, {"loss": "1"}, {"machine": "laboratory, with stalls"}):
        (only,) = commands(base.asked(cannot)).values()
        assert only.startswith("inflight explore --answer ")


def test_digits_go_where_they_have_to(ask: Ask) -> None:
    near, far = ask("first", rtt_ms=2)["producers"], ask("first", rtt_ms=50)["producers"]
    for label in (ONE, FIVE):
        assert far[label]["records_per_s"] < near[label]["records_per_s"]
    assert 4.5 < far[FIVE]["records_per_s"] / far[ONE]["records_per_s"] < 5.5
    lossy = ask("more", rtt_ms=50, loss=2)["producers"]
    assert all(lossy[label]["records_per_s"] < far[label]["records_per_s"] for label in far)
    copied = ask("first", rtt_ms=2, replicas=3, replica_rtt_ms=5)["producers"]
    assert copied[FIVE]["records_per_s"] < near[FIVE]["records_per_s"]


def test_a_fault_has_its_books_and_idempotence_its_worth(ask: Ask) -> None:
    plain = ask("trouble", fault="lost-acks", idempotence="false")["books"]
    idempotent = ask("trouble", fault="lost-acks")["books"]
    assert plain["duplicates"] > 0 == idempotent["duplicates"]
    assert ask("trouble") == {}


def test_what_is_drawn_is_what_was_recorded(ask: Ask) -> None:
    picture = ask("first", rtt_ms=20)["pictures"][FIVE]
    assert len(picture["sent"]) == picture["in_all"] > 100
    for place in range(len(picture["sent"])):
        moments = [picture[name][place] for name in list(MOMENTS)[:-1]]
        assert moments == sorted(moments)
        assert len(picture["waits"][place]) == len(MOMENTS)
    assert WAITS[picture["waits"][40][1]] == "a free place among the requests in flight"


def is_answered(ask: Ask, **given: str) -> bool:
    """Whether there is an answer; where there is none, a knob says why."""
    try:
        answer = ask("first", **given)
        ask("trouble", **given)
    except ConfigError as error:
        return bool(refused_knob(error.setting)) or error.setting == "run"
    return str(answer["sentence"]).endswith(".")


#: Most of them are left to trials.
SEEDS = [pytest.param(seed, marks=[pytest.mark.trial] if seed >= 24 else []) for seed in range(200)]


@pytest.mark.parametrize("seed", SEEDS)
def test_wherever_knobs_stand_there_is_an_answer_or_a_knob_that_is_refused(
    seed: int, ask: Ask
) -> None:
    assert is_answered(ask, **random_positions(seed))


def test_no_run_takes_more_than_its_share_of_the_processor(
    base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = base.asked({}).full_load(base.world.own)
    endless: Scenario = replace(scenario, measured_s=1e6)
    monkeypatch.setattr(runs, "MOST_CPU_S", 0.05)
    assert carry_out(Task("capacity", endless, 1)) == {"failed": "too long"}
    monkeypatch.undo()
    assert carry_out(Task("capacity", scenario, 1))["records_per_s"] > 0
