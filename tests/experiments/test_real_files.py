"""Files that people have: each is answered about its own producer, or refused in one line."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from experiments.kit.properties import describe, load_settings
from model import ConfigError

CASES = tomllib.loads((Path(__file__).parent / "real_files.toml").read_text("utf-8"))["file"]


@pytest.mark.parametrize("case", CASES, ids=[case["source"].split()[0] for case in CASES])
def test_it_is_answered_about_its_own_producer_or_refused(
    case: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / case["name"]
    path.write_text(case["text"].lstrip("\n"))
    if "refused" in case:
        with pytest.raises(ConfigError) as caught:
            load_settings(path, [], "4.1", case.get("as"), case.get("which"))
        line = str(caught.value)
        assert len(line.splitlines()) == 1
        assert all(words in line for words in case["refused"]), line
        return
    loaded = load_settings(path, [], "4.1", case.get("as"), case.get("which"))
    values = {setting.key: setting.value for setting in loaded.values}
    assert {key: values[key] for key in case["settings"]} == case["settings"]
    assert f"{path.name} is a configuration of {case['kind']}" in describe(loaded)[0]
    assert loaded.topic.replicas == case.get("replicas")
    assert loaded.topic.min_insync_replicas == case.get("min_insync_replicas")


def test_there_are_thirty_of_them_of_many_kinds() -> None:
    assert len(CASES) >= 30
    assert len({case["kind"].partition(" (")[0] for case in CASES if "kind" in case}) >= 8
