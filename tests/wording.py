"""What a sentence may hold, as rules that a test applies: numbers, brackets, length, words.

Counted are numbers that a reader has to keep in mind: ``3,746`` and ``5.0`` each once. Digits in a
setting with its value (``linger.ms=5``) or in a name (``p99``, ``KAFKA-15591``) are not.
"""

import re
from collections.abc import Iterator

MOST_NUMBERS, MOST_WORDS = 2, 40
#: Words that a reader who never saw the project does not know, or takes for something else.
UNKNOWN = (
    *("hangs on", "common random numbers", "one-sided", "(exact)", "goodput", "saturating"),
    *("noisy", "displaced", "calm weather", "the books", "provenance", "closed-form", "bound"),
    *("replication", "replications", "unread", "muted", "batch fill", "stall", "stalls", "Z/S"),
)
SETTING = re.compile(r"[\w.]*\w=[\w.,]*\w")
NUMBER = re.compile(r"(?<![\w.,-])\d[\d,]*(?:\.\d+)?(?!\w)")
END = re.compile(r"(?<=[.!?])\s+")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph."""
    return END.split(text.strip())


def numbers(sentence: str) -> list[str]:
    """The numbers that are counted."""
    return NUMBER.findall(SETTING.sub("", sentence))


def depth(text: str) -> int:
    """How deep brackets are nested; functions' empty ones do not count."""
    deepest = open_ = 0
    for character in text.replace("()", ""):
        open_ += (character in "([") - (character in ")]")
        deepest = max(deepest, open_)
    return deepest


def faults(text: str, opening: bool = True) -> Iterator[str]:
    """What is wrong with a paragraph; whether its first sentence may hold any number."""
    first, *_ = parts = sentences(text)
    if opening and len(numbers(first)) > MOST_NUMBERS:
        yield f"{len(numbers(first))} numbers before the first full stop: {first}"
    for sentence in parts:
        if len(sentence.split()) > MOST_WORDS:
            yield f"{len(sentence.split())} words: {sentence}"
        if not re.match(r"[A-Z\d\"]|acks=|min\.insync", sentence) or sentence[-1] not in ".?!":
            yield f"no sentence: {sentence}"
    if depth(text) > 1 or "[" in text:
        yield f"intervals or brackets in brackets: {text}"
    if wrong := re.findall(r"(?<![\w.=])(?:nan|inf|None)\b|\s[.,;:]|  |\.\.", text):
        yield f"{wrong} in: {text}"
    yield from (f"{word!r} in: {text}" for word in UNKNOWN if _has(text, word))


def _has(text: str, word: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, flags=re.IGNORECASE))
