"""What codecs cost is found again from runs that were made with it, and refused where it cannot."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.measured import made, read_rows
from experiments.kit.pool import Workers
from experiments.validation import kinds
from experiments.validation.codecs import fit_codecs
from experiments.validation.errors import TARGETS, ratio_pairs
from experiments.validation.prediction import MEASURED, run_all, scenario_of, scenarios_of
from model import MEASURED_MACHINE, ConfigError
from model.config.compression import LIKE_JSON
from model.costs import ClientCosts
from model.outcome.bound import record_bytes
from tests.experiments.running import run

CODECS = Path(__file__).parents[2] / "experiments/validation/measured/codecs.csv"
#: Twice what the reference machine takes.
SLOW = replace(MEASURED_MACHINE, client_zstd_byte_us=0.016, broker_zstd_byte_us=0.009)


@pytest.fixture(scope="module")
def measured() -> pd.DataFrame:
    """Rows of runs without a codec and with zstd, as a machine with other costs would have them."""
    rows = read_rows(CODECS, MEASURED)
    fitted = kinds.is_calibration(rows)
    wanted = rows["settings"].str.contains("compression.type=(?:none|zstd);", regex=True)
    rows = rows[fitted & wanted].copy()
    rows["secs"] = "1"
    scenarios = scenarios_of(rows, SLOW)
    with Workers(1) as workers:
        figures = run_all(scenarios, workers).set_index(rows.index)
    rows["records_per_s"] = figures["model_records_per_s"].astype(str)
    rows["records_per_request_avg"] = figures["model_records_per_request_avg"].astype(str)
    at_work_s = [
        ClientCosts(SLOW, each.producer).append_s
        + record_bytes(each) * ClientCosts(SLOW, each.producer).compress_byte_s
        for each in scenarios
    ]
    rows["bufferpool_wait_ratio"] = (1 - figures["model_records_per_s"] * at_work_s).astype(str)
    return rows


def test_what_a_codec_costs_is_found_again(measured: pd.DataFrame) -> None:
    with Workers(1) as workers:
        machine, (zstd,) = fit_codecs(measured, MEASURED_MACHINE, workers)
    assert zstd.codec == "zstd"
    assert machine.client_zstd_byte_us == pytest.approx(0.016, rel=0.02)
    assert machine.broker_zstd_byte_us == pytest.approx(0.009, rel=0.1)
    others = {"client_zstd_byte_us": 0.0, "broker_zstd_byte_us": 0.0}
    assert replace(machine, **others) == replace(MEASURED_MACHINE, **others)


def test_rows_that_cannot_tell_are_refused(measured: pd.DataFrame) -> None:
    plain = measured["settings"].str.contains("compression.type=none")
    with Workers(1) as workers:
        with pytest.raises(ConfigError, match="without a codec, all else alike"):
            fit_codecs(measured[~plain], MEASURED_MACHINE, workers)
        with pytest.raises(ConfigError, match="rows for calibration with a codec"):
            fit_codecs(measured[plain], MEASURED_MACHINE, workers)


def test_the_ratio_of_a_row_is_given_or_as_its_payload(measured: pd.DataFrame) -> None:
    def ratio(**cells: str) -> float:
        (scenario,) = made(
            measured.tail(1).assign(**cells), lambda row: scenario_of(row, MEASURED_MACHINE)
        )
        return scenario.compressibility.ratio

    assert ratio(compression_rate_avg="0.3") == 0.3
    assert ratio(compression_rate_avg="", payload="random") == 1.0
    assert ratio(compression_rate_avg="", payload="json") == LIKE_JSON["zstd"].ratio


def test_rows_with_a_codec_are_a_kind_of_their_own() -> None:
    rows = read_rows(CODECS, MEASURED)
    packed = kinds.is_compressed(rows)
    assert packed.sum() == 12
    assert set(kinds.group_of(rows)[packed]) == {kinds.COMPRESSED}
    assert not (kinds.is_headline(rows) & packed).any()
    rows = rows.assign(model_records_per_s="1", model_records_per_request_avg="1")
    assert len(ratio_pairs(rows)) == 1  # that without a codec
    of = {target.name: target for target in TARGETS}
    assert of["records/s"].kind(rows).sum() == 3
    assert of["records/s, codecs"].kind(rows).sum() == 12


def test_the_command_writes_constants_and_keeps_the_others(
    measured: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, out = tmp_path / "rows.csv", tmp_path / "constants.json"
    measured.to_csv(rows, index=False)
    assert run("calibrate", f"--measured={rows}", "--codecs", f"--out={out}", "--jobs=1") == 0
    assert "zstd" in capsys.readouterr().out
    from model import load_machine

    assert load_machine(out).client_zstd_byte_us == pytest.approx(0.016, rel=0.02)
    assert load_machine(out).broker_request_us == MEASURED_MACHINE.broker_request_us
    wrong = ["calibrate", f"--measured={rows}", f"--constants={out}", f"--out={tmp_path / 'new'}"]
    assert run(*wrong) == 2
    assert "goes with --codecs" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
