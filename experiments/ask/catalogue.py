"""The twenty questions in their order, most common first, and how one is found."""

from experiments.ask.question import Question
from experiments.ask.questions import (
    clients,
    connection,
    five,
    idempotence,
    linger,
    loss,
    order,
    producers,
    story,
    sync,
)
from model import ConfigError

QUESTIONS: tuple[Question, ...] = (
    order.QUESTION,
    story.QUESTION,
    loss.QUESTION,
    idempotence.QUESTION,
    connection.QUESTION,
    five.QUESTION,
    clients.QUESTION,
    producers.QUESTION,
    linger.QUESTION,
    sync.QUESTION,
)


def find(wanted: str) -> Question:
    """A question by its number or one of its words. Raises ConfigError."""
    for question in QUESTIONS:
        if wanted == str(question.number) or wanted.lower() in question.aliases:
            return question
    rule = f"must be from 1 to {len(QUESTIONS)} or one of the words that inflight ask lists"
    raise ConfigError("question", wanted, rule)
