"""What a file is told in which no producer's settings were found, or those of another client.

One line: what it holds instead, and what would be read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from experiments.files.entries import Unit, named, refused
from experiments.files.kinds import OWN_PREFIX, RELAXED, Kind, kinds, parts_of, plain
from experiments.files.strangers import only_the_producers, other_client, owner
from model.clients import PROFILES
from model.config.checks import ConfigError

FEWEST_TOLD = 3


def nothing_found(path: Path, units: Sequence[Unit], claimed_by: Iterable[Kind]) -> ConfigError:
    """Why a file has no answer."""
    names = [entry.name for unit in units for entry in unit.entries]
    client, key = other_client(names)
    if client:
        return another_client(path, client, key)
    if found := _behind(names):
        prefix, keys = found
        told = f"{', '.join(keys)} behind {named(prefix)}."
        if prefix == "producer":
            rule = (
                f"has {told}: Kafka Connect's, which has defaults of its own, or an application's?"
                f" Pass --as connect or --as {OWN_PREFIX}producer"
            )
        else:
            rule = f"has {told}, which is no prefix known here: pass --as {OWN_PREFIX}{prefix}"
        return refused(path, rule)
    whose = Counter(filter(None, map(owner, names)))
    titles = [kind.title for kind in claimed_by]
    if titles:
        holds = f"is a configuration of {titles[0]} and sets nothing of a producer's"
    elif whose:
        holds = f"has keys of {whose.most_common(1)[0][0]}, and no producer's"
    else:
        holds = "has no producer's setting"
    read = [kind.main_prefix for kind in kinds() if not kind.given and kind.main_prefix]
    behind = ", ".join(dict.fromkeys(read))
    return refused(path, f"{holds}; read are Kafka's own keys, or what stands behind {behind}")


def another_client(path: Path, client: str, key: str) -> ConfigError:
    """The file is a configuration of a client that has to be named, or that is not modelled."""
    named_so = [name for name in PROFILES if name != "java" and name in client]
    how = f"pass --client {' or '.join(named_so)}" if named_so else "it is not modelled"
    return refused(path, f"is a configuration of {client} ({named(key)}), another client: {how}")


def _behind(names: Iterable[str]) -> tuple[str, list[str]] | None:
    """The prefix behind which most keys stand that only a producer has, and some of them."""
    found: dict[str, list[str]] = {}
    for name in names:
        parts = parts_of(name)
        for length in range(1, len(parts)):
            key = RELAXED.get(plain("".join(parts[length:])), "")
            if key and only_the_producers(key):
                found.setdefault(".".join(parts[:length]), []).append(key)
                break
    shown = {prefix: keys for prefix, keys in found.items() if named(prefix) == prefix}
    if not shown:
        return None
    prefix = max(shown, key=lambda each: len(shown[each]))
    return prefix, list(dict.fromkeys(shown[prefix]))[:FEWEST_TOLD]
