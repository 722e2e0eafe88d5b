"""The twenty questions in their order, most common first, and how one is found."""

from experiments.ask.question import Question
from experiments.ask.questions import (
    acks,
    batch,
    buffer,
    clients,
    connection,
    duplicates,
    expiry,
    five,
    idempotence,
    linger,
    loss,
    order,
    out_of_order,
    partitions,
    pipe,
    producers,
    reordering,
    story,
    sync,
    timeout,
)
from model import ConfigError

_MODULES = (
    order,
    story,
    loss,
    idempotence,
    connection,
    five,
    clients,
    pipe,
    producers,
    linger,
    batch,
    sync,
    acks,
    duplicates,
    reordering,
    out_of_order,
    expiry,
    buffer,
    timeout,
    partitions,
)
QUESTIONS: tuple[Question, ...] = tuple(module.QUESTION for module in _MODULES)


def find(wanted: str) -> Question:
    """A question by its number or one of its words. Raises ConfigError."""
    for question in QUESTIONS:
        if wanted == str(question.number) or wanted.lower() in question.aliases:
            return question
    rule = f"must be from 1 to {len(QUESTIONS)} or one of the words that inflight ask lists"
    raise ConfigError("question", wanted, rule)
