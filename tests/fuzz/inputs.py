"""Command lines and files at random: each command with its options, files of every kind, spoilt.

A file is what it should be with something cut, doubled or put in, or not a file at all.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from hypothesis import strategies as st

from experiments.kit.worldkeys import KEYS
from model import REFERENCE_MACHINE

NUMBERS = (
    *("0", "1", "2", "5", "-1", "1.5", "0.2", "50", "1e-6", "1e-300", "1e7", "1e15", "1e308"),
    *("nan", "inf", "-inf", "", " ", "abc", "0x10", "1_000", "\u0665", "1e", "1,5", "--", "1 2"),
    *("99999999999999999999", "10000", "1000000", "-0", "1" + 400 * "0", "\x1b[31m", "\u202e"),
)
WORDS = ("", "none", "all", "x" * 300, "\x1b[31m", "a\nb", "\udcff", "🙂", "../..", "-", "=")
SETTINGS = (
    *("acks=1", "acks=2", "linger.ms=nan", "batch.size=", "request.timeout.ms=0", "=", "nonsense"),
    *("max.in.flight.requests.per.connection=6", "buffer.memory=99999999999999999999"),
    *("password.hunter2=x", "linger.ms=${file:/etc/passwd}", "batch.size=1073741824", "a=\x1b[2J"),
)
JUNK = (
    *(
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\x1b[31m",
        b"\n\n",
        b"[",
        b"{",
        b'"',
        b"\\u00",
        b";",
    ),
    *("\u202e🙂".encode(), b"nan", b"1e999", b"-1", b"9" * 400, b",", b"=", b": ", b"\r", b"\\"),
    *(b"[" * 5_000, b"a" * 70_000, b"- &a [*a]\n", b"${x}", b"#"),
)
_MEASURED = "cluster,rtt_us,jitter_us,rate_Bps,loss,partitions,size,key_space,target_rate,"
GOOD: Mapping[str, bytes] = {
    "producer.properties": b"acks=all\nlinger.ms=5\nbatch.size=16384\n",
    "producer.yaml": b"spring:\n  kafka:\n    producer:\n      acks: all\n      linger: 5ms\n",
    "producer.json": b'{"name": "c", "config": {"producer.override.acks": "all"}}',
    "constants.json": json.dumps({"constants": asdict(REFERENCE_MACHINE)}).encode(),
    "inflight.toml": b"brokers = 3\npartitions = 6\nrtt_ms = 2.0\nrate = 1000\n",
    "schedule.toml": b'[[fault]]\nwhat = "lost-acks"\nat_s = 1.0\nfor_s = 2.0\n',
    "measured.csv": f"{_MEASURED}outstanding,secs,settings,records_per_s,noisy\n"
    "single,1000,0,0,0,1,100,0,0,0,0.5,acks=1,900,0\n".encode(),
    "faults.csv": b"cluster,fault,rtt_us,rate,before_s,during_s,after_s,partitions,size,settings\n"
    b"single,ackloss,20000,600,3,1,5,1,1000,acks=1;request.timeout.ms=1000\n",
    "manifest.json": b'{"sha256": {"rows.csv": "0"}, "experiment": "depth"}',
}
#: What a path leads to that is no file of the user's.
PLACES = ("nowhere", "folder", "pipe", "/dev/zero", "/dev/null", "loop", "x" * 300, "a\nb", "")


@dataclass(frozen=True)
class Call:
    """A command line, and the files that it finds where it runs."""

    arguments: tuple[str, ...]
    files: Mapping[str, bytes]

    def prepare(self, folder: Path) -> None:
        """Make the files, and what is none."""
        (folder / "folder").mkdir()
        os.mkfifo(folder / "pipe")
        (folder / "loop").symlink_to("loop")
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


@st.composite
def _spoilt(draw: st.DrawFn, good: bytes) -> bytes:
    """Up to three changes of what should be there."""
    content = good
    for _ in range(draw(st.integers(0, 3))):
        at, to = sorted(draw(st.lists(st.integers(0, len(content)), min_size=2, max_size=2)))
        content = draw(
            st.sampled_from(
                (
                    content[:at] + draw(st.sampled_from(JUNK)) + content[at:],
                    content[:at] + content[to:],
                    content[:to] + content[at:],
                    content[:at],
                )
            )
        )
    return content


def _any_of(*strategies: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(*strategies)


Options = dict[str, st.SearchStrategy[str]]
NUMBER, WORD = st.sampled_from(NUMBERS), st.sampled_from(WORDS)
PLACE = st.sampled_from(PLACES)
SETTING = st.sampled_from(SETTINGS)
OWN = st.sampled_from([name for name in GOOD if name.startswith("producer")])
_WORLD: Options = {
    "--properties": _any_of(OWN, OWN, PLACE),
    "--as": _any_of(st.sampled_from(["spring", "connect", "java"]), WORD),
    "--which": WORD,
    "--kafka": st.sampled_from(["4.1", "3.0", "2.8", "", "x", "4.4.1", "9" * 400]),
    "--set": SETTING,
    "--world": _any_of(st.just("inflight.toml"), PLACE),
    "--constants": _any_of(st.just("constants.json"), st.just("constants.json"), PLACE),
    "--rtt-ms": NUMBER,
    "--partitions": NUMBER,
    "--brokers": NUMBER,
    "--seed": NUMBER,
    "--jobs": st.sampled_from(["1", "0", "1000000", "x"]),
    "--json": st.just(""),
}
_LOAD: Options = {
    "--rate": NUMBER,
    "--arrivals": st.sampled_from(["even", "poisson", "x"]),
    "--record-bytes": NUMBER,
    "--key-space": NUMBER,
    "--repeats": NUMBER,
    "--html": _any_of(st.just("page.html"), PLACE),
    "--out": _any_of(st.just("out"), PLACE),
}
_CSV_OUT: Options = {"--out": _any_of(st.just("out.csv"), PLACE)}
#: Every command: what stands before its options, and those.
COMMANDS: Mapping[str, tuple[st.SearchStrategy[str], Options]] = {
    "compare": (st.just(""), _WORLD | _LOAD | {"--outstanding": NUMBER, "--producers": NUMBER}),
    "ask": (st.sampled_from(["depth", "3", "", "0", "99", "zzz", "\x1b[31m"]), _WORLD | _LOAD),
    "settings": (_any_of(OWN, OWN, PLACE), {k: _WORLD[k] for k in ("--as", "--which", "--set")}),
    "faults": (
        st.just(""),
        _WORLD
        | {
            "--schedule": _any_of(st.just("schedule.toml"), PLACE),
            "--campaign": NUMBER,
            "--measured": _any_of(st.just("faults.csv"), st.just("measured.csv"), PLACE),
            "--rate": NUMBER,
            "--out": _any_of(st.just("out"), PLACE),
        },
    ),
    "validate": (
        st.just(""),
        {
            "--measured": _any_of(st.just("measured.csv"), st.just("faults.csv"), PLACE),
            "--constants": _WORLD["--constants"],
            "--jobs": _WORLD["--jobs"],
        }
        | _CSV_OUT,
    ),
    "calibrate": (
        st.just(""),
        {"--measured": _any_of(st.just("measured.csv"), PLACE), "--jobs": _WORLD["--jobs"]}
        | _CSV_OUT,
    ),
    "sweep": (
        _any_of(st.sampled_from(["depth", "errors", "nothing.py", "folder"]), PLACE, WORD),
        {
            "--smoke": st.just(""),
            "--jobs": _WORLD["--jobs"],
            "--cluster": _any_of(WORD, st.sampled_from(["http://[::1", "tcp://"])),
            "--out": _LOAD["--out"],
        },
    ),
    "plot": (st.sampled_from(["depth", "compare", "faults", "x"]), {"--results": PLACE}),
    "report": (st.just(""), {"--results": PLACE, "--out": _any_of(st.just("r.html"), PLACE)}),
    "bench": (st.just("--quick"), {"--out": st.sampled_from(["pipe", "/dev/null"]), "--x": WORD}),
    "init": (
        st.sampled_from(["--yes", "--force"]),
        {f"--{key.replace('_', '-')}": NUMBER for key in KEYS if key not in ("as", "which")},
    ),
    "list": (st.just(""), {"--json": st.just(""), "--x": WORD}),
    "nonsense": (WORD, {}),
}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Any command with up to four options and all files there, one of them spoilt."""
    command = draw(st.sampled_from(list(COMMANDS)))
    first, options = COMMANDS[command]
    chosen = draw(st.lists(st.sampled_from(sorted(options)), max_size=4)) if options else []
    if command == "bench":
        chosen = ["--out", *chosen]  # never one that is carried out: it takes its time
    words = [command, *filter(None, [draw(first)])]
    for option in chosen:
        value = draw(options[option])
        words.append(option if option in ("--json", "--smoke") else f"{option}={value}")
    used = [name for name in GOOD if any(name in word for word in words)]
    spoilt = draw(st.sampled_from(used or sorted(GOOD)))
    return Call(tuple(words), dict(GOOD) | {spoilt: draw(_spoilt(GOOD[spoilt]))})
