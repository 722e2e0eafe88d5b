"""A fault cannot be wrong once it is built; what is wrong is said in one line."""

import pickle
from dataclasses import replace
from typing import Any

import pytest

from model import ConfigError, Fault, PathConfig, Scenario
from model.config.fault import Lasting
from model.config.faults import KINDS, LostAcks

OWN: dict[str, dict[str, Any]] = {
    "latency-spike": {"rtt_ms": 100.0},
    "slow-broker": {"times": 3.0},
    "nack": {"error": "CORRUPT_MESSAGE", "requests": 1},
}


def fault(what: str, **changes: Any) -> Fault:
    lasts = {"for_s": 1.0} if what not in KINDS or issubclass(KINDS[what], Lasting) else {}
    return Fault(**{"what": what, "at_s": 2.0, **lasts, **OWN.get(what, {}), **changes})


@pytest.mark.parametrize("what", KINDS)
def test_every_kind_can_be_built_and_says_when_it_is_over(what: str) -> None:
    assert isinstance(fault(what), KINDS[what])
    assert fault(what).until_s == (3.0 if issubclass(KINDS[what], Lasting) else 2.0)


@pytest.mark.parametrize(
    ("what", "changes", "message"),
    [
        ("lost-socks", {}, "what=lost-socks"),
        ("leader-election", {}, "broker-isolation"),
        ("lost-acks", {"at_s": -1.0}, "at_s=-1.0"),
        ("lost-acks", {"at_s": float("nan")}, "at_s=nan"),
        ("lost-acks", {"for_s": 0.0}, "for_s=0.0"),
        ("connection-reset", {"for_s": 1.0}, "for_s=1.0"),
        ("lost-acks", {"broker": -1}, "broker=-1"),
        ("lost-acks", {"rtt_ms": 5.0}, "rtt_ms=5.0"),
        ("latency-spike", {"rtt_ms": 0.0}, "rtt_ms=0.0"),
        ("slow-broker", {"times": 1.0}, "times=1.0"),
        ("nack", {"requests": 0}, "requests=0"),
        ("nack", {"error": "NONE"}, "error=NONE"),
        ("full-disk", {"error": "CORRUPT_MESSAGE"}, "error=CORRUPT_MESSAGE"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    what: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        fault(what, **changes)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_kind_may_be_built_by_its_own_name_and_is_no_other() -> None:
    assert LostAcks(at_s=2.0, for_s=1.0) == fault("lost-acks")
    with pytest.raises(ConfigError, match="what=nack: must be lost-acks"):
        LostAcks(what="nack", at_s=2.0, for_s=1.0)


@pytest.mark.parametrize("what", KINDS)
def test_a_fault_comes_back_from_another_process_and_can_be_changed(what: str) -> None:
    assert pickle.loads(pickle.dumps(fault(what))) == fault(what)
    built: Any = fault(what)
    assert replace(built, at_s=1.5) == fault(what, at_s=1.5)


def test_a_fault_of_a_broker_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match="broker=1"):
        Scenario(path=PathConfig(rtt_ms=1), faults=(fault("lost-acks", broker=1),))
