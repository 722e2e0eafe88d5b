"""Validation: the format it keeps, and what a measured row describes."""

from pathlib import Path

import pandas as pd
import pytest

from experiments.__main__ import inflight
from experiments.kit.command import run_command
from experiments.kit.loads import full_request
from experiments.validation.errors import error_table
from experiments.validation.prediction import COLUMNS, MEASURED_REQUESTS, long_enough, scenario_of
from experiments.validation.prediction import MEASURED as NEEDED
from model import REFERENCE_MACHINE, ClosedLoop, OpenLoop, Saturating, simulate
from model.outcome.bound import bound

MEASURED = Path("experiments/validation/measured/single.csv")


def test_rows_come_out_as_they_went_in_with_the_model_appended(tmp_path: Path) -> None:
    lines = MEASURED.read_text().splitlines()
    chosen = [lines[0].replace("calibration", "own_column"), lines[1], lines[-1], lines[1]]
    source, out = tmp_path / "rows.csv", tmp_path / "out" / "rows.csv"
    source.write_text("\n".join(chosen) + "\n")
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, ["validate", "--jobs=1", f"--measured={source}", f"--out={out}"])
    assert exit_info.value.code == 0
    written = out.read_text().splitlines()
    assert written[0] == ",".join([chosen[0], *COLUMNS])
    for line, was in zip(written[1:], chosen[1:], strict=True):
        assert line.startswith(f"{was},")
    assert written[1] == written[3]


def test_rows_that_were_not_measured_are_predicted_all_the_same(tmp_path: Path) -> None:
    source, out = tmp_path / "rows.csv", tmp_path / "out.csv"
    source.write_text(
        "cluster,rtt_us,jitter_us,rate_Bps,loss,partitions,size,key_space,target_rate,"
        "outstanding,secs,settings\n"
        "trio,3000,500,0,0.01,4,77,50,900,0,0.5,acks=1;linger.ms=1\n"
        "stretch,50000,0,1000000,0,1,5000,0,0,3,0.5,\n"
    )
    arguments = ["validate", "--jobs=1", f"--measured={source}", f"--out={out}"]
    with pytest.raises(SystemExit) as exit_info:
        run_command(inflight, arguments)
    assert exit_info.value.code == 0
    assert (pd.read_csv(out)["model_records_per_s"] > 0).all()


ROW = {
    "cluster": "single",
    "rtt_us": "4000",
    "jitter_us": "0",
    "rate_Bps": "0",
    "loss": "0",
    "partitions": "2",
    "size": "300",
    "key_space": "9",
    "target_rate": "0",
    "outstanding": "0",
    "secs": "3",
    "settings": "acks=1;enable.idempotence=false;linger.ms=7",
}


def test_a_row_becomes_the_scenario_that_it_describes() -> None:
    scenario = scenario_of(ROW, REFERENCE_MACHINE)
    assert scenario.path.rtt_ms == pytest.approx(4.075)  # with the emulator's own 0.05 to 0.1 ms
    assert scenario.path.bytes_per_s == float("inf")
    assert (scenario.producer.acks, scenario.producer.linger_ms) == ("1", 7)
    assert (scenario.topic.partitions, scenario.topic.brokers) == (2, 1)
    assert (scenario.workload.value_bytes, scenario.workload.key_space) == (300, 9)
    assert scenario.workload.arrival == Saturating()
    assert scenario.measured_s == 3


@pytest.mark.parametrize(
    ("cells", "arrival"),
    [
        ({"target_rate": "12.5"}, OpenLoop(12.5)),
        ({"outstanding": "16"}, ClosedLoop(16)),
        ({"outstanding": "16", "target_rate": "5"}, ClosedLoop(16)),
    ],
)
def test_arrivals_are_read_from_rate_and_outstanding(
    cells: dict[str, str], arrival: OpenLoop | ClosedLoop
) -> None:
    assert scenario_of(ROW | cells, REFERENCE_MACHINE).workload.arrival == arrival


def test_the_client_of_a_stretched_cluster_stands_beside_the_leader() -> None:
    stretched = scenario_of(ROW | {"cluster": "stretch", "settings": ""}, REFERENCE_MACHINE)
    assert stretched.path.rtt_ms < 0.1
    assert stretched.replica_path.rtt_ms == pytest.approx(4.075)
    assert (stretched.topic.brokers, stretched.topic.replicas) == (1, 3)


def test_a_broker_of_three_that_leads_nothing_only_follows() -> None:
    trio = ROW | {"cluster": "trio"}
    topics = [scenario_of(trio | {"partitions": count}, REFERENCE_MACHINE).topic for count in "126"]
    assert [topic.brokers for topic in topics] == [1, 2, 3]
    assert [topic.all_brokers for topic in topics] == [3, 3, 3]


def test_near_rows_are_simulated_over_no_more_requests_than_needed() -> None:
    far, near = (
        scenario_of(ROW | {"rtt_us": rtt_us, "partitions": "1"}, REFERENCE_MACHINE)
        for rtt_us in ("50000", "0")
    )
    assert long_enough(far).measured_s == far.measured_s
    assert long_enough(near).measured_s < near.measured_s
    requests = long_enough(near).measured_s * bound(near, full_request(near)).records_per_s
    assert requests / full_request(near).records == pytest.approx(MEASURED_REQUESTS)


def test_errors_are_medians_and_percentiles_over_rows_that_are_not_noisy() -> None:
    rows = pd.DataFrame([ROW | {"noisy": noisy} for noisy in "00001"])
    rows["records_per_s"] = "100"
    rows["model_records_per_s"] = [100, 102, 97, 110, 900]
    line = error_table(rows).set_index("group").loc["at full speed"]
    assert (line["rows"], line["noisy"]) == (4, 1)
    assert line["records/s median %"] == pytest.approx(2.5)  # of 0, 2, 3, 10
    assert line["records/s p90 %"] == pytest.approx(7.9)  # 3 + 0.7 of the way to 10


def test_a_row_of_a_moment_is_looked_at_for_whole_rounds() -> None:
    row = dict.fromkeys(NEEDED, "0") | {"cluster": "single", "partitions": "1", "size": "1000"}
    row |= {
        "rtt_us": "50000",
        "secs": "0.02",
        "settings": "max.in.flight.requests.per.connection=5",
    }
    scenario = long_enough(scenario_of(row, REFERENCE_MACHINE))
    assert scenario.measured_s > 2 * scenario.path.rtt_s
    assert not simulate(scenario, 1).too_short
