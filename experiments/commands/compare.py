"""`inflight compare`: one request in flight against five, for the user's own settings."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import experiments
from experiments.catalogue import OWN
from experiments.kit.as_json import is_wanted, tell
from experiments.kit.aside import Aside
from experiments.kit.asking import Asking
from experiments.kit.command import say, say_paths, show
from experiments.kit.options import FILE, options
from experiments.kit.pool import Workers, cores, get_ready
from experiments.kit.worldfile import is_from_file

if TYPE_CHECKING:
    from experiments.compare.contenders import Comparison

#: What the runs are made with, and what the charts: slow to import, so both begin with it.
WORKED_WITH = (f"{experiments.__name__}.compare.offered",)
DRAWN_WITH = (f"{experiments.__name__}.compare.charts", f"{experiments.__name__}.compare.stored")
OUT = OWN / "compare"
REPEATS = "Runs of each point, for intervals."
DISTANCE = "Distance, repeatable; default: 0.2, 2 and 50."
CLIENTS = "All clients side by side instead, at one distance; default: 50."
RATE = "Records/s offered by each producer; default: 60 % of the slowest's capacity."


@click.command(cls=Asking)
@options("properties", "as_kind", "which", "client", "kafka", "overrides", "world")
@click.option("--rtt-ms", type=float, multiple=True, help=DISTANCE)
@click.option("--rate", "rate_per_s", type=float, help=RATE)
@options("arrivals", "outstanding", "value_bytes", "key_space", "compression")
@options("partitions", "brokers", "replicas", "min_insync", "replica_rtt_ms", "producers")
@click.option("--repeats", "replications", type=int, default=5, show_default=True, help=REPEATS)
@options("seed", "constants")
@click.option("--clients", is_flag=True, help=CLIENTS)
@click.option("--out", type=FILE, default=OUT, show_default=True, help="Where results go.")
@click.option("--png", is_flag=True, help="Charts as PNG too; `inflight plot compare` makes both.")
@options("json", "html", "jobs")
def command(
    rtt_ms: tuple[float, ...],
    clients: bool,
    out: Path,
    png: bool,
    html: Path | None,
    jobs: int | None,
    **given: Any,
) -> None:
    """Compare one request in flight with five, idempotent and not, at each distance."""
    if clients:
        _clients(rtt_ms, OWN / "clients" if out == OUT else out, html, jobs, given)
        return
    alone = cores(jobs) == 1
    if not alone:
        get_ready(WORKED_WITH)
    with Aside(DRAWN_WITH, alone) as aside:
        # Imported while these processes start.
        from experiments.compare.contenders import comparison
        from experiments.kit.store import require_folder, require_place

        if given["outstanding"] is not None and is_from_file("rate_per_s"):
            given["rate_per_s"] = None  # a closed loop that was typed is the load
        asked = comparison(rtt_ms, **given)
        require_folder(out)
        if html is not None:
            require_place(html, "html")
        with Workers(jobs, WORKED_WITH) as workers:
            _compare(asked, out, html, png, workers, aside, asked.effort(jobs))


def _compare(
    asked: "Comparison",
    out: Path,
    html: Path | None,
    png: bool,
    workers: Workers,
    aside: Aside,
    effort: list[str],
) -> None:
    """Everything that is simulated, drawn, written and told; in an order that has all at work."""
    from experiments.compare.full_load import full_load, with_one_copy
    from experiments.compare.tasks import Runs

    runs = Runs(workers)
    workers.begin(partial(runs.ask, [*full_load(asked), *with_one_copy(asked)]))
    say([asked.assumed(), *asked.notes(), *effort])
    # Imported while the first runs are made: what only their rows need.
    from experiments.compare.advice import advise
    from experiments.compare.copies import caption, copies_table, headline
    from experiments.compare.gains import changes_tables
    from experiments.compare.stored import (
        COPIES,
        PNG,
        SVG,
        Drawing,
        ratio_lines,
        tables,
        unknown_lines,
    )
    from experiments.compare.study import carry_out_study
    from experiments.compare.told import told
    from experiments.compare.tried import try_changes
    from experiments.kit.assumes import about_copies
    from experiments.kit.store import replace_file, save_run

    drawing = Drawing(out, aside, (SVG, PNG) if png else (SVG,))
    study = workers.begin(partial(carry_out_study, asked, runs, begun=drawing.begin))
    changed = try_changes(asked.world, lambda: study()["rows"], runs)
    frames = study()
    drawing.begin(frames)
    frames["changes"] = changed
    advice = advise(asked.world, frames["rows"], changed)
    copies = frames.get(COPIES)
    beside = [] if copies is None else [copies_table(copies, caption(copies))]
    changes = changes_tables(changed, asked.world.rtt_ms)
    for table in (*tables(frames["rows"]), *beside, *changes):
        say([""])
        show(table)
    say([*about_copies(asked.scenarios), *unknown_lines(frames["rows"])])
    news = [] if copies is None else ["", headline(copies)]
    say([*ratio_lines(frames["rows"], copies), *news, "", advice, ""])
    save_run(out, frames, {**asked.manifest(), "advice": advice})
    files = [out / "rows.csv", *drawing.write()]
    say_paths(files)
    if html is not None:
        from experiments.report.own import of_comparison

        replace_file(html, of_comparison(asked, out, advice).encode())
        say([f"Page: {html}"])
    if is_wanted():
        tell(told(asked, frames, advice, files))


def _clients(
    rtt_ms: tuple[float, ...], out: Path, html: Path | None, jobs: int | None, given: dict[str, Any]
) -> None:
    """The clients side by side: tables, a sentence for each, a picture."""
    from experiments.compare import clients_told
    from experiments.compare.clients import carry_out_clients, clients_in
    from experiments.kit.assumes import about_copies
    from experiments.kit.progress import Waiting
    from experiments.kit.properties import describe
    from experiments.kit.store import replace_file, require_folder, require_place, save_run
    from experiments.kit.style import save

    asked = clients_in(rtt_ms, **given)
    require_folder(out)
    if html is not None:
        require_place(html, "html")
    say([asked.assumed(), *describe(asked.world.resolved), *asked.effort(jobs)])
    with Waiting("compare") as waiting, Workers(jobs, waiter=waiting) as workers:
        frames = carry_out_clients(asked, workers)
    rows = frames["rows"]
    for table in clients_told.tables(rows):
        say([""])
        show(table)
    answer, advice = clients_told.answer(rows), clients_told.advice(rows)
    say([*about_copies(asked.scenarios), "", answer, *advice, ""])
    save_run(out, frames, {**asked.manifest(), "answer": answer, "advice": advice})
    chart = clients_told.picture(rows, frames["requests"])
    files = [out / "rows.csv", *save(chart, out, clients_told.PICTURE)]
    say_paths(files)
    if html is not None:
        from experiments.report.own import of_clients

        replace_file(html, of_clients(asked, rows, out).encode())
        say([f"Page: {html}"])
    tell(clients_told.told(asked, frames, files))
