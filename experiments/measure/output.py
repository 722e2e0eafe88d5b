"""An output as text, and what it is refused with."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model import ConfigError
from model.settings.shown import one_line

#: Ours: an hour of statistics each second is 20 MB.
MAX_BYTES = 64 << 20


def refused(path: Path, rule: str) -> ConfigError:
    """What a file is refused with, in one line."""
    return ConfigError("file", one_line(str(path)), rule)


def read_text(path: Path) -> str:
    """The whole file. Raises ConfigError, naming it, for what is no text, empty or too large."""
    try:
        is_other = path.exists() and not path.is_file()
    except (OSError, ValueError):
        is_other = False  # opening it tells what is wrong
    if is_other:  # a pipe would be waited for
        raise refused(path, "must be a file")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "no such path"
        raise refused(path, f"cannot be read ({reason.lower()})") from None
    if len(content) > MAX_BYTES:
        raise refused(path, f"must be at most {MAX_BYTES >> 20} MiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refused(path, "must be text in UTF-8") from None
    if not text.strip():
        raise refused(path, "is empty: the run left no output")
    if "\0" in text:
        raise refused(path, "must be text")
    return text


def documents(path: Path, text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects of a text, whether one to a line, behind a log's prefix, or in a list.

    Raises ConfigError for one that does not end.
    """
    decoder, at = json.JSONDecoder(), 0
    while (start := text.find("{", at)) >= 0:
        try:
            found, at = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            line = text.count("\n", 0, error.pos) + 1
            raise refused(path, f"has JSON that does not end well (line {line})") from None
        except RecursionError:
            raise refused(path, "has JSON that is too deep") from None
        yield found


def is_number(value: object) -> bool:
    """Whether a value of JSON counts or measures something."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
