"""The clients asked for the same: what each takes, what is counted of it, what is said of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.compare.clients import ALIKE, CHANGED, COMES, LOAD, changes, clients_in
from experiments.compare.clients_told import advice, answer, gains, picture, tables
from experiments.compare.tasks import first_requests
from experiments.faults.catalogue import CASES, producers, producers_in
from experiments.kit import figures
from experiments.kit.clients import LOSSES, as_it_comes, asked, deepest, ways, with_losses
from experiments.kit.copies import placed
from experiments.kit.properties import load_settings
from experiments.kit.world import World
from experiments.questions.clients_kept import gain, is_full, kept, matrix
from model import ConfigError, ProducerConfig, simulate
from model.clients import PROFILES
from model.clients.profile import Names
from tests.experiments.running import run
from tests.wording import faults as faults_of_wording

OPTIONS = {"properties": None, "kafka": "4.4", "overrides": (), "constants": None, "partitions": 1}


def world_with(partitions: int, rtt_ms: float = 10.0) -> World:
    return replace(World(rtt_ms=rtt_ms), topic=placed(partitions=partitions, replicas=1))


@pytest.mark.parametrize("client", PROFILES)
def test_every_client_is_asked_under_its_own_names(client: str) -> None:
    for idempotent in (True, False):
        found = list(ways(client, idempotent, 8_192))
        assert {way.producer.client for way in found} == {client}
        assert {way.idempotent for way in found} == {idempotent}
        assert {way.producer.batch_size_bytes for way in found} == {8_192}
        assert [way.allowed for way in found] in ([1], [5], [1, 5])
        assert not idempotent or found[-1].producer.acks == "all"


def test_who_refuses_five_says_why_and_who_cannot_be_asked_has_one_way() -> None:
    (sarama,) = ways("sarama", True)
    assert sarama.refuses.startswith("Net.MaxOpenRequests")
    assert [way.allowed for way in ways("sarama", False)] == [1, 5]
    assert [way.allowed for way in ways("franz-go", True)] == [5]
    assert [way.allowed for way in ways("aiokafka", False)] == [1]
    with pytest.raises(ConfigError, match="enable_idempotence"):
        asked("kafka-python", True, 5, version="2.0")


def test_a_client_without_idempotence_is_never_asked_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = replace(
        PROFILES["aiokafka"], names=Names(idempotent={}, plain={}, batch_bytes="max_batch_size")
    )
    monkeypatch.setattr("experiments.kit.clients.PROFILES", {"aiokafka": plain})
    assert not list(ways("aiokafka", True))
    assert not deepest("aiokafka").idempotent


def kept_by(producer: ProducerConfig, partitions: int) -> dict[str, float]:
    """What a run counts as in flight."""
    scenario = world_with(partitions).at_full_load(producer)
    names = "in_flight_mean", "in_flight_connection", "in_flight_partition", "deepest_partition"
    (row,) = figures.row(names)(simulate(scenario, 1))
    return row


def test_of_one_partition_as_many_are_in_flight_as_on_its_connection() -> None:
    found = kept_by(asked("java", True, 5), 1)
    assert found["in_flight_partition"] == pytest.approx(5, rel=0.03)
    assert found["in_flight_partition"] == pytest.approx(found["in_flight_connection"], rel=0.02)
    assert found["deepest_partition"] == 5


def test_five_requests_of_librdkafka_are_of_five_partitions() -> None:
    found = kept_by(asked("librdkafka", True, 5), 10)
    assert found["in_flight_connection"] == pytest.approx(5, rel=0.05)
    assert found["deepest_partition"] == 1
    assert found["in_flight_partition"] == pytest.approx(0.5, rel=0.05)


def test_by_connection_is_the_mean_over_all_of_them() -> None:
    world = replace(World(rtt_ms=10), topic=placed(partitions=2, brokers=2, replicas=1))
    scenario = world.at_full_load(asked("java", True, 5))
    (row,) = figures.row("in_flight_mean", "in_flight_connection")(simulate(scenario, 1))
    assert row["in_flight_mean"] == pytest.approx(2 * row["in_flight_connection"])


def test_acks_that_are_lost_again_and_again_leave_reversed_copies_of_java_alone() -> None:
    """The rules: Java puts each failed batch to the front, librdkafka sorts by record."""
    backward = {}
    for client in ("java", "librdkafka"):
        struck = with_losses(world_with(1, 20.0), asked(client, False, 5), 150.0, "acks")
        books = simulate(struck, 1).guarantees
        assert books.duplicates > 0
        assert books.displaced == 0
        backward[client] = books.inversions
    assert backward["librdkafka"] == LOSSES < backward["java"]


ROWS = pd.DataFrame(
    [
        {
            **{"client": client, "idempotent": safe, "in_flight": depth, "rtt_ms": 50.0},
            **{"partitions": 1, "lost": "nothing", "far_ms": 50.0, "refuses": "none"},
            **{"replication": 0, "records_per_s": rate, "records_per_request": 16.0},
            **{"in_flight_connection": out, "in_flight_partition": out},
        }
        for client, safe, depth, rate, out in (
            ("java", True, 1, 300.0, 1.0),
            ("java", True, 5, 1500.0, 5.0),
            ("franz-go", True, 5, 1500.0, 4.9),
            ("franz-go", False, 1, 500.0, 1.0),
            ("aiokafka", True, 1, 300.0, 1.0),
        )
    ]
)


def test_a_gain_is_over_one_of_the_same_kind_or_over_the_only_one_there_is() -> None:
    assert gain(ROWS, "java", True) == pytest.approx(5)
    assert gain(ROWS, "franz-go", True) == pytest.approx(3)
    assert np.isnan(gain(ROWS, "aiokafka", True))
    assert kept(ROWS, True) == {"java": 5.0, "franz-go": 4.9, "aiokafka": 1.0}
    assert is_full(4.9)
    assert not is_full(4.0)


def test_the_table_has_a_line_for_each_client_in_each_way() -> None:
    found = [[cell.text for cell in line[:5]] for line in matrix(ROWS).rows]
    assert found == [
        ["Kafka's Java client", "yes", "5", "5.0 / 5.0", "5.00"],
        ["franz-go", "yes", "5", "4.9 / 4.9", "3.00"],
        ["franz-go", "no", "1", "1.0 / 1.0", "-"],
        ["aiokafka", "yes", "1", "1.0 / 1.0", "-"],
    ]


def compared(base: float, changed: dict[str, float]) -> pd.DataFrame:
    """Rows of one client: as it comes and alike, under a load, with losses, with changes."""
    same = {"client": "sarama", "change": "", "rtt_ms": 50.0, "rate_per_s": 100.0, "allowed": 5}
    same |= {"idempotent": True, "records_per_request": 16.0, "request_latency_ms": 51.0}
    same |= {"in_flight_connection": 1.0, "in_flight_partition": 1.0, "limit": "receive window"}
    same |= {"p50_ms": 60.0, "p99_ms": 90.0, "overloaded": False, "failed": 40}
    same |= {"duplicates": 20, "displaced": 0, "inversions": 1}
    phases = [(phase, "", base) for phase in (COMES, ALIKE, LOAD, "acks", "connection")]
    phases += [(CHANGED, change, rate) for change, rate in changed.items()]
    return pd.DataFrame(
        [
            same | {"phase": phase, "change": change, "records_per_s": rate, "replication": number}
            for phase, change, rate in phases
            for number in (0, 1)
        ]
    )


def test_advice_names_what_helps_most_first_and_nothing_that_does_not() -> None:
    rows = compared(100.0, {"4 partitions": 200.0, "batch": 101.0, "sockets": 500.0})
    found = {change: factor for change, factor, *_ in gains(rows)}
    assert found == pytest.approx({"4 partitions": 2, "batch": 1.01, "sockets": 5})
    (sentence,) = advice(rows)
    assert "With sockets it carries 5.0 times as much, with 4 partitions 2.0 times." in sentence
    assert "batch" not in sentence
    (sentence,) = advice(compared(100.0, {"sockets": 99.0}))
    assert sentence.endswith("None of the changes tried carries more.")
    assert not list(faults_of_wording(answer(rows)))


def test_harm_stands_in_the_table_for_each_loss() -> None:
    _, _, in_use, _ = tables(compared(100.0, {"sockets": 1.0}))
    assert [cell.text for cell in in_use.rows[0][3:]] == ["2.0", "0.0", "4.0"]


def test_changes_are_said_under_the_clients_own_names() -> None:
    world = world_with(3)
    said = {
        client: [change for change, _ in changes(world, client, as_it_comes(client))]
        for client in ("aiokafka", "sarama")
    }
    assert said["aiokafka"][:2] == ["12 partitions", "max_batch_size=65536"]
    assert [change.partition("=")[0] for change in said["sarama"]] == [
        "12 partitions",  # its batches cannot be larger
        "socket.receive.buffer.bytes",
    ]


def test_the_users_own_client_is_run_as_the_user_has_it() -> None:
    own = {**OPTIONS, "client": "librdkafka", "overrides": ("linger.ms=50",)}
    found = clients_in((2.0,), **own)
    assert found.world.rtt_ms == 2.0
    assert found.comes["librdkafka"].linger_ms == 50
    assert found.comes["java"] == as_it_comes("java")
    assert found.alike["librdkafka"] == deepest("librdkafka").producer
    assert found.manifest()["experiment"] == "compare, clients"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--rtt-ms=1", "--rtt-ms=2"), "rtt-ms"),
        (("--outstanding=5",), "outstanding"),
        (("--client=kafkajs",), "client"),
        (("--client=sarama", "--set=Producer.Idempotent=true"), "Producer.RequiredAcks"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert run("compare", "--clients", "--world=none", f"--out={tmp_path / 'out'}", *arguments) == 2
    error = capsys.readouterr().err
    assert told in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_picture_is_drawn_of_what_each_run_recorded() -> None:
    requests = []
    for client in ("java", "librdkafka", "aiokafka"):
        first = simulate(world_with(1).at_full_load(deepest(client).producer), 1)
        requests += [{"rtt_ms": 10.0, "producer": client, **row} for row in first_requests(first)]
    rows = compared(1.0, {})
    rows = pd.concat([rows.assign(client=client) for client in ("java", "librdkafka", "aiokafka")])
    chart = picture(rows, pd.DataFrame(requests))
    titles = [axes.get_title(loc="left") for axes in chart.axes]
    assert titles == ["java", "librdkafka", "aiokafka"]
    assert "java gets" in chart.get_suptitle().replace("\n", " ")


def test_faults_strike_another_client_in_the_ways_that_it_takes() -> None:
    def world(client: str, *overrides: str) -> World:
        return World(resolved=load_settings(None, overrides, "4.4", client=client))

    assert list(producers_in(world("java"))) == list(producers(ProducerConfig()))
    assert list(producers_in(world("sarama"))) == [
        *("acks=1, 5 allowed", "acks=1, 1 allowed", "idempotent, 1 allowed"),
    ]
    own, *others = producers_in(world("librdkafka", "linger.ms=70")).items()
    assert own[0] == "acks=all, 1,000,000 allowed"
    assert {name: config.linger_ms for name, config in others} == dict.fromkeys(
        (
            *("acks=all, 1 allowed", "acks=all, 5 allowed"),
            *("idempotent, 1 allowed", "idempotent, 5 allowed"),
        ),
        70,
    )
    assert list(producers_in(world("kafka-python@2.0"))) == ["acks=1, 5 allowed"]


@pytest.mark.parametrize(
    ("client", "case"),
    [
        # a leader that paused still takes a request whose batches were drawn anew meanwhile
        ("librdkafka", "leader pauses for 12 s"),
        # what is sent again comes at once, and ends more than a block of the codec
        ("franz-go", "the same, and the application resends"),
    ],
)
def test_no_record_is_lost_on_the_way_of_what_a_client_sends_again(client: str, case: str) -> None:
    own = World(resolved=load_settings(None, (), "4.4", client=client)).own
    world = replace(World(rtt_ms=20.0), topic=placed(partitions=1, replicas=1))
    (struck,) = (each for each in CASES if each.name == case)
    found = simulate(struck.scenario(own, world), 1)
    assert found.settled
    books = found.guarantees
    assert books.acked_missing == 0
    assert books.sent == books.acked + books.failed
    assert books.in_log == books.sent + books.duplicates - books.failed + books.failed_but_present


@pytest.mark.slow
def test_the_command_leaves_rows_a_picture_and_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    asked_for = ("--clients", "--world=none", "--replicas=1", "--repeats=2")
    done = run("compare", *asked_for, "--jobs=1", f"--out={tmp_path}", f"--html={page}")
    assert done == 0
    printed = capsys.readouterr().out
    stored = pd.read_csv(tmp_path / "rows.csv")
    assert set(stored["client"]) == set(PROFILES)
    assert all(f"{profile.title}: " in printed for profile in PROFILES.values())
    assert (tmp_path / "space_time.png").stat().st_size
    assert "What does each client carry?" in page.read_text()
