"""The plan as a shell script, for any sh. Whatever came from outside is quoted by shlex.

It makes a topic of its own, which must not exist; each run leaves its output, and beside it a file
with what the output does not say. Source of the options: ProducerPerformance and TopicCommand.
"""

import json
from collections.abc import Iterator
from shlex import quote

from experiments.measure.plan import BATCH, IN_FLIGHT, PROBE_RECORDS, Plan, Run
from experiments.measure.round_trip import NAME
from experiments.measure.told import SIDECAR

#: What the script is, whatever the plan: nothing of the plan's is put into it.
FUNCTIONS = r"""
say() { printf '%s\n' "$*" >&2; }

# The records/s of a run's last line, whole.
rate_of() {
  sed -n 's/^.*records sent, \([0-9]*\)[.0-9]* records\/sec .* 99th, .*$/\1/p' "$1" | tail -n 1
}

# Records for so many tenths of a run's length at a rate, within bounds.
records_for() {
  wanted=$(($1 * $2 * seconds / 10))
  if [ "$wanted" -lt "$least" ]; then wanted=$least; fi
  if [ "$wanted" -gt "$most" ]; then wanted=$most; fi
  printf '%s\n' "$wanted"
}
"""
_OLD = r"""
# perf RECORDS RATE SETTING...: one run, on standard output.
perf() {
  records=$1 rate=$2
  shift 2
  kafka-producer-perf-test.sh --topic "$topic" --num-records "$records" --record-size "$size" \
    --throughput "$rate" --print-metrics ${config:+--producer.config} ${config:+"$config"} \
    --producer-props bootstrap.servers="$bootstrap" "$@"
}
"""
_NEW = r"""
# perf RECORDS RATE SETTING...: one run, on standard output; a quarter of it is warm-up.
perf() {
  records=$1 rate=$2
  shift 2
  kafka-producer-perf-test.sh --bootstrap-server "$bootstrap" --topic "$topic" \
    --num-records "$records" --warmup-records $((records / 4)) --record-size "$size" \
    --throughput "$rate" --print-metrics ${config:+--command-config} ${config:+"$config"} \
    --command-property "$@"
}
"""


def script(plan: Plan) -> str:
    """The whole text."""
    return "\n".join([*_head(plan), *_values(plan), FUNCTIONS, *_body(plan)]) + "\n"


def told(plan: Plan, run: Run) -> str:
    """What is known of a run beforehand, as the inside of a JSON object."""
    values = {
        "kafka": str(plan.kafka),
        "record_bytes": plan.record_bytes,
        "partitions": plan.cluster.partitions,
        "brokers": plan.cluster.brokers,
        "replicas": plan.cluster.replicas,
        "min_insync": plan.cluster.min_insync_replicas,
        "settings": settings_of(plan, run),
    }
    return json.dumps(values)[1:-1]


def settings_of(plan: Plan, run: Run) -> dict[str, str]:
    """The producer's settings with what the run is about on top."""
    own = {IN_FLIGHT: str(run.in_flight), BATCH: str(run.batch_bytes)}
    return {**plan.settings, **own}


def _head(plan: Plan) -> Iterator[str]:
    cluster, size = plan.cluster, _mb(plan.most_bytes)
    yield "#!/bin/sh"
    yield f"# {len(plan.runs)} runs of kafka-producer-perf-test.sh, for Kafka {plan.kafka},"
    yield f"# about {plan.seconds} s each. They write {size} at most, all {cluster.replicas} copies"
    yield "# together, into a topic of their own, which must not exist yet and is not deleted."
    yield "# KAFKA_BIN: the folder with Kafka's scripts, where they are not on the PATH."
    yield "# CLIENT_CONFIG: a file with security settings, and nothing else, for all of them."
    yield "set -eu"
    yield 'PATH="${KAFKA_BIN:+$KAFKA_BIN:}$PATH"'
    yield "config=${CLIENT_CONFIG:-}"
    if plan.needs_config:
        message = "a file with the security settings of your properties must be given"
        yield f': "${{CLIENT_CONFIG:?{message}}}"'


def _values(plan: Plan) -> Iterator[str]:
    values = {
        "bootstrap": plan.bootstrap,
        "host": plan.host,
        "topic": plan.topic,
        "results": str(plan.results),
        "size": plan.record_bytes,
        "seconds": plan.seconds,
        "least": PROBE_RECORDS,
        "most": plan.most_records,
    }
    yield ""
    yield from (f"{name}={quote(str(value))}" for name, value in values.items())
    yield "case $results in -*) results=./$results ;; esac"


def _body(plan: Plan) -> Iterator[str]:
    cluster = plan.cluster
    yield (_NEW if plan.renamed_options else _OLD).strip("\n")
    yield ""
    yield f"say {quote(f'This writes {_mb(plan.most_bytes)} at most into the topic {plan.topic}.')}"
    yield 'mkdir "$results" || { say "Its results are there already: move them away."; exit 1; }'
    yield 'kafka-topics.sh --bootstrap-server "$bootstrap" ${config:+--command-config} \\'
    yield f'  ${{config:+"$config"}} --create --topic "$topic" --partitions {cluster.partitions} \\'
    yield f"  --replication-factor {cluster.replicas} \\"
    yield f"  --config min.insync.replicas={cluster.min_insync_replicas} >&2 \\"
    yield '  || { say "The topic must be new."; rmdir "$results"; exit 1; }'
    yield f'ping -c 20 -q "$host" > "$results/{NAME}" 2>&1 \\'
    no_ping = "No ping: read with --rtt-ms (ss -ti shows it)."
    yield f'  || {{ rm -f "$results/{NAME}"; say "{no_ping}"; }}'
    yield ""
    yield "# A short run before all: connections, leaders, and how fast it is."
    yield 'say "warming up"'
    first = plan.runs[0]
    probe = " ".join(f"{key}={value}" for key, value in _quoted(plan, first))
    yield f'perf {PROBE_RECORDS} -1 {probe} > "$results/warm-up.out"'
    yield 'one=$(rate_of "$results/warm-up.out")'
    yield '[ "$one" ] || { say "The perf test said no figures: see $results/warm-up.out"; exit 1; }'
    yield 'rm "$results/warm-up.out"'
    for run in plan.runs:
        yield from _run(plan, run)
    yield ""
    yield 'say "Read them: inflight measure read $results/*.txt --out rows.csv"'
    yield "say 'Then delete the topic: kafka-topics.sh --delete, with its name and your cluster'"


def _run(plan: Plan, run: Run) -> Iterator[str]:
    settings = " ".join(f"{key}={value}" for key, value in _quoted(plan, run))
    yield ""
    yield f"# {run.name}: {run.tells}."
    if run.held:
        yield f"rate=$((one * {round(100 * run.held)} / 100 + 1)) && offered=$rate"
    else:
        yield "rate=-1 offered=0"
    yield f'records=$(records_for "$one" {max(1, round(10 * run.of_one))})'
    yield f'say "{run.name}: $records records"'
    yield f'perf "$records" "$rate" {settings} > "$results/{run.name}.part"'
    yield f'printf \'{{"rate": %s, %s}}\\n\' "$offered" {quote(told(plan, run))} \\'
    yield f'  > "$results/{run.name}{SIDECAR}"'
    yield f'mv "$results/{run.name}.part" "$results/{run.name}.txt"'
    if run == plan.runs[0]:
        yield f'one=$(rate_of "$results/{run.name}.txt")'


def _quoted(plan: Plan, run: Run) -> Iterator[tuple[str, str]]:
    return ((quote(key), quote(value)) for key, value in sorted(settings_of(plan, run).items()))


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"
