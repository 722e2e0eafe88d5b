"""Every chart of stored rows: one meaning, one colour; a title that tells; words that are known."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.text import Text

from experiments.catalogue import EXPERIMENTS, RESULTS, SWEEPS, load
from experiments.compare.charts import DRAWN_BY
from experiments.compare.stored import CHARTS
from experiments.faults.harm import harm_chart
from experiments.faults.stored import story_of
from experiments.kit.looks import FIVE, FIVE_PLAIN, LOOKS, ONE, ONE_PLAIN, SERIES, SHADES
from experiments.kit.store import load_frame
from experiments.kit.style import GRID
from experiments.validation import charts, stored
from experiments.validation.published import claims

#: Labels to the look that they have to have, the first that fits.
MEANINGS = (
    (re.compile(r"(?s)(?=.*not idempotent).*\b(one|1) in flight"), ONE_PLAIN),
    (re.compile(r"\b(one|1) in flight"), ONE),
    (re.compile(r"(?s)(?=.*(not idempotent|acks=1)).*\b(five|5) in flight"), FIVE_PLAIN),
    (re.compile(r"\b(five|5) in flight"), FIVE),
)
RESERVED = {look.colour for _, look in MEANINGS}
#: Words that nobody knows who did not make the chart (those of the model's own vocabulary).
JARGON = re.compile(
    r"\b(muted|goodput|noisy|unread|displaced|saturating|closed-form|retry storm|calm weather)\b"
)
SMALLEST_LEGEND = 9.0


def _question(name: str) -> Figure:
    return load(name).draw(load_frame(SWEEPS / name, "rows"))


def _compared(name: str) -> Figure:
    return DRAWN_BY[name](load_frame(RESULTS / "compare", CHARTS[name][0]))


def _validated(draw: Callable[..., Figure]) -> Figure:
    return draw(stored.read_predicted(RESULTS / "validation"))


DRAWN: dict[str, Callable[[], Figure]] = {
    **{name: lambda name=name: _question(name) for name in EXPERIMENTS},  # type: ignore[misc]
    **{name: lambda name=name: _compared(name) for name in CHARTS},  # type: ignore[misc]
    "harm": lambda: harm_chart(load_frame(RESULTS / "faults/harm", "harm")),
    "fault told": lambda: story_of(RESULTS / "faults/story"),
    "agreement": lambda: _validated(charts.agreement_chart),
    "errors of rates": lambda: _validated(charts.errors_chart),
    "published": lambda: claims.draw(claims.read_verdicts(RESULTS / "validation/published.csv")),
}
each = pytest.mark.parametrize("name", DRAWN)


@cache
def chart_of(name: str) -> Figure:
    """A chart, drawn once for all tests of one process."""
    return DRAWN[name]()


def labelled(chart: Figure) -> Iterator[tuple[str, str]]:
    """Label and colour of all that has both: lines, bars, legends, words in colour, titles."""
    legends = [*chart.legends, *(legend for axes in chart.axes if (legend := axes.get_legend()))]
    for legend in legends:
        for handle, text in zip(legend.legend_handles, legend.get_texts(), strict=True):
            yield text.get_text(), colour_of(handle)
    for axes in chart.axes:
        for line in axes.lines:
            yield str(line.get_label()), colour_of(line)
        for text in (*axes.texts, axes.title, axes._left_title):  # type: ignore[attr-defined]
            yield text.get_text(), to_hex(text.get_color())
    yield from bars(chart)


def bars(chart: Figure) -> Iterator[tuple[str, str]]:
    """Horizontal bars by the words beside them, or beside those of the panel at their left."""
    labels: dict[int, str] = {}
    for axes in filter(Axes.yaxis_inverted, chart.axes):  # bars run from the top
        ticks = zip(axes.get_yticks(), axes.get_yticklabels(), strict=False)  # numbers have none
        labels = {round(at): tick.get_text() for at, tick in ticks if tick.get_text()} or labels
        for bar in axes.patches:
            if isinstance(bar, Rectangle) and bar.get_height() < 1 and colour_of(bar) != GRID:
                yield labels[round(bar.get_y() + bar.get_height() / 2)], colour_of(bar)


def colour_of(artist: object) -> str:
    """The colour of a line or of a patch, without its transparency."""
    if isinstance(artist, Line2D):
        return to_hex(artist.get_color())
    if isinstance(artist, Patch):
        return to_hex(artist.get_facecolor())
    return ""


def meaning(label: str) -> str | None:
    """The colour that a label has to have, if it has to have one."""
    return next((look.colour for words, look in MEANINGS if words.search(label)), None)


def texts(chart: Figure) -> list[str]:
    return [text.get_text() for text in chart.findobj(Text) if isinstance(text, Text)]


@each
def test_one_and_five_in_flight_have_their_colours_and_nothing_else_has(name: str) -> None:
    found = list(labelled(chart_of(name)))
    for label, colour in found:
        if (wanted := meaning(label)) and colour not in {"", "#222222"}:
            assert colour == wanted, label
        if colour in RESERVED and not label.startswith("_"):
            assert meaning(label) == colour, label
    used = {colour for label, colour in found if meaning(label)}
    assert {colour for _, colour in found} & RESERVED <= used, "a colour of a producer not named"


def test_no_other_series_can_take_a_producer_s_colour() -> None:
    assert not {look.colour for look in LOOKS.values()} & {*SERIES, *SHADES}
    assert len(RESERVED) == len(MEANINGS)


@each
def test_the_title_is_a_message_with_what_was_found(name: str) -> None:
    title = chart_of(name).get_suptitle().replace("\n", " ")
    assert len(title) > 25
    assert not re.search(r"\w_\w|\.py|\?$", title), "a name of a file or of code, or a question"
    assert re.search(r"\d|\b(no|No|all|neither|longer)\b", title), "nothing was found"


@each
def test_words_are_known_and_legends_can_be_read_from_afar(name: str) -> None:
    chart = chart_of(name)
    assert [text for text in texts(chart) if JARGON.search(text)] == []
    legends = [*chart.legends, *(legend for axes in chart.axes if (legend := axes.get_legend()))]
    sizes = [float(text.get_fontsize()) for legend in legends for text in legend.get_texts()]
    assert min(sizes, default=SMALLEST_LEGEND) >= SMALLEST_LEGEND
