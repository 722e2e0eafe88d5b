"""What readers make of outputs that were really printed: figures, and what they do not trust."""

from pathlib import Path

import pytest

from experiments.measure.found import LATENCIES, TAIL, Found
from experiments.measure.producer_metrics import in_flight
from experiments.measure.reading import read_found
from experiments.measure.told import Told
from tests.measure.real import LADDER, OUTPUTS


@pytest.fixture
def found(tmp_path: Path) -> "Reader":
    return Reader(tmp_path / "output.txt")


class Reader:
    """Reads a text as the file that it would be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, text: str, client: str = "", **told: float) -> Found:
        self.path.write_text(text, encoding="utf-8")
        return read_found(self.path, Told(**told), client)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("batch_size", "records_per_s", "latency_ms", "records"),
    [
        (16384, 9839.372248, 119.003, 77.966),  # 9795.937 records/s over 125.643 requests/s
        (32768, 19583.843329, 118.658, 156.037),
        (262144, 153622.809915, 121.223, 1247.365),
    ],
)
def test_a_perf_test_with_some_of_its_metrics(
    found: Reader, batch_size: int, records_per_s: float, latency_ms: float, records: float
) -> None:
    run = found(LADDER[batch_size], rate=0, record_bytes=200)
    assert run.tool == "kafka-producer-perf-test"
    assert run.steady
    assert run.trusted["records_per_s"] == records_per_s
    assert run.trusted["request_latency_avg"] == latency_ms
    assert run.trusted["records_per_request_avg"] == pytest.approx(records, abs=1e-3)
    assert in_flight(run.trusted) == pytest.approx(15, rel=0.005)  # five to each of three brokers
    assert not set(LATENCIES) & set(run.trusted)
    assert "memory that is full" in run.not_trusted


def test_windows_after_the_warm_up_are_what_counts(found: Reader) -> None:
    run = found(OUTPUTS["perf 2.5"])
    kept = [120060, 110055, 119745, 110910, 135255, 122490]
    rates = [23741.3, 21853.7, 23949.0, 22182.0, 27051.0, 24498.0]
    seconds = sum(records / rate for records, rate in zip(kept, rates, strict=True))
    assert run.trusted["records_per_s"] == pytest.approx(sum(kept) / seconds)
    assert run.figures["records_per_s"] > 22281.639929 * 1.05  # what the last line says
    assert run.says == {"size": "1024"}
    assert run.trusted["bufferpool_wait_ratio"] == 0.861
    assert run.trusted["request_latency_avg"] == 3.289  # and not that of a node


def test_a_short_runs_rates_are_understated_by_the_metrics_window(found: Reader) -> None:
    run = found(OUTPUTS["perf 2.2"])
    assert {"record_send_rate", "request_rate", "records_per_s"} & set(run.trusted) == set()
    assert run.figures["records_per_s"] / run.figures["record_send_rate"] == pytest.approx(
        (run.figures["seconds"] + 30) / run.figures["seconds"], rel=0.01
    )
    assert run.trusted["records_per_request_avg"] == 17.653
    assert "window of 30 s, which understates" in run.not_trusted


def test_a_perf_test_without_metrics_of_an_old_release(found: Reader) -> None:
    run = found(OUTPUTS["perf 1.0"])
    assert run.trusted["records_per_s"] == 877023.732262  # its windows are an excerpt
    assert run.says == {"size": "100"}
    assert "request_latency_avg" not in run.figures


def test_a_throttled_one_has_latencies_but_no_tail(found: Reader) -> None:
    run = found(OUTPUTS["perf, throttled"], rate=200)
    assert run.trusted["p50_ms"] == 1
    assert run.trusted["mean_ms"] == 1.26
    assert not set(TAIL) & set(run.trusted)
    assert "not from when it was due" in run.not_trusted


def test_who_did_not_say_the_rate_is_told_by_the_wait(found: Reader) -> None:
    """Memory of 32 MiB at 0.19 MB/s would be a wait of minutes, and 1.26 ms are none."""
    assert found(OUTPUTS["perf, throttled"]).says["target_rate"] == "199.973"
    assert "target_rate" not in found(OUTPUTS["perf 2.5"]).says


def test_one_that_falls_behind_its_rate_waits_for_memory(found: Reader) -> None:
    run = found(OUTPUTS["perf 2.5"], rate=50_000)
    assert not set(LATENCIES) & set(run.trusted)


LAST_4_2 = (
    "500000 records sent, 9998.400256 records/sec (9.76 MB/sec), 0.92 ms avg latency, 63.00 ms max"
    " latency, 1 ms 50th, 2 ms 95th, 7 ms 99th, 45 ms 99.9th.\n"
)
STEADY_4_2 = (
    "499999 steady state records sent, 10002.1 records/sec (9.77 MB/sec), 0.71 ms avg latency,"
    " 22.00 ms max latency, 1 ms 50th, 1 ms 95th, 2 ms 99th, 9 ms 99.9th.\n"
)


def test_the_line_after_the_warm_up_is_the_one_that_is_read(found: Reader) -> None:
    """The windows are KIP-1052's own example; of its last lines only the form is known here."""
    run = found(OUTPUTS["perf 4.2, windows"] + LAST_4_2 + STEADY_4_2, rate=10_000)
    assert run.trusted["records_per_s"] == 10002.1
    assert run.trusted["mean_ms"] == 0.71
    assert "warm-up" not in run.not_trusted


