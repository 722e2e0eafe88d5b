"""Random settings, given to the resolver and to the real client of each release.

Skipped where Java or Maven is missing, unless INFLIGHT_NEEDS_JAVA=1 says that they have to be.
"""

import fcntl
import os

import pytest

from model import ConfigError
from model.settings import KafkaVersion, Resolved, resolve
from tests.clients.cases import cases
from tests.clients.keys import stored
from tests.clients.releases import (
    JARS,
    JAVA,
    LAST_PATCHES,
    MAVEN,
    RELEASES,
    Answer,
    ask,
    fetch,
)

NEEDED = os.environ.get("INFLIGHT_NEEDS_JAVA") == "1"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (NEEDED or (JAVA and MAVEN)), reason="needs Java and Maven"),
]
CASES = 60
#: CI asks so many of them; the rest is a trial.
IN_CI = ("3.0.2", "3.4.1", "3.9.1", "4.0.1", "4.2.1", "4.4.0")
WITH_TRIALS = [
    release if release in IN_CI else pytest.param(release, marks=pytest.mark.trial)
    for release in RELEASES
]


@pytest.fixture(scope="module", autouse=True)
def clients() -> None:
    """The jars, fetched by one process while the others wait."""
    JARS.mkdir(parents=True, exist_ok=True)
    with (JARS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        fetch(RELEASES)


@pytest.mark.parametrize("release", WITH_TRIALS)
def test_the_resolver_refuses_and_changes_what_the_real_client_does(release: str) -> None:
    version, tried = KafkaVersion.parse(release), list(cases(release, CASES))
    keys, answers = ask(release, tried)
    assert len(answers) == CASES
    differing = [
        (case, difference)
        for case, answer in zip(tried, answers, strict=True)
        if (difference := between(case, answer, version))
    ]
    assert not differing
    if release in LAST_PATCHES:
        assert {key.name: key for key in keys} == stored(".".join(release.split(".")[:2]))


def between(case: dict[str, str], answer: Answer, version: KafkaVersion) -> object:
    """What the resolver and a client say differently of a case; None: nothing."""
    try:
        resolved = resolve(case, version)
    except ConfigError as refusal:
        # before 3.3 the constructor checks some keys late, and does not name them
        same_key = version.minor < (3, 3) or refusal.setting in (answer.refusal or "")
        return None if answer.refusal is not None and same_key else (str(refusal), answer)
    if answer.refusal is not None:
        return "taken", answer
    return compared(resolved, answer) or None


def compared(resolved: Resolved, answer: Answer) -> dict[str, tuple[str, str]]:
    """The values in which the two differ: ours, the client's."""
    ours = {setting.key: setting.value for setting in resolved.values}
    ours["acks"] = "-1" if ours["acks"] == "all" else ours["acks"]
    # before 3.3 a batch of 0 bytes stays one, and has one record like a batch of 1
    theirs = {**answer.values, "batch.size": str(max(1, int(answer.values["batch.size"])))}
    return {key: (ours[key], text) for key, text in theirs.items() if ours[key] != text}
