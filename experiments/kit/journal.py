"""What a sweep has done so far: a file that only grows, one line of JSON for each run that ended.

A line is on the disk before the next run is taken up. A last line without its end is a write that
a kill cut short: it is dropped. Any other line that does not fit its own checksum is damage, which
is told and never written over. One process at a time may hold a journal.
"""

import errno
import fcntl
import json
import os
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from model import ConfigError

NAME = "journal.jsonl"
Entry = dict[str, Any]


def line_of(entry: Entry) -> bytes:
    """An entry as it stands in the file, its checksum last."""
    text = json.dumps(entry)
    check = f"{zlib.crc32(text.encode()):08x}"
    return f'{text[:-1]}, "crc32": "{check}"}}\n'.encode()


def entry_of(line: bytes) -> Entry | None:
    """What a line says, None if it is not what was written."""
    try:
        entry = json.loads(line)
        del entry["crc32"]
    except (ValueError, TypeError, KeyError):
        return None
    return entry if line_of(entry) == line else None


class Kept:
    """Entries by digest, for as long as this process; of several with one the last counts."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Keep an entry, which names its ``digest``."""
        self.entries[entry["digest"]] = entry

    def rows(self, digest: str) -> list[dict[str, Any]] | None:
        """What a run that did not fail was kept with."""
        rows: list[dict[str, Any]] | None = self.entries.get(digest, {}).get("rows")
        return rows


class Journal(Kept):
    """Entries kept in a folder. Raises ConfigError."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __enter__(self) -> Self:
        path = self.folder / NAME
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise ConfigError("out", path, f"must be writable ({error.strerror})") from error
        try:
            self._lock(path)
            self._read(path)
        except ConfigError:
            os.close(self._file)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._file)

    def add(self, entry: Entry) -> None:
        """Keep an entry, which names its ``digest``; it is on the disk when this returns.

        Raises ConfigError where the disk is full, with what was kept before still whole.
        """
        line, kept_bytes = line_of(entry), os.fstat(self._file).st_size
        try:
            if os.write(self._file, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, kept_bytes)
            path = self.folder / NAME
            raise ConfigError("out", path, f"must be writable ({error.strerror})") from error
        super().add(entry)

    def _lock(self, path: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError("results", path, "must not be in use by another run") from error

    def _read(self, path: Path) -> None:
        content = path.read_bytes()
        whole, _, torn = content.rpartition(b"\n")
        for number, line in enumerate(whole.split(b"\n") if whole else (), start=1):
            entry = entry_of(line + b"\n")
            if entry is None:
                rule = (
                    f"must be as written: line {number} is damaged; move the file away or mend it"
                )
                raise ConfigError("results", path, rule)
            self.entries[entry["digest"]] = entry
        if torn:
            os.ftruncate(self._file, len(content) - len(torn))
