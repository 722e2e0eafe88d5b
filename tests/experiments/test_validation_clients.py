"""Measured rows of other clients: what each describes, what is appended, how it is judged."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from experiments.kit.measured import read_rows
from experiments.validation.client_tables import reached, summary, tables
from experiments.validation.clients import COLUMNS, MEASURED, scenario_of
from model import MEASURED_MACHINE, Saturating
from model.config.packets import Packets
from tests.experiments.running import run

FILE = Path("experiments/validation/measured/clients.csv")
ROW = {"client": "librdkafka", "rtt_ms": "50", "partitions": "1", "size": "1000", "settings": ""}


def row(client: str, settings: str = "", **cells: str) -> dict[str, str]:
    return ROW | {"client": client, "settings": settings} | cells


def test_a_row_becomes_the_run_that_was_measured() -> None:
    scenario = scenario_of(row("kafka-python", "enable_idempotence=true"), MEASURED_MACHINE)
    assert scenario.path.rtt_ms == pytest.approx(50.075)  # with the emulator's own 0.05 to 0.1 ms
    assert scenario.path.packets == Packets.LAB
    assert scenario.workload.arrival == Saturating()
    assert (scenario.topic.replicas, scenario.warm_start) == (1, False)
    assert (scenario.warmup_s, scenario.measured_s) == (4, 7)
    near = scenario_of(row("kafka-python", rtt_ms="20", secs="3"), MEASURED_MACHINE)
    assert (near.warmup_s, near.measured_s) == (2, 3)


@pytest.mark.parametrize(
    ("cells", "idempotent", "acks", "depth", "batch_bytes"),
    [
        (row("librdkafka", "max.in.flight=2;enable.idempotence=true"), True, "all", 2, 1_000_000),
        (row("librdkafka", "batch.size=16384"), False, "all", 1_000_000, 16_384),
        (row("franz-go", "batch_bytes=16384"), True, "all", 5, 16_384),
        (row("franz-go", "n=3;idempotent=false;acks=1"), False, "1", 3, 1_000_012),
        (row("sarama", "n=1;idempotent=true"), True, "all", 1, 1 << 20),
        (row("sarama", "n=4;acks=all;batch_bytes=16384"), False, "all", 4, 1 << 20),
        (row("kafka-python", "enable_idempotence=false;acks=1"), False, "1", 5, 16_384),
        (row("aiokafka", "enable_idempotence=true"), True, "all", 1, 16_384),
        (row("java", "batch.size=4096", version="3.9"), True, "all", 5, 4_096),
    ],
)
def test_settings_have_the_clients_own_names_or_the_words_of_the_go_driver(
    cells: dict[str, str], idempotent: bool, acks: str, depth: int, batch_bytes: int
) -> None:
    producer = scenario_of(cells, MEASURED_MACHINE).producer
    assert producer.client == cells["client"]
    assert (producer.enable_idempotence, producer.acks) == (idempotent, acks)
    assert producer.max_in_flight_requests_per_connection == depth
    assert producer.batch_size_bytes == batch_bytes


def test_every_row_of_the_file_is_a_scenario() -> None:
    rows = read_rows(FILE, MEASURED)
    assert len(rows) == 49
    for cells in rows.to_dict("records"):
        scenario_of({str(name): str(cell) for name, cell in cells.items()}, MEASURED_MACHINE)


def rows_of(*lines: str) -> str:
    return "\n".join([FILE.read_text().splitlines()[0], *lines]) + "\n"


MEASURED_LINE = next(
    line for line in FILE.read_text().splitlines() if line.startswith("aiokafka,50")
)
#: A distance that is not in the file, and the columns that must be there alone.
ELSEWHERE = (
    "client,rtt_ms,partitions,size,settings,records_per_s,warm,secs,mine\n"
    "librdkafka,20,3,500,enable.idempotence=true;batch.size=16384,2300,0.5,1,x\n"
)


def test_rows_come_out_as_they_went_in_with_the_model_appended(tmp_path: Path) -> None:
    source, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    source.write_text(rows_of(MEASURED_LINE, MEASURED_LINE))
    assert run("validate", "--jobs=1", f"--measured={source}", f"--out={out}") == 0
    head, *written = out.read_text().splitlines()
    assert head == ",".join([FILE.read_text().splitlines()[0], *COLUMNS])
    assert written[0] == written[1]
    assert written[0].startswith(f"{MEASURED_LINE},")


def test_another_distance_is_predicted_with_the_range_of_its_seeds(tmp_path: Path) -> None:
    source, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    source.write_text(ELSEWHERE)
    told = ("--seeds=2", f"--measured={source}", f"--out={out}")
    assert run("validate", "--jobs=1", *told) == 0
    (found,) = pd.read_csv(out).to_dict("records")
    assert found["mine"] == "x"
    seeds = [float(value) for value in found["model_records_per_s_seeds"].split(";")]
    assert found["model_records_per_s"] == pytest.approx(sum(seeds) / 2, abs=0.1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("kafkajs,50,1,1000,,1", "client"),
        ("sarama,fifty,1,1000,,1", "line 2, column 2: rtt_ms"),
        ("sarama,50,1.5,1000,,1", "line 2: partitions"),
        ("sarama,50,1,1000,n=5;idempotent=true,1", "line 2: Net.MaxOpenRequests"),
        ("librdkafka,50,1,1000,linger=5,1", "line 2: linger"),
        ("librdkafka,50,1,1000,linger.ms,1", "line 2, column 5: settings"),
    ],
)
def test_what_is_no_such_row_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    source, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    source.write_text(f"client,rtt_ms,partitions,size,settings,records_per_s\n{line}\n")
    assert run("validate", "--jobs=1", f"--measured={source}", f"--out={out}") == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


def test_a_file_without_a_column_and_limits_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    source.write_text("client,rtt_ms\nsarama,50\n")
    assert run("validate", f"--measured={source}", f"--out={out}") == 2
    assert "partitions" in capsys.readouterr().err
    assert run("validate", f"--measured={FILE}", f"--out={out}", "--check-limits") == 2
    assert "--check-limits" in capsys.readouterr().err


def judged(near: float, far: Sequence[float]) -> pd.DataFrame:
    """Predicted rows of one client: records/s off by these shares near and far."""
    shares = [(1, near), *((50, share) for share in far)]
    cells = {"client": "sarama", "partitions": "1", "size": "1000", "settings": "n=5"}
    return pd.DataFrame(
        [
            cells
            | {"rtt_ms": f"{rtt_ms}", "records_per_s": "100", "records_per_request": ""}
            | {"request_latency_ms": "", "model_records_per_s": f"{100 * (1 + share)}"}
            | {"model_records_per_request": "9", "model_request_latency_ms": "9"}
            for rtt_ms, share in shares
        ]
    )


def test_near_rows_are_shown_and_not_judged() -> None:
    rate, per_request = reached(judged(0.5, [0.01, -0.02, 0.03]))
    assert (rate.rows, per_request.rows) == (3, 0)
    assert rate.median == pytest.approx(2)
    assert not rate.missed
    assert reached(judged(0.0, [0.1]))[0].missed
    _, by_client, worst = tables(judged(0.5, [0.01, -0.02]))
    assert [row[1].text for row in by_client.rows] == ["farther, predicted", "1 ms, fitted"]
    assert [row[0].text for row in worst.rows] == ["3", "2"]
    assert "2.0 % in the median" in summary(judged(0.5, [0.02]))
    assert "nothing is judged" in summary(judged(0.5, []))
