"""The page of one's own answer: what was found first, how to run it again, no secrets."""

import html
import re
from datetime import date
from pathlib import Path

import click
import pytest

from experiments.__main__ import inflight
from experiments.catalogue import load
from experiments.compare.contenders import comparison
from experiments.kit.typed import keep_typed, typed
from experiments.kit.world import World
from experiments.kit.worldfile import look
from experiments.report.own import of_comparison, of_question
from tests.experiments.test_bad_input import refused
from tests.report.test_page import Markup

ADVICE = "Set this <first>: & nothing else."
HOSTILE = ("--set", "ssl.key.password=hunter2", "--set=linger.ms=7", "--out=<b>a b</b>")


@pytest.fixture
def context() -> click.Context:
    """A command line with a secret and with markup in it."""
    context = click.Context(inflight)
    keep_typed(context, ("compare", *HOSTILE))
    return context


@pytest.fixture
def page(context: click.Context, tmp_path: Path) -> str:
    """A comparison's page from the committed results, with a world file."""
    world_file = tmp_path / "inflight.toml"
    world_file.write_text("rtt_ms = 5 # a note to myself\n", encoding="utf-8")
    with context:
        look(context, click.Option(["--world"]), world_file)
        asked = comparison(
            (),
            properties=None,
            kafka="4.1",
            overrides=("ssl.key.password=hunter2", "linger.ms=7"),
            constants=None,
            partitions=1,
        )
        return of_comparison(asked, Path("results/compare"), ADVICE)


def test_the_answer_comes_first_and_says_what_it_assumes(page: str) -> None:
    markup = Markup(page)
    first, *_, again, settings = markup.all("section")
    assert first.attributes["id"] == "answer"
    (lead,) = (it for it in markup.all("p") if it.attributes.get("class") == "lead")
    assert ADVICE in lead.text
    assert "times the records" in " ".join(markup.all("section")[1].text.split())
    assert not any(first in it.above for it in markup.all("details")), "what was tried is open"
    assert "Assumed: 3 brokers" in first.text
    assert (again.attributes["id"], settings.attributes["id"]) == ("again", "settings")
    assert len(markup.all("svg")) >= 4


def test_it_says_when_and_with_what_it_was_made(page: str) -> None:
    dated = Markup(page).all("header")[0].text
    assert re.search(rf"\d{{1,2}} [A-Z][a-z]+ {date.today().year}, Inflight \d+\.\d+", dated)


def test_it_can_be_run_again_and_tells_no_secret(page: str) -> None:
    assert "hunter2" not in page
    (command, world) = (element.text for element in Markup(page).all("pre"))
    assert command == (
        "inflight compare --set ssl.key.password=... --set=linger.ms=7 '--out=<b>a b</b>'"
    )
    assert "rtt_ms = 5" in world
    assert "a note to myself" not in page
    assert html.escape("<b>a b</b>") in page
    assert "<b>" not in page


def test_it_asks_for_nothing_outside_itself(page: str) -> None:
    assert re.findall(r"url\((?!#)[^)]*\)|@import|https?://(?!www\.w3\.org/)", page) == []
    ids = Markup(page).values("id")
    assert len(ids) == len(set(ids))


def test_a_question_has_a_page_of_its_own(context: click.Context) -> None:
    experiment = load("depth")
    with context:
        page = of_question(experiment, World(), Path("results/sweeps/depth"), "Assumed: a world.")
    markup = Markup(page)
    assert markup.all("h1")[0].text == experiment.question
    first = markup.all("section")[0].text
    answer = Path("results/sweeps/depth/answer.txt").read_text(encoding="utf-8").strip()
    assert answer in first.replace("\N{NO-BREAK SPACE}", " ")
    assert "Assumed: a world." in first
    assert markup.all("svg")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("acks=1", "acks=1"),
        ("acks=${vault:key}", "acks=..."),
        ("sasl.jaas.config=a b", "sasl.jaas.config=..."),
        ("a password that was broken=over two", "..."),
    ],
)
def test_of_settings_only_what_is_shown_elsewhere_is_shown(word: str, shown: str) -> None:
    with click.Context(inflight) as context:
        keep_typed(context, ("ask", "3", f"--set={word}"))
        assert typed({"acks"}) == f"inflight ask 3 --set={shown}"


@pytest.mark.parametrize("command", [["compare"], ["ask", "3"]])
def test_it_replaces_no_device_and_no_folder(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in ("/dev/null", str(tmp_path)):
        line = refused([*command, f"--html={place}", f"--out={tmp_path / 'out'}"], capsys)
        assert f"html={place}: must be a regular file" in line
    assert Path("/dev/null").is_char_device()
    assert not (tmp_path / "out").exists()
