"""The command line under way, to be typed again by whoever reads the answer.

Values of settings that are not shown elsewhere, secrets among them, are not shown here either.
"""

import shlex
from collections.abc import Collection, Iterator, Sequence

import click

OVERRIDE = "--set"
HIDDEN = "..."


def keep_typed(context: click.Context, words: Sequence[str]) -> None:
    """Remember what was typed after the program's name."""
    context.meta[__name__] = tuple(words)


def typed(shown_keys: Collection[str]) -> str:
    """The command line, quoted for a shell; of other keys than these no value."""
    words = click.get_current_context().meta.get(__name__, ())
    return shlex.join(["inflight", *_shown(words, shown_keys)])


def _shown(words: Sequence[str], keys: Collection[str]) -> Iterator[str]:
    from model.settings.shown import one_line

    for before, word in zip(("", *words), words, strict=False):
        flag, equals, pair = word.partition("=")
        if before == OVERRIDE:
            yield _pair(word, keys)
        elif flag == OVERRIDE and equals:
            yield f"{flag}={_pair(pair, keys)}"
        else:
            yield one_line(word)


def _pair(pair: str, keys: Collection[str]) -> str:
    from model.settings.shown import is_placeholder, looks_like_a_key, one_line

    key, _, value = pair.partition("=")
    if key.strip() in keys and not is_placeholder(value):
        return one_line(pair)
    return f"{key}={HIDDEN}" if looks_like_a_key(key.strip()) else HIDDEN
