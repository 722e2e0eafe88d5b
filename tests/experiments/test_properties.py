"""A producer.properties as users have it: read, resolved and described."""

import traceback
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.files.entries import Unit
from experiments.files.text import read_units
from experiments.kit.properties import describe, load_settings, parse_overrides
from model import ConfigError

SHIPPED = """\
# the settings that are not commented out in the file that Kafka ships
bootstrap.servers=localhost:9092
compression.type=none
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "producer.properties"


def read_pairs(path: Path) -> dict[str, str]:
    """A properties file's settings by name."""
    (unit,) = read_units(path) or [Unit(())]
    return {entry.name: entry.value for entry in unit.entries}


def refusal(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_pairs(path)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_the_format_is_javas(file: Path) -> None:
    file.write_bytes(
        b"! a comment\n"
        b"  linger.ms : 5\n"
        b"batch.size 16384\n"
        b"client.id = caf\xe9 \\u00e9\n"
        b"bootstrap.servers=one:9092,\\\n"
        b"    two:9092\n"
        b"acks=1\r\n"
        b"acks=all\r"
    )
    assert read_pairs(file) == {
        "linger.ms": "5",
        "batch.size": "16384",
        "client.id": "caf\u00e9 \u00e9",
        "bootstrap.servers": "one:9092,two:9092",
        "acks": "all",
    }


def test_a_file_that_is_not_there_is_named_as_it_was_given() -> None:
    assert refusal(Path("no/such.properties")).startswith(
        "properties=no/such.properties: cannot be"
    )


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert "must be a regular file" in refusal(tmp_path)


def test_a_path_that_no_file_can_have_is_refused() -> None:
    assert "cannot be read" in refusal(Path("a\0b"))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("acks=1\n".encode("utf-16"), "plain text"),
        ("acks=1\n".encode("utf-16-le"), "plain text"),
        ("acks=1\n".encode("utf-8-sig"), "plain text"),
        (b"client.id=\\u12g4\n", "hexadecimal"),
        (b"client.id=\\u12", "hexadecimal"),
        (b"#" * ((1 << 20) + 1), "at most 1,048,576 bytes"),
    ],
)
def test_what_is_no_properties_file_is_refused(file: Path, content: bytes, rule: str) -> None:
    file.write_bytes(content)
    assert rule in refusal(file)


def test_a_file_of_the_largest_size_is_read(file: Path) -> None:
    file.write_bytes(b"acks=1\n" + b"#" * ((1 << 20) - 7))
    assert read_pairs(file) == {"acks": "1"}


def test_an_empty_file_is_a_file_without_settings(file: Path) -> None:
    file.touch()
    assert read_pairs(file) == {}


def test_overrides_are_split_at_the_first_equals_sign_and_the_last_one_holds() -> None:
    pairs = ["acks=1", " linger.ms =5", "acks=all", "client.id=a=b", "metric.reporters="]
    assert parse_overrides(pairs) == {
        "acks": "all",
        "linger.ms": "5",
        "client.id": "a=b",
        "metric.reporters": "",
    }


@pytest.mark.parametrize("pair", ["hunter2", "", "=hunter2", " =hunter2", "acks:hunter2"])
def test_an_override_without_a_key_or_an_equals_sign_is_refused_unrepeated(pair: str) -> None:
    with pytest.raises(ConfigError, match=r"^--set=\(number 2\): must be written KEY=VALUE$"):
        parse_overrides(["acks=all", pair])


def test_an_override_goes_before_the_file(file: Path) -> None:
    file.write_text("linger.ms=1\nbatch.size=1000\n")
    producer = load_settings(file, ["linger.ms=2"], "4.1").producer
    assert (producer.linger_ms, producer.batch_size_bytes) == (2, 1000)


def test_a_value_the_file_leaves_open_can_be_given_beside_it(file: Path) -> None:
    file.write_text("linger.ms=${env:LINGER}\n")
    with pytest.raises(ConfigError, match=r"pass --set linger\.ms=VALUE"):
        load_settings(file, [], "4.1")
    assert load_settings(file, ["linger.ms=2"], "4.1").producer.linger_ms == 2


def test_without_a_file_the_versions_defaults_hold() -> None:
    assert describe(load_settings(None, [], "4.1")) == [
        "Your producer (Kafka 4.1 client): acks=all, idempotent, at most 5 in flight,"
        " batches of up to 16384 bytes, linger 5 ms"
    ]


def test_the_shipped_file_reads_calmly(file: Path) -> None:
    file.write_text(SHIPPED)
    first, _, *rest = describe(load_settings(file, [], "3.9"))
    assert first == (
        "producer.properties is a configuration of a Java client:"
        " 2 producer settings read (1 not used here)"
    )
    assert rest == ["Not used here: bootstrap.servers (the distance is given instead)"]


def test_what_differs_what_happens_and_what_is_misspelt_are_named(file: Path) -> None:
    file.write_text(
        "acks=1\nlinger.ms=0\nmax.in.flight.request.per.connection=1\nfoo.bar=1\nzoo=2\n"
    )
    assert describe(load_settings(file, [], "4.0")) == [
        "producer.properties is a configuration of a Java client: 2 producer settings read,"
        " not understood: max.in.flight.request.per.connection, foo.bar, zoo",
        "Your producer (Kafka 4.0 client): acks=1, not idempotent, at most 5 in flight,"
        " batches of up to 16384 bytes, linger 0 ms",
        "Other than by default: acks=1 (default all), linger.ms=0 (default 5),"
        " enable.idempotence=false (default true)",
        "idempotence is off because acks=1 was set",
        "max.in.flight.request.per.connection is not a producer setting of Kafka 4.0;"
        " did you mean max.in.flight.requests.per.connection?",
        "Not producer settings of Kafka 4.0, which itself passes over them: foo.bar, zoo",
    ]


def test_a_key_that_is_there_twice_is_noted_without_its_values(file: Path) -> None:
    file.write_text(
        "linger.ms=41\nssl.key.password=hunter2\nlinger.ms=42\nssl.key.password=hunter3"
    )
    resolved = load_settings(file, [], "4.1")
    assert resolved.producer.linger_ms == 42
    assert resolved.notes == (
        "linger.ms is in the file more than once; the last one holds, as in Java",
        "ssl.key.password is in the file more than once; the last one holds, as in Java",
    )


secrets = st.text(min_size=1, max_size=30).map(lambda text: f"hunter2{text}")


@given(secrets, st.sampled_from(["sasl.jaas.config", "ssl.keystore.password", "api.token"]))
def test_no_secret_is_in_the_lines_or_in_an_error(secret: str, key: str) -> None:
    pair = f"{key}={secret}"
    assert "hunter2" not in "\n".join(describe(load_settings(None, [pair], "4.1")))
    with pytest.raises(ConfigError) as caught:
        load_settings(None, [pair, "linger.ms=soon"], "4.1")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value, chain=True))


def test_a_jaas_line_broken_without_a_backslash_does_not_give_its_password_away(
    file: Path,
) -> None:
    file.write_text(
        'sasl.jaas.config=org.Scram required username="u"\n  password="hunter2";\nhunter2\nhunter2'
    )
    resolved = load_settings(file, [], "4.1")
    assert "hunter2" not in repr(resolved) + "\n".join(describe(resolved))


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^kafka=2\.8"):
        load_settings(None, [], "2.8")
