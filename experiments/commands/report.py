"""`inflight report`: everything that was found, in one HTML file that needs nothing else."""

from pathlib import Path

import click

from experiments.catalogue import OWN, results_of
from experiments.kit.options import FILE
from experiments.kit.progress import Waiting
from experiments.kit.store import replace_file, require_place, require_results
from experiments.report.page import page

OUT = OWN / "report.html"
OF = "What it is of; default: your own results if you ran compare, else those that came with it."
#: A page that is mailed around has to stay small.
MOST_BYTES = 3_000_000


@click.command()
@click.option("--results", type=FILE, help=OF)
@click.option("--out", type=FILE, default=OUT, show_default=True, help="Where the page goes.")
def command(results: Path | None, out: Path) -> int:
    """Gather all stored results in one self-contained HTML file. Nothing is simulated."""
    results = results or results_of("compare").parent
    require_results(results)
    require_place(out)
    with Waiting("report", "charts") as waiting:
        content = page(results, waiting).encode()
    if len(content) > MOST_BYTES:
        click.echo(f"The report would have {len(content):,} bytes: not written", err=True)
        return 1
    replace_file(out, content)
    click.echo(f"Report of {results}: {out} ({len(content) / 1e6:.1f} MB)")
    return 0