def test_dates_before_lines_and_deprecations_are_passed_over(found: Reader) -> None:
    lines = "".join(
        f"[2024-10-25 11:58:04,000] {line}\n" for line in LADDER[16384].splitlines()[:4]
    )
    warned = (
        "Option --producer-props has been deprecated and will be removed in a future version.\n"
    )
    assert found(warned + lines).trusted["records_per_s"] == 9839.372248


def test_a_quota_is_what_it_says_it_is(found: Reader) -> None:
    throttled = OUTPUTS["perf 2.5"].replace(
        "throttle-time-avg:{client-id=producer-1}                           : 0.000",
        "throttle-time-avg:{client-id=producer-1}                           : 160.2",
    )
    run = found(throttled)
    assert not run.steady
    assert "quota" in run.not_trusted


def test_failed_records_are_told(found: Reader) -> None:
    failure = "org.apache.kafka.common.errors.TimeoutException: Expiring 78 record(s)\n"
    run = found(failure + LADDER[16384])
    assert not run.steady
    assert "failed" in run.not_trusted


def test_a_benchmark_that_stopped_is_no_measurement(found: Reader) -> None:
    run = found(OUTPUTS["omb, stopped"], rate=50_000)
    assert run.tool == "OpenMessaging Benchmark"
    assert run.says == {"partitions": "1", "size": "1024"}
    assert run.figures["mean_ms"] == pytest.approx(19.62518 + 0.22271)  # with the publish delay
    assert not run.steady
    assert not set(LATENCIES) & set(run.trusted)
    assert "stopped" in run.not_trusted


def test_a_benchmark_that_ran_through(found: Reader) -> None:
    whole = OUTPUTS["omb, stopped"].replace(", 5764.072208515812, 0.0, 0.0 ]", " ]")
    run = found(whole.replace("0.09574234811930797", "0.0"), rate=50_000)
    assert run.steady
    assert run.trusted["records_per_s"] == pytest.approx(50017.2, abs=0.1)  # the median of six
    assert run.trusted["p50_ms"] == 12.15
    assert run.trusted["p99_ms"] == 106.617  # calls came 3.4 ms late, by the same percentile


def test_latencies_from_the_call_alone_are_not_trusted(found: Reader) -> None:
    run = found(OUTPUTS["omb, fork"], rate=10_000)
    assert run.trusted["records_per_s"] == pytest.approx(10002.7)
    assert run.says == {"partitions": "10", "size": "1024"}
    assert not set(LATENCIES) & set(run.trusted)
    assert "how late that was is not in it" in run.not_trusted


def test_several_producers_have_a_share_each(found: Reader) -> None:
    run = found(OUTPUTS["omb, four producers"])
    assert run.trusted["records_per_s"] == pytest.approx((26840.56094 + 24414.24634) / 2 / 4)
    assert not run.steady


