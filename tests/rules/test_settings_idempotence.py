"""When the client is idempotent, and what each version refuses (producer.md 1.2 and 1.3)."""

import pytest

from model import ConfigError
from model.settings import KafkaVersion, Resolved, resolve

IN_FLIGHT = "max.in.flight.requests.per.connection"
IDEMPOTENCE = "enable.idempotence"
FIXED = ["3.0", "3.0.1", "3.1", "3.1.1", "3.2", "3.2.0", "3.5", "3.9", "3.9.0", "4.0", "4.1", "4.4"]
THREE = [version for version in FIXED if version.startswith("3")]
FOUR = ["4.0", "4.0.0", "4.1", "4.4"]
BROKEN = ["3.0.0", "3.1.0"]
CONFLICTS = [("acks", "1"), ("acks", "0"), ("retries", "0"), (IN_FLIGHT, "6")]


def resolved(version: str, *pairs: tuple[str, str]) -> Resolved:
    return resolve(dict(pairs), KafkaVersion.parse(version))


def refusal(version: str, *pairs: tuple[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        resolved(version, *pairs)
    return str(caught.value)


@pytest.mark.parametrize("version", FIXED)
def test_idempotence_is_on_by_default_without_a_word(version: str) -> None:
    assert resolved(version).producer.enable_idempotence
    assert not [note for note in resolved(version).notes if "idempotence" in note]


@pytest.mark.parametrize("version", BROKEN)
def test_3_0_0_and_3_1_0_leave_it_off_and_the_note_says_so(version: str) -> None:
    outcome = resolved(version)
    assert not outcome.producer.enable_idempotence
    assert any("KAFKA-13598" in note and version in note for note in outcome.notes)
    row = next(setting for setting in outcome.values if setting.key == IDEMPOTENCE)
    assert (row.value, row.default, row.origin) == ("false", "true", "changed by the client")


@pytest.mark.parametrize("version", BROKEN)
@pytest.mark.parametrize("conflict", CONFLICTS)
def test_what_conflicts_with_a_default_that_is_off_anyway_is_no_matter(
    version: str, conflict: tuple[str, str]
) -> None:
    assert not resolved(version, conflict).producer.enable_idempotence


@pytest.mark.parametrize("version", BROKEN)
@pytest.mark.parametrize("conflict", CONFLICTS)
@pytest.mark.parametrize("asked", [(IDEMPOTENCE, "true"), ("transactional.id", "t")])
def test_3_0_0_and_3_1_0_refuse_a_conflict_once_it_is_asked_for(
    version: str, conflict: tuple[str, str], asked: tuple[str, str]
) -> None:
    assert resolved(version, asked).producer.enable_idempotence
    assert refusal(version, conflict, asked).startswith("=".join(conflict))


@pytest.mark.parametrize("version", [*THREE, *FOUR])
@pytest.mark.parametrize("conflict", CONFLICTS[:3])
def test_acks_or_retries_switch_the_default_off_and_the_note_names_them(
    version: str, conflict: tuple[str, str]
) -> None:
    outcome = resolved(version, conflict)
    assert not outcome.producer.enable_idempotence
    assert f"idempotence is off because {'='.join(conflict)} was set" in outcome.notes


@pytest.mark.parametrize("version", THREE)
def test_more_than_five_in_flight_switch_the_default_off_until_3_9(version: str) -> None:
    outcome = resolved(version, (IN_FLIGHT, "6"))
    assert not outcome.producer.enable_idempotence
    assert f"idempotence is off because {IN_FLIGHT}=6 was set" in outcome.notes


@pytest.mark.parametrize("version", FOUR)
@pytest.mark.parametrize("other", [("acks", "all"), ("acks", "1"), ("retries", "0")])
def test_more_than_five_in_flight_are_refused_from_4_0_on_whatever_acks_is(
    version: str, other: tuple[str, str]
) -> None:
    assert refusal(version, (IN_FLIGHT, "6"), other).startswith(f"{IN_FLIGHT}=6: must be at most 5")


@pytest.mark.parametrize("version", [*BROKEN, *THREE, *FOUR])
@pytest.mark.parametrize("conflict", CONFLICTS)
def test_written_false_it_conflicts_with_nothing(version: str, conflict: tuple[str, str]) -> None:
    outcome = resolved(version, (IDEMPOTENCE, "FALSE"), conflict)
    assert not outcome.producer.enable_idempotence
    assert not [note for note in outcome.notes if "idempotence" in note]


@pytest.mark.parametrize("version", [*BROKEN, *THREE, *FOUR])
@pytest.mark.parametrize("conflict", CONFLICTS)
def test_written_true_every_version_refuses_every_conflict(
    version: str, conflict: tuple[str, str]
) -> None:
    assert refusal(version, (IDEMPOTENCE, "true"), conflict).startswith("=".join(conflict))


@pytest.mark.parametrize("version", [*THREE, *FOUR])
@pytest.mark.parametrize("off", [("acks", "1"), ("retries", "0"), (IDEMPOTENCE, "false")])
def test_a_transactional_id_needs_idempotence_however_it_went_off(
    version: str, off: tuple[str, str]
) -> None:
    assert "needs idempotence" in refusal(version, ("transactional.id", "t"), off)


@pytest.mark.parametrize("version", BROKEN)
def test_a_transactional_id_with_idempotence_written_false_was_always_refused(version: str) -> None:
    pairs = (("transactional.id", "t"), (IDEMPOTENCE, "false"))
    assert "needs idempotence" in refusal(version, *pairs)


def test_the_client_reports_retries_before_acks_before_in_flight() -> None:
    pairs = [(IDEMPOTENCE, "true"), *CONFLICTS[1:]]
    assert refusal("4.1", *pairs).startswith("retries=0")
    assert refusal("4.1", *(pair for pair in pairs if pair[0] != "retries")).startswith("acks=0")


@pytest.mark.parametrize(("acks", "meaning"), [("all", "all"), (" -1 ", "all"), ("1", "1")])
def test_minus_one_is_another_word_for_all(acks: str, meaning: str) -> None:
    assert resolved("4.1", ("acks", acks)).producer.acks == meaning


@pytest.mark.parametrize("acks", ["ALL", "2", "-2", "", "01", "a l l"])
def test_other_acks_are_refused(acks: str) -> None:
    assert refusal("3.4", ("acks", acks)).startswith("acks=")
