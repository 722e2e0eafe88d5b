"""With what it was made: settings, the machine's constants, versions, and digests of all rows."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from experiments.kit.page import Section
from experiments.kit.store import MANIFEST, Manifest, read_manifest, sha256
from experiments.kit.tables import Cell, Table, numbers, text, texts, words
from model.settings.keys import KEYS

#: Folders of results that the page is made of.
PARTS = ("compare", "sweeps", "validation", "faults")
COMMIT_DIGITS = 12


def provenance(results: Path) -> Section:
    """Tables of settings, constants, versions and digests."""
    compare = read_manifest(results / "compare")
    runs = dict(_runs(results))
    blocks = [_settings(compare), _machine(compare), _versions(runs), _digests(results)]
    return Section("provenance", "Provenance", "Settings, versions, digests", blocks)


def _runs(results: Path) -> Iterator[tuple[str, Manifest]]:
    """Every run below the results, by its folder."""
    for path in _found(results, MANIFEST):
        yield path.parent.relative_to(results).as_posix(), read_manifest(path.parent)


def _found(results: Path, pattern: str) -> list[Path]:
    """Files of the page's parts, in their order."""
    return [path for part in PARTS for path in sorted((results / part).rglob(pattern))]


def _settings(compare: Manifest) -> Table:
    """The producers side by side, what differs first."""
    producers: Mapping[str, Mapping[str, object]] = compare["producers"]
    names = sorted({name for producer in producers.values() for name in producer})
    cells = {name: [_plain(each.get(name)) for each in producers.values()] for name in names}
    names.sort(key=lambda name: (len(set(cells[name])) == 1, name))
    return Table(
        f"Settings of the compared producers (Kafka {compare['kafka']}), those that differ first",
        words("setting", *producers),
        [texts(_kafka_name(name), *cells[name]) for name in names],
    )


def _kafka_name(attribute: str) -> str:
    """The setting that an attribute of the model's producer is; an attribute of ours as it is."""
    dotted = attribute.replace("_", ".")
    names = (dotted, dotted.removesuffix(".bytes"))
    return next((name for name in names if name in KEYS), attribute)


def _machine(compare: Manifest) -> Table:
    constants: Mapping[str, float] = compare["machine_us"]
    return Table(
        "Constants of the machine, in µs",
        [*words("constant"), *numbers("µs")],
        [[text(name), Cell(f"{value:g}", value)] for name, value in constants.items()],
    )


def _versions(runs: Mapping[str, Manifest]) -> Table:
    packages = sorted({name for run in runs.values() for name in run.get("versions", {})})
    return Table(
        "Versions of each run",
        words("run", *packages, "commit", "seed"),
        [
            texts(
                name,
                *(run.get("versions", {}).get(package, "-") for package in packages),
                _short(run.get("commit") or "-"),
                run.get("seed", "-"),
            )
            for name, run in runs.items()
        ],
    )


def _short(commit: str) -> str:
    """A commit as git abbreviates it; that files were changed since stays."""
    name, dash, changed = commit.partition("-")
    return f"{name[:COMMIT_DIGITS]}{dash}{changed}"


def _digests(results: Path) -> Table:
    files = [path for kind in ("csv", "parquet") for path in _found(results, f"*.{kind}")]
    return Table(
        "SHA-256 of every file of rows",
        words("file", "sha256"),
        [texts(path.relative_to(results).as_posix(), sha256(path)) for path in files],
        folded=True,
    )


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
