"""With what it was made: settings, the machine's constants, versions, and digests of all rows."""

from collections.abc import Mapping
from pathlib import Path

from experiments.kit.page import Section
from experiments.kit.store import MANIFEST, Manifest, read_manifest, sha256
from experiments.kit.tables import Column, Table, filled, words
from model.settings.keys import KEYS

#: Folders of results that the page is made of.
PARTS = ("compare", "sweeps", "validation", "faults")
COMMIT_DIGITS = 12


def provenance(results: Path) -> Section:
    """Tables of settings, constants, versions and digests."""
    compare = read_manifest(results / "compare")
    columns = [*words("constant"), Column("µs", spec="g")]
    machine = filled("Constants of the machine, in µs", columns, compare["machine_us"].items())
    blocks = [_settings(compare), machine, _versions(results), _digests(results)]
    return Section("provenance", "Provenance", "Settings, versions, digests", blocks)


def _found(results: Path, pattern: str) -> dict[str, Path]:
    """Files of the page's parts, in their order, by their path below the results."""
    paths = [path for part in PARTS for path in sorted((results / part).rglob(pattern))]
    return {path.relative_to(results).as_posix(): path for path in paths}


def _settings(compare: Manifest) -> Table:
    """The producers side by side, what differs first."""
    producers: Mapping[str, Mapping[str, object]] = compare["producers"]
    names = sorted({name for producer in producers.values() for name in producer})
    cells = {name: [_plain(each.get(name)) for each in producers.values()] for name in names}
    names.sort(key=lambda name: len(set(cells[name])) == 1)
    return filled(
        f"Settings of the compared producers (Kafka {compare['kafka']}), those that differ first",
        words("setting", *producers),
        [[_kafka_name(name), *cells[name]] for name in names],
    )


def _kafka_name(attribute: str) -> str:
    """The setting that an attribute of the model's producer is; an attribute of ours as it is."""
    dotted = attribute.replace("_", ".")
    names = (dotted, dotted.removesuffix(".bytes"))
    return next((name for name in names if name in KEYS), attribute)


def _versions(results: Path) -> Table:
    found = _found(results, MANIFEST).values()
    runs = {path.parent.relative_to(results): read_manifest(path.parent) for path in found}
    packages = sorted({name for run in runs.values() for name in run.get("versions", {})})
    rows = []
    for folder, run in runs.items():
        versions = [run.get("versions", {}).get(package, "-") for package in packages]
        commit, dash, changed = (run.get("commit") or "").partition("-")
        short = f"{commit[:COMMIT_DIGITS]}{dash}{changed}" or "-"
        rows.append([folder.as_posix(), *versions, short, run.get("seed", "-")])
    return filled("Versions of each run", words("run", *packages, "commit", "seed"), rows)


def _digests(results: Path) -> Table:
    files = {**_found(results, "*.csv"), **_found(results, "*.parquet")}
    rows = [[name, sha256(path)] for name, path in files.items()]
    return filled("SHA-256 of every file of rows", words("file", "sha256"), rows, folded=True)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
