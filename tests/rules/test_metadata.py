"""When metadata is asked for: at once by a new client, later not more often than the backoff."""

from model.producer.metadata import Metadata
from model.units import NEVER_S


def test_a_new_client_asks_at_once_and_knows_nothing() -> None:
    metadata = Metadata(backoff_s=0.1)
    assert (metadata.known, metadata.due_s()) == (False, 0.0)
    metadata.requested()
    assert metadata.due_s() == NEVER_S
    metadata.fresh(0.5)
    assert (metadata.known, metadata.wanted, metadata.due_s()) == (True, False, NEVER_S)


def test_it_is_asked_for_again_after_the_backoff() -> None:
    metadata = Metadata(backoff_s=0.1)
    metadata.fresh(5.0)
    metadata.request_update()
    assert metadata.due_s() == 5.1


def test_a_lost_request_is_due_again_after_the_backoff() -> None:
    metadata = Metadata(backoff_s=0.1)
    metadata.requested()
    metadata.lost(7.0)
    assert metadata.due_s() == 7.1


def test_a_new_session_forgets() -> None:
    metadata = Metadata(backoff_s=0.1)
    metadata.fresh(5.0)
    metadata.forget()
    assert not metadata.known
    assert metadata.due_s() == 0.0


def test_answers_that_tell_nothing_new_are_asked_for_ever_more_seldom() -> None:
    metadata = Metadata(backoff_s=0.1, equal_backoff_s=lambda answers: 0.1 * 2**answers)
    metadata.fresh(1.0)
    for at_s, wait_s in ((2.0, 0.2), (3.0, 0.4), (4.0, 0.8)):
        metadata.fresh(at_s, news=False)
        metadata.request_update()
        assert metadata.due_s() == at_s + wait_s
    metadata.fresh(5.0, news=True)
    metadata.request_update()
    assert metadata.due_s() == 5.1


def test_an_answer_is_good_for_so_long() -> None:
    metadata = Metadata(backoff_s=0.1, max_age_s=300.0)
    metadata.fresh(1.0)
    assert (metadata.wanted, metadata.due_s()) == (False, 301.0)


def test_who_starts_again_knows_nothing_and_keeps_to_its_backoff() -> None:
    metadata = Metadata(backoff_s=0.1)
    metadata.fresh(5.0)
    metadata.start_again()
    assert (metadata.known, metadata.wanted, metadata.due_s()) == (False, True, 5.1)
