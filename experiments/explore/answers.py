"""Answers to what a visitor asks, part by part: digits first, then what takes longer.

Each part is made of runs that whoever calls makes (``made``): the page's server in processes, a
command in its own. Digits are those of compare: the same scenarios, seeds and replications.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from experiments.compare.contenders import FIVE, ONE
from experiments.explore.asked import Asked
from experiments.explore.runs import CAPACITY, SHARES, TOO_LONG, Answer, Kind, Task
from experiments.kit.words import as_much, limit_words, plain
from experiments.kit.world import LOAD_SHARE
from model import ConfigError, Scenario

#: As many as compare makes unless it is told otherwise.
REPEATS = 5
Made = Callable[[Sequence[Task]], Awaitable[list[Answer]]]


async def first(asked: Asked, made: Made) -> dict[str, Any]:
    """One run of each producer: the first digits, and the picture."""
    return await _capacity(asked, made, 1)


async def more(asked: Asked, made: Made) -> dict[str, Any]:
    """As many runs as compare makes: the digits, and how far these differ."""
    return await _capacity(asked, made, REPEATS)


async def _capacity(asked: Asked, made: Made, repeats: int) -> dict[str, Any]:
    tasks = [
        Task("capacity", asked.full_load(config), asked.world.seed + number, drawn=not number)
        for number in range(repeats)
        for config in asked.producers.values()
    ]
    done = await _made(made, tasks)
    labels = list(asked.producers)
    of = {label: done[place :: len(labels)] for place, label in enumerate(labels)}
    producers = {label: _figures(rows) for label, rows in of.items()}
    told: dict[str, Any] = {"producers": producers, "sentence": sentence(producers)}
    if repeats == 1:
        told["pictures"] = {label: rows[0]["picture"] for label, rows in of.items()}
    return told


def _figures(rows: Sequence[Answer]) -> dict[str, Any]:
    """Means over replications, and the least and the most that was carried in one."""
    means: dict[str, Any] = {}
    for name in map(str, CAPACITY.figures):
        known = [row[name] for row in rows if isinstance(row[name], int | float)]
        means |= {name: sum(known) / len(known)} if known else {}
    carried = [row["records_per_s"] for row in rows]
    within = {"low": min(carried), "high": max(carried)} if len(rows) > 1 else {}
    limit = str(rows[0]["limit"])
    return {**means, **within, "runs": len(rows), "limit": limit, "limit_words": limit_words(limit)}


def sentence(producers: Mapping[str, Mapping[str, Any]]) -> str:
    """The conclusion, and what limits five."""
    one, five = producers[ONE], producers[FIVE]
    if not one["records_per_s"] > 0:
        return "Nothing was acknowledged in the time that was looked at."
    gain = as_much(five["records_per_s"] / one["records_per_s"], "one")
    limits = f"what limits five is {five['limit_words']}"
    return f"Five in flight carry {gain} ({plain(five['records_per_s'])} records/s): {limits}."


async def latency(asked: Asked, made: Made) -> dict[str, Any]:
    """How long records take at the rate that was named, or at a share of what all carry."""
    rate = asked.world.rate_per_s
    if rate is None:
        seed = asked.world.seed
        tasks = [
            Task("capacity", asked.full_load(config), seed, drawn=True)
            for config in asked.producers.values()
        ]
        carried = [row["records_per_s"] for row in await _made(made, tasks)]
        rate = float(f"{LOAD_SHARE * min(carried):.3g}")
    if not rate > 0:
        return {"rate_per_s": 0.0, "shares": SHARES, "producers": {}}
    scenarios = [asked.at_load(config, rate) for config in asked.producers.values()]
    done = await _made(made, [_task("load", asked, scenario) for scenario in scenarios])
    producers = dict(zip(asked.producers, done, strict=True))
    return {"rate_per_s": rate, "shares": SHARES, "producers": producers}


async def trouble(asked: Asked, made: Made) -> dict[str, Any]:
    """What the fault does to the producer that the knobs describe; nothing without a fault."""
    if asked.fault is None:
        return {}
    (done,) = await _made(made, [_task("trouble", asked, asked.troubled())])
    return {**done, "rate_per_s": asked.troubled_rate}


def _task(kind: Kind, asked: Asked, scenario: Scenario) -> Task:
    return Task(kind, scenario, asked.world.seed)


async def _made(made: Made, tasks: Sequence[Task]) -> list[Answer]:
    """What the runs say. Raises ConfigError if one would have taken too long, or tells nothing."""
    done = await made(tasks)
    if any(answer.get("failed") == TOO_LONG for answer in done):
        rule = "takes more than a second to compute: fewer partitions or larger records would do"
        raise ConfigError("run", "(this)", rule)
    capacity = [answer for task, answer in zip(tasks, done, strict=True) if task.kind == "capacity"]
    if any(answer["records_per_s"] is None for answer in capacity):
        rule = "is too short for a whole round of requests: fewer partitions or producers would do"
        raise ConfigError("run", "(this)", rule)
    return done


#: By the name in the address.
PARTS: Mapping[str, Callable[[Asked, Made], Awaitable[dict[str, Any]]]] = {
    "first": first,
    "more": more,
    "latency": latency,
    "trouble": trouble,
}