def test_the_documented_statistic_of_librdkafka(found: Reader) -> None:
    run = found(OUTPUTS["librdkafka, documented"])
    assert run.trusted["request_latency_avg"] == pytest.approx((79.868 + 87.289) / 69)
    assert run.trusted["record_queue_time_avg"] == pytest.approx(23.565, abs=1e-3)
    assert run.trusted["records_per_request_avg"] == pytest.approx(480028 / 69)
    assert run.trusted["batch_size_avg"] == pytest.approx(18808985 / 69)
    assert "records_per_s" not in run.figures
    assert (run.steady, run.java) == (False, False)
    assert "says no rate" in run.not_trusted


def test_two_statistics_say_a_rate(found: Reader) -> None:
    first = OUTPUTS["librdkafka, documented"]
    second = first.replace('"ts": 5016483227792', '"ts": 5016493227792')  # ten seconds later
    second = second.replace('"txmsgs": 4300753', '"txmsgs": 4780753')
    assert found(first + second).trusted["records_per_s"] == pytest.approx(48_000)


def test_statistics_in_a_log_and_old_ones(found: Reader) -> None:
    logged = found(OUTPUTS["librdkafka, logged"])
    assert logged.trusted["request_latency_avg"] == pytest.approx(9.992)
    assert logged.trusted["record_queue_time_avg"] == pytest.approx(511.929, abs=1e-3)
    old = found(OUTPUTS["librdkafka, 2015"])
    assert old.trusted["request_latency_avg"] == pytest.approx((43.705 + 41.516) / 60)
    assert "mean_ms" not in old.figures


def test_a_full_queue_is_no_latency(found: Reader) -> None:
    full = OUTPUTS["librdkafka, documented"].replace('"msg_cnt": 22710', '"msg_cnt": 499000')
    assert "mean_ms" not in found(full).trusted


def test_a_dump_of_jmx_exporter(found: Reader) -> None:
    run = found(OUTPUTS["jmx_exporter"])
    assert run.tool == "producer metrics"
    assert run.trusted == {"batch_size_avg": 91.0}
    assert not run.steady
    assert "no record-send-rate" in run.not_trusted


def test_a_dump_of_micrometer_has_the_client_that_is_asked_for(found: Reader) -> None:
    client = "kafka-producer-kogito-processinstances-events"
    run = found(OUTPUTS["micrometer"], client)
    assert run.trusted["request_rate"] == 1.0935535021050904
    assert run.trusted["batch_size_avg"] == 2454.0882352941176
    idle = found(OUTPUTS["micrometer"], "kafka-producer-kogito_outgoing_stream")
    assert set(idle.trusted) == {"request_rate"}


PERF_2_5_METRICS = {
    "record-send-rate": 22429.068,
    "request-rate": 1487.617,
    "request-latency-avg": 3.289,
    "bufferpool-wait-ratio": 0.861,
}
BEAN = "kafka.producer:type=producer-metrics,client-id=producer-1"


def test_jmx_tool_in_a_table_and_line_by_line(found: Reader) -> None:
    """The form is JmxTool's (its CSV and its properties), the figures those of a real producer."""
    heading = ",".join(['"time"', *(f'"{BEAN}:{name}"' for name in PERF_2_5_METRICS)])
    row = ",".join(["1608628566", *map(str, PERF_2_5_METRICS.values())])
    lines = [f"{BEAN}:{name}={value}" for name, value in PERF_2_5_METRICS.items()]
    for text in (f"{heading}\n{row}\n{row}\n", "\n".join(lines)):
        run = found(text)
        assert run.trusted["records_per_s"] == pytest.approx(22429.068)
        assert run.trusted["records_per_request_avg"] == pytest.approx(15.077, abs=1e-3)
        assert in_flight(run.trusted) == pytest.approx(4.893, abs=1e-3)
        assert "target_rate" not in run.says  # it waits for memory


def test_a_perf_test_of_kafka_4(found: Reader) -> None:
    run = found(OUTPUTS["perf 4.1"], rate=0, record_bytes=1000)
    assert run.steady
    assert run.trusted["records_per_request_avg"] == pytest.approx(16, abs=0.1)
    assert run.trusted["records_per_s"] > run.trusted["record_send_rate"]  # its warm-up is slow
    assert "requests_in_flight" in run.figures
