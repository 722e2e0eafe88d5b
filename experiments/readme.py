"""The README's numbers, written from stored results, so that they cannot be anything else."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from experiments.bench.cases import ONE_FAR
from experiments.bench.figures import (
    EVENTS,
    PER_RECORD_OVER,
    REAL_TIME,
    RECORDS_PER_CPU_S,
    REQUESTS_PER_CPU_S,
    figures,
)
from experiments.bench.trials import MODEL
from experiments.compare.contenders import LABELS
from experiments.compare.report import five_to_one
from experiments.faults.measured import disagreements, read_faults
from experiments.faults.table import harm_words
from experiments.kit.store import MANIFEST, load_frame, replace_file
from experiments.kit.sweep import load_analysis, load_sweep
from experiments.sweeps import SWEEPS
from experiments.validation.drawing import read_predicted
from experiments.validation.errors import FIGURES, error_table
from experiments.validation.measured import rows_of
from experiments.validation.pairs import ratio_table
from experiments.validation.targets import reached
from experiments.validation.worst import worst_rows
from model import MEASURED_MACHINE

README, EXPERIMENTS_README = Path("README.md"), Path("experiments/README.md")
SWEEP_RESULTS = Path("results/sweeps")
COMPARE, VALIDATION = Path("results/compare"), Path("results/validation")
HARM, MEASURED_FAULTS = Path("results/faults/harm"), Path("results/validation/faults.csv")
BENCH = Path("results/bench")


def headline(rows: pd.DataFrame) -> str:
    """Records/s of each producer and the gain of five with its interval, by distance."""
    capacity = rows[rows["phase"] == "capacity"]
    lines = ["| round trip | " + " | ".join(LABELS) + " | five / one (95 % interval) |"]
    lines.append("|---|" + "---:|" * (len(LABELS) + 1))
    for distance, of_distance in capacity.groupby("distance", sort=False):
        rate = of_distance.groupby("producer")["records_per_s"].mean()
        cells = [f"{rate[label]:,.0f} records/s" for label in LABELS]
        rtt_ms = of_distance["rtt_ms"].iloc[0]
        place = f"{distance}, {rtt_ms:g} ms"
        lines.append(f"| {place} | {' | '.join(cells)} | **{five_to_one(of_distance):.2f}** |")
    lines.append("")
    lines.append(
        "Kafka 4.1's defaults, records of 1,000 bytes, one partition, as fast as the producer can."
        " Idempotence itself costs nothing here: with and without it the rows are the same."
    )
    return "\n".join(lines)


def validation(predicted: pd.DataFrame) -> str:
    """The figures asked for, errors by group, and the ratio five to one at each distance."""
    blocks = (_targets(predicted), _groups(predicted), _ratios(predicted))
    return "\n\n".join(blocks)


def _targets(predicted: pd.DataFrame) -> str:
    figures = reached(predicted, MEASURED_MACHINE)
    missed = sum(figure.missed for figure in figures)
    lines = ["| figure | rows | number | median error | asked | 90th percentile | asked | |"]
    lines.append("|---|---|---:|---:|---:|---:|---:|---|")
    for figure in figures:
        target = figure.target
        lines.append(
            f"| {target.name} | {target.over} | {figure.rows} | {figure.median:.1f} %"
            f" | {target.median:g} % | {figure.p90:.1f} % | {target.p90:g} %"
            f" | {'**missed**' if figure.missed else 'reached'} |"
        )
    lines += ["", f"{len(figures) - missed} of {len(figures)} figures are reached. By kind of run:"]
    return "\n".join(lines)


def _groups(predicted: pd.DataFrame) -> str:
    names = [name for _, _, name in FIGURES]
    lines = [f"| rows | number | {' | '.join(names)} |", "|---|---:|" + "---:|" * len(names)]
    for _, row in error_table(predicted).iterrows():
        cells = [f"{row[f'{name} median %']:.1f} / {row[f'{name} p90 %']:.1f} %" for name in names]
        lines.append(f"| {row['group']} | {row['rows']} | {' | '.join(cells)} |")
    lines += [
        "",
        "Absolute errors, median / 90th percentile; rows marked noisy are left out, rows for",
    ]
    lines += ["calibration are not. Five in flight over one, in the rows of the first line:"]
    return "\n".join(lines)


def _ratios(predicted: pd.DataFrame) -> str:
    lines = ["| round trip | measured | predicted | error |", "|---:|---:|---:|---:|"]
    for rtt_ms, measured, ours, error in ratio_table(predicted).to_numpy():
        lines.append(f"| {rtt_ms:g} ms | {measured:.2f} | {ours:.2f} | {error:+.1f} % |")
    return "\n".join(lines)


def worst(predicted: pd.DataFrame) -> str:
    """The rows that are furthest off, and why."""
    lines = ["| row | run | figure | measured | predicted | error | why |"]
    lines.append("|---|---|---|---:|---:|---:|---|")
    for line in rows_of(worst_rows(predicted, MEASURED_MACHINE)):
        cells = [line[name] for name in ("row", "load", "figure", "measured", "predicted")]
        told = line["settings"].replace(";", "; ")
        cells[1] += f"; {told}"
        lines.append(f"| {' | '.join(cells)} | {float(line['error %']):+.0f} % | {line['why']} |")
    return "\n".join(lines)


def published(rows: pd.DataFrame) -> str:
    """How many checks of published claims are hits, and every miss."""
    checks = rows[rows["check"] != ""]
    misses = checks[checks["verdict"] == "miss"]
    beyond = ", ".join(str(number) for number in rows[rows["check"] == ""]["claim"])
    lines = [
        f"{len(checks) - len(misses)} of {len(checks)} checks are hits. Beyond the model: {beyond}."
    ]
    lines += ["Misses:", ""]
    lines += [
        f"- claim {row['claim']}, {row['check']}: published {float(row['published']):.4g}, allowed"
        f" {float(row['low']):.4g} to {float(row['high']):.4g}, model {float(row['model']):.4g}"
        for row in rows_of(misses)
    ]
    return "\n".join(lines)


def harm(rows: pd.DataFrame) -> str:
    """The table of harm, one line a fault."""
    labels = list(rows["producer"].unique())
    lines = [f"| fault | {' | '.join(labels)} |", "|---|" + "---|" * len(labels)]
    for fault, of_fault in rows.groupby("fault", sort=False):
        cells = of_fault.set_index("producer")
        told = [", ".join(harm_words(cells.loc[label])) or "no harm" for label in labels]
        lines.append(f"| {fault} | {' | '.join(told)} |")
    return "\n".join(lines)


def measured_faults(predicted: pd.DataFrame) -> str:
    """How many rows agree, and every disagreement."""
    told = predicted["model_stall_s"] != ""
    apart = disagreements(predicted)
    off_s = (
        predicted[told]["model_stall_s"].astype(float) - predicted[told]["stall_s"].astype(float)
    ).abs()
    lines = [
        f"{told.sum()} rows predicted, {(~told).sum()} need an election and are left out;"
        f" {len(apart)} disagreements. The longest stall is off by {off_s.median():.2f} s in the"
        f" median and {off_s.max():.2f} s at most."
    ]
    lines += [
        f"- row {place + 1}, {predicted['fault'].iloc[place]}: {what}" for place, what in apart
    ]
    return "\n".join(lines)


def speed(
    interpreted: pd.DataFrame, compiled: pd.DataFrame, growth: pd.DataFrame, parts: pd.DataFrame
) -> str:
    """What a simulation costs, scenario by scenario, as it is and compiled, and where it goes."""
    plain, fast = (
        figures(timings).pivot(index="scenario", columns="figure", values="median")
        for timings in (interpreted, compiled)
    )
    lines = [
        "| scenario | requests per CPU s | compiled | records per CPU s | compiled"
        " | simulated s per s | events per request | CPU of a per-record model |"
    ]
    lines.append("|---|" + "---:|" * 7)
    simulated = interpreted.loc[interpreted["contender"] == MODEL, "scenario"].unique()
    lines += [_speed_of(str(name), plain.loc[name], fast.loc[name]) for name in simulated]
    largest = growth.sort_values("acked").iloc[-1]
    lines.append("")
    lines.append(
        f"A run of {largest['acked']:,.0f} records takes {largest['cpu_s']:.1f} s and"
        f" {largest['added_bytes'] / 2**20:,.0f} MiB."
    )
    goes = (f"{part} {100 * share:.0f} %" for part, share, _ in parts.itertuples(index=False))
    lines += ["", f"Where the time of *{ONE_FAR}* goes, under a profiler: {', '.join(goes)}."]
    return "\n".join(lines)


def _speed_of(scenario: str, plain: "pd.Series[float]", fast: "pd.Series[float]") -> str:
    requests, records = (
        f"{plain[name]:,.0f} | {fast[name]:,.0f}"
        for name in (REQUESTS_PER_CPU_S, RECORDS_PER_CPU_S)
    )
    over = plain[PER_RECORD_OVER]
    per_record = f"{over:.3g} times" if over == over else ""
    rest = f"{plain[REAL_TIME]:.3g} | {plain[EVENTS]:.3g} | {per_record}"
    return f"| {scenario} | {requests} | {records} | {rest} |"


def answers() -> str:
    """A line for each sweep that has results: question, chart, and the answer from its rows."""
    lines = ["| question | chart | answer |", "|---|---|---|"]
    for name in SWEEPS:
        folder = SWEEP_RESULTS / name
        if (folder / MANIFEST).is_file():
            answer = load_analysis(name).answer(load_frame(folder, "rows")).replace("|", "\\|")
            chart = f"[`{name}`](../{(folder / 'chart.svg').as_posix()})"
            lines.append(f"| {load_sweep(name).question} | {chart} | {answer} |")
    return "\n".join(lines)


def with_answers(readme: str) -> str:
    """The experiments' README with the sweeps' answers as the stored rows have them."""
    return _with_blocks(readme, {"sweeps": answers()})


def with_numbers(readme: str) -> str:
    """The README with its blocks as the stored results have them."""
    predicted = read_predicted(VALIDATION)
    blocks = {
        "headline": headline(load_frame(COMPARE, "rows")),
        "validation": validation(predicted),
        "worst": worst(predicted),
        "published": published(_read_claims()),
        "harm": harm(load_frame(HARM, "harm")),
        "faults": measured_faults(read_faults(MEASURED_FAULTS)),
        "speed": speed(
            load_frame(BENCH, "timings"),
            load_frame(BENCH / "compiled", "timings"),
            load_frame(BENCH, "growth"),
            load_frame(BENCH, "profile"),
        ),
    }
    return _with_blocks(readme, blocks)


def _read_claims() -> pd.DataFrame:
    """The stored verdicts as text, as they were written."""
    return pd.read_csv(VALIDATION / "published.csv", dtype=str, keep_default_na=False)


def _with_blocks(readme: str, blocks: Mapping[str, str]) -> str:
    """The text with each named block's content replaced."""
    for name, block in blocks.items():
        before, opening, rest = re.split(rf"(<!-- {name}: [^>]*-->\n)", readme, maxsplit=1)
        closing = f"<!-- /{name} -->"
        readme = f"{before}{opening}\n{block}\n\n{closing}{rest.partition(closing)[2]}"
    return readme


def main() -> None:
    """Write the numbers of both READMEs anew."""
    for path, renewed in ((README, with_numbers), (EXPERIMENTS_README, with_answers)):
        replace_file(path, renewed(path.read_text(encoding="utf-8")).encode())


if __name__ == "__main__":
    main()
