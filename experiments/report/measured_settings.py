"""Settings of measured rows in few words: what all rows share is said once."""

from collections.abc import Sequence


def shared_and_own(settings: Sequence[str]) -> tuple[str, list[str]]:
    """What all of the rows set, and what each sets besides."""
    pairs = [text.split(";") for text in settings]
    shared = [pair for pair in pairs[0] if all(pair in others for others in pairs)]
    own = ["; ".join(pair for pair in row if pair not in shared) for row in pairs]
    return "; ".join(shared), own


def with_shared(caption: str, shared: str) -> str:
    """A caption that says what all rows have in common."""
    return f"{caption} (all with {shared})" if shared else caption
