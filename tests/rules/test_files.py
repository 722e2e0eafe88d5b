"""A user's file: text of a regular file that is not too large, or a refusal in one line."""

import os
from pathlib import Path

import pytest

from model import ConfigError
from model.config.files import read_bytes, read_text


def refused(path: "str | Path", most_bytes: int = 10) -> str:
    with pytest.raises(ConfigError) as refusal:
        read_text("file", path, most_bytes)
    return str(refusal.value).replace(str(path), "PATH")


def test_a_file_is_read_to_its_last_byte(tmp_path: Path) -> None:
    path = tmp_path / "some"
    path.write_bytes(b"ten bytes.")
    assert read_text("file", path, 10) == "ten bytes."
    assert read_bytes("file", str(path), 10) == b"ten bytes."
    assert refused(path, 9) == "file=PATH: must be at most 9 bytes"


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some"
    path.write_bytes(b"\xff")
    assert refused(path) == "file=PATH: must be text in UTF-8"
    assert read_bytes("file", path) == b"\xff"


def test_a_folder_a_pipe_and_a_device_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert refused(path) == "file=PATH: must be a regular file"


def test_what_there_is_not_cannot_be_read(tmp_path: Path) -> None:
    wanted = "file=PATH: cannot be read (no such file or directory)"
    assert refused(tmp_path / "nothing") == wanted
    assert refused("a\0b") == "file=PATH: cannot be read (no such path)"
