"""Nothing that is secret, and no placeholder's text, comes out again; nothing but ConfigError."""

import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import ConfigError
from model.settings import KafkaVersion, resolve
from model.settings.keys import TABLE, Use

VERSIONS = ["3.0.0", "3.0", "3.4", "3.7", "3.9", "4.0", "4.1", "4.2", "4.4"]
SECRETS = [
    "ssl.key.password",
    "ssl.keystore.password",
    "ssl.keystore.key",
    "ssl.keystore.certificate.chain",
    "ssl.truststore.password",
    "ssl.truststore.certificates",
    "sasl.jaas.config",
    "sasl.oauthbearer.client.credentials.client.secret",
    "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.password",
    "basic.auth.user.info",
    "my.token",
    "config.providers.vault.param.token",
]
LATEST = KafkaVersion.parse("4.4")

versions = st.sampled_from(VERSIONS).map(KafkaVersion.parse)
secrets = st.text(min_size=1, max_size=40).map(lambda text: f"hunter2{text}")
numbers = st.integers(-5, 2**64).map(str)
words = st.sampled_from(["all", "-1", "true", "false", "none", "", "ssl", "SASL_SSL", "${a:b}"])
values = st.one_of(numbers, words, st.text(max_size=20))
names = st.sampled_from([key.name for key in TABLE])


@given(st.dictionaries(names, values, max_size=6), versions)
def test_any_text_on_known_keys_is_resolved_or_refused_in_one_line(
    explicit: dict[str, str], kafka: KafkaVersion
) -> None:
    refusal = ""
    try:
        resolve(explicit, kafka)
    except ConfigError as error:
        refusal = str(error)
    assert len(refusal.splitlines()) <= 1


@given(st.dictionaries(st.text(max_size=80), values, max_size=4), versions)
def test_any_text_for_keys_is_unknown_or_ignored_and_never_an_error(
    strangers: dict[str, str], kafka: KafkaVersion
) -> None:
    known = {key.name for key in TABLE}
    explicit = {name: text for name, text in strangers.items() if name not in known}
    outcome = resolve(explicit, kafka)
    assert bool(outcome.unknown or outcome.ignored) is bool(explicit)
    assert all(name.isprintable() for name, _ in outcome.unknown + outcome.ignored)


@given(st.sampled_from(SECRETS), secrets, versions)
def test_a_secret_is_nowhere_in_what_comes_out(name: str, secret: str, kafka: KafkaVersion) -> None:
    assert "hunter2" not in repr(resolve({name: secret}, kafka))


@given(st.sampled_from(SECRETS), secrets, versions)
def test_a_secret_is_nowhere_in_an_error_about_something_else(
    name: str, secret: str, kafka: KafkaVersion
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve({name: secret, "acks": "7"}, kafka)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value, chain=True))


@pytest.mark.parametrize("name", [key.name for key in TABLE if key.use is Use.ACTS])
def test_a_placeholder_where_the_value_is_needed_is_refused_without_its_text(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve({name: "${file:/etc/hunter2:x}"}, LATEST)
    assert str(caught.value).startswith(f"{name}=(placeholder): ")
    assert f"--set {name}=VALUE" in str(caught.value)
    assert "hunter2" not in repr(caught.value) + str(caught.value.value)


@pytest.mark.parametrize(
    "name",
    [key.name for key in TABLE if key.use is not Use.ACTS and key.known_to(LATEST.minor)],
)
def test_any_other_placeholder_is_listed_as_ignored_without_its_text(name: str) -> None:
    outcome = resolve({name: "pre${vault:hunter2}post"}, LATEST)
    assert name in dict(outcome.ignored)
    assert name not in {setting.key for setting in outcome.values}
    assert "hunter2" not in repr(outcome)


def test_a_placeholder_for_a_timeout_leaves_the_timeouts_unchecked() -> None:
    hidden = "${env:HOW_LONG}"
    outcome = resolve({"request.timeout.ms": hidden, "delivery.timeout.ms": "1"}, LATEST)
    assert not outcome.notes
    assert not resolve({"delivery.timeout.ms": hidden, "linger.ms": "999999"}, LATEST).notes


def test_a_placeholder_for_a_backoff_is_compared_with_nothing() -> None:
    hidden = {"retry.backoff.ms": "2000", "retry.backoff.max.ms": "${env:LONGER}"}
    assert not resolve(hidden, LATEST).notes


def test_a_placeholder_for_the_version_is_refused_without_its_text() -> None:
    with pytest.raises(ConfigError, match=r"^kafka=\(placeholder\): must be a version"):
        KafkaVersion.parse("${hunter2}")


def test_a_transactional_id_from_a_placeholder_is_still_one() -> None:
    settings = {"transactional.id": "${env:ID}", "enable.idempotence": "false"}
    with pytest.raises(ConfigError, match="needs idempotence"):
        resolve(settings, LATEST)


@pytest.mark.parametrize("line", ['password="hunter2";', '"hunter2";', "hunter2", "hunter2=="])
def test_half_of_a_value_that_was_broken_over_two_lines_is_not_repeated(line: str) -> None:
    outcome = resolve({line: ""}, LATEST)
    assert outcome.unknown == (("(a line that is no setting)", None),)
