"""Outputs that tools really printed, by name; what each is, outputs.toml says."""

import tomllib
from pathlib import Path

with (Path(__file__).parent / "outputs.toml").open("rb") as file:
    #: Name to text.
    OUTPUTS: dict[str, str] = {each["name"]: each["text"] for each in tomllib.load(file)["output"]}
#: batch.size to the text of its run: three brokers behind a proxy.
LADDER = {size: OUTPUTS[f"ladder {size}"] for size in (16384, 32768, 262144)}
