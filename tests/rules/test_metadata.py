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
