"""What of a setting may be shown: one short printable line, never a placeholder's text.

A placeholder ``${...}`` is filled by the client's own config provider; what it names is nobody's
business here. Secrets need no rule of their own: no value of a key that holds one is ever kept.
"""

import re
from collections.abc import Container

LONGEST = 60  # ours: characters of a value in a message

_KEY = re.compile(r"[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*")


def is_placeholder(text: str) -> bool:
    """Whether a value holds ``${``; source: ConfigTransformer.DEFAULT_PATTERN, taken wider."""
    return "${" in text


def one_line(text: str) -> str:
    """The text with what cannot be printed, line ends among it, written as escapes."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shown(text: str) -> str:
    """A value for a message: control characters escaped, cut short, placeholders blanked."""
    if is_placeholder(text):
        return "(placeholder)"
    plain = one_line(text[: LONGEST + 1])
    return plain if len(plain) <= LONGEST else plain[: LONGEST - 3] + "..."


def looks_like_a_key(name: str, words: Container[str] = ()) -> bool:
    """Whether a name could be a setting's at all; a long one is if it is made of known words.

    The second half of a value that was broken over two lines is read as a key of its own, and may
    be the half with the password in it: such a name is not repeated.
    """
    if _KEY.fullmatch(name) is None:
        return False
    return len(name) <= LONGEST or all(part in words for part in words_of(name))


def words_of(name: str) -> list[str]:
    """The words that a key is made of."""
    return re.split("[._-]", name.lower())
