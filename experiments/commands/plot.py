"""`inflight plot NAME`: charts again, from stored rows alone."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from experiments.catalogue import EXPERIMENTS, OTHERS, OWN, load, results_of
from experiments.kit.command import say_paths
from experiments.kit.options import FILE
from experiments.kit.results import redraw
from experiments.kit.store import MANIFEST, replace_file, require_results, require_undamaged

_OTHERS = {stored.name: stored for stored in OTHERS}
OF = "Its folder; default: your own results, or where there are none those that came with it."


@click.command()
@click.argument("name", type=click.Choice([*_OTHERS, *EXPERIMENTS]), metavar="NAME")
@click.option("--results", type=FILE, help=OF)
def command(name: str, results: Path | None) -> None:
    """Redraw an experiment's charts from its stored rows."""
    folder = name if name in _OTHERS else f"sweeps/{name}"
    found = results or results_of(folder)
    if results is not None:
        require_results(results)
    if results is None and found != OWN / folder and found.is_dir():
        say_paths(_beside(found, OWN / folder, lambda copy: _redraw(name, copy)))
    else:
        say_paths(_redraw(name, found))


def _redraw(name: str, folder: Path) -> list[Path]:
    return _OTHERS[name].load().redraw(folder) if name in _OTHERS else redraw(load(name), folder)


def _beside(found: Path, own: Path, draw: Callable[[Path], list[Path]]) -> list[Path]:
    """Draw committed results where one's own would be, or git would see the charts as changed."""
    for manifest in found.rglob(MANIFEST):
        require_undamaged(manifest.parent)
    with TemporaryDirectory() as place:
        copy = Path(shutil.copytree(found, Path(place) / found.name))
        charts = {chart: own / chart.relative_to(copy) for chart in draw(copy)}
        for chart, to in charts.items():
            replace_file(to, chart.read_bytes())
    return list(charts.values())
