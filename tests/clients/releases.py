"""Real clients of Kafka's releases: their jars, and a Java program that builds producers with them.

The jars come through Maven and stay under ``build/``. What comes back is what a client says of
itself: its keys, and for each case what it ended up with or why it refused.
"""

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
JARS = ROOT / "build" / "clients"
PROGRAM = Path(__file__).with_name("RealProducers.java")
JAVA, MAVEN = shutil.which("java"), shutil.which("mvn")
#: The last patch of each minor version that could be had, and those with a rule of their own.
LAST_PATCHES = (
    *("3.0.2", "3.1.2", "3.2.3", "3.3.2", "3.4.1", "3.5.2", "3.6.2", "3.7.2", "3.8.1", "3.9.1"),
    *("4.0.1", "4.1.1", "4.2.1", "4.3.1", "4.4.0"),
)
RELEASES = (*LAST_PATCHES, "3.0.0", "3.1.0", "3.5.0")
#: What a client's own code needs to be loaded; compression and TLS are never come to.
LOGGING = ("org.slf4j:slf4j-api:1.7.36", "org.slf4j:slf4j-nop:1.7.36")
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
POM = """<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>inflight</groupId><artifactId>clients</artifactId><version>1</version>
  <build><plugins><plugin>
    <artifactId>maven-dependency-plugin</artifactId>
    <configuration><outputDirectory>{folder}</outputDirectory><artifactItems>
{items}
    </artifactItems></configuration>
  </plugin></plugins></build>
</project>
"""
ITEM = (
    "      <artifactItem><groupId>{}</groupId><artifactId>{}</artifactId>"
    "<version>{}</version></artifactItem>"
)


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key as the client itself describes it."""

    name: str
    type: str
    default: str
    rule: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client made of a case: what it ended up with, or why it refused."""

    values: Mapping[str, str]
    refusal: str | None


def fetch(releases: Sequence[str]) -> None:
    """Fetch what is missing of these clients' jars. Raises CalledProcessError."""
    wanted = [f"org.apache.kafka:kafka-clients:{release}" for release in releases]
    missing = [item for item in (*wanted, *LOGGING) if not _jar(item).is_file()]
    if not missing:
        return
    JARS.mkdir(parents=True, exist_ok=True)
    items = "\n".join(ITEM.format(*item.split(":")) for item in missing)
    pom = JARS / "pom.xml"
    pom.write_text(POM.format(folder=JARS, items=items), encoding="utf-8")
    subprocess.run([str(MAVEN), "-q", "-B", "-f", str(pom), COPY], check=True)


def _jar(item: str) -> Path:
    _, name, version = item.split(":")
    return JARS / f"{name}-{version}.jar"


def ask(release: str, cases: Sequence[Mapping[str, str]]) -> tuple[list[ClientKey], list[Answer]]:
    """A release's keys in its own order, and what it makes of each case.

    No key and no value of a case may hold a tab or a line end. Raises CalledProcessError.
    """
    needed = [f"org.apache.kafka:kafka-clients:{release}", *LOGGING]
    path = ":".join(str(_jar(item)) for item in needed)
    lines = ["\t".join(word for pair in case.items() for word in pair) for case in cases]
    printed = subprocess.run(
        [str(JAVA), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", path, str(PROGRAM)],
        input="".join(f"{line}\n" for line in lines),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    ).stdout
    rows = [line.split("\t") for line in printed.splitlines()]
    keys = [_key(*row[1:]) for row in rows if row[0] == "key"]
    return keys, [_answer(row) for row in rows if row[0] != "key"]


def _key(name: str, type_: str, default: str, rule: str) -> ClientKey:
    """A key, the names that its rule lists sorted: the client has some of them in a set."""
    names = re.fullmatch(r"(.*\[)([^.]+)\]", rule)
    in_order = f"{names[1]}{', '.join(sorted(names[2].split(', ')))}]" if names else rule
    return ClientKey(name, type_, default, in_order)


def _answer(row: list[str]) -> Answer:
    if row[0] == "refused":
        return Answer({}, row[1])
    return Answer(dict(zip(row[1::2], row[2::2], strict=True)), None)
