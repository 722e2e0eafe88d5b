"""A folder of stand-ins for Kafka's scripts and for ping: what they are given, they write down.

The perf test's prints the lines of the real one: one in flight carries 1,000 records/s, five carry
4,000, and whoever is held carries his rate.
"""

import os
from pathlib import Path

_NOTE = r"""#!/bin/sh
{ printf '%s\n' "${0##*/}"; printf '  %s\n' "$@"; } >> "$LOG"
"""
_PERF = r"""
previous= depth=5
for word in "$@"; do
  case $previous in --num-records) records=$word ;; --throughput) rate=$word ;; esac
  case $word in max.in.flight.requests.per.connection=*) depth=${word##*=} ;; esac
  previous=$word
done
if [ "$rate" -lt 0 ]; then rate=$((1000 * (depth - depth / 5))); fi
for window in 1 2 3 4 5 6 7 8 9; do
  printf '%s records sent, %s.0 records/sec (%s.00 MB/sec), ' $((records / 10)) "$rate" 1
  printf '10.0 ms avg latency, 20.0 ms max latency.\n'
done
mb=$(((rate * 100000 + 524288) / 1048576))
printf '%s records sent, %s.000000 records/sec (%s.%02d MB/sec), ' "$records" "$rate" \
  $((mb / 100)) $((mb % 100))
printf '10.00 ms avg latency, 20.00 ms max latency, '
printf '10 ms 50th, 11 ms 95th, 15 ms 99th, 19 ms 99.9th.\n\n'
tags='{client-id=perf-producer-client}'
printf 'producer-metrics:records-per-request-avg:%s : 15.000\n' "$tags"
printf 'producer-metrics:request-latency-avg:%s : 15.000\n' "$tags"
"""
_PING = "printf 'rtt min/avg/max/mdev = 14.075/14.300/15.000/0.100 ms\\n'\n"


def installed(folder: Path, log: Path) -> dict[str, str]:
    """Write them; the environment in which a script finds them, and nothing of Kafka's own."""
    folder.mkdir()
    bodies = {"kafka-producer-perf-test.sh": _PERF, "kafka-topics.sh": "", "ping": _PING}
    for name, body in bodies.items():
        (folder / name).write_text(_NOTE + body)
        (folder / name).chmod(0o755)
    return {"PATH": os.defpath, "KAFKA_BIN": str(folder), "LOG": str(log)}


def calls(log: Path) -> list[list[str]]:
    """Each call with its words."""
    found: list[list[str]] = []
    for line in log.read_text().splitlines():
        if line.startswith("  "):
            found[-1].append(line[2:])
        else:
            found.append([line])
    return found
