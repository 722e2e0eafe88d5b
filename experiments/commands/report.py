"""`inflight report`: everything that was found, in one HTML file that needs nothing else."""

from pathlib import Path

import click

from experiments.kit.command import say
from experiments.kit.options import FILE
from experiments.kit.published import own_or_published
from experiments.kit.store import replace_file
from experiments.report.page import page

RESULTS, OUT = Path("results"), Path("results/report.html")
PUBLISHED = "what came with Inflight"
#: A page that is mailed around has to stay small.
MOST_BYTES = 3_000_000


@click.command()
@click.option("--results", type=FILE, help=f"What it is of; default: {RESULTS}, or {PUBLISHED}.")
@click.option("--out", type=FILE, default=OUT, show_default=True, help="Where the page goes.")
def command(results: Path | None, out: Path) -> int:
    """Gather all stored results in one self-contained HTML file. Nothing is simulated."""
    if results is None:
        results = own_or_published(RESULTS, "compare")
        if results != RESULTS:
            say([f"No comparison in {RESULTS}: this is of {PUBLISHED}"])
    content = page(results).encode()
    if len(content) > MOST_BYTES:
        click.echo(f"The report would have {len(content):,} bytes: not written", err=True)
        return 1
    replace_file(out, content)
    click.echo(f"Report: {out} ({len(content) / 1e6:.1f} MB)")
    return 0
