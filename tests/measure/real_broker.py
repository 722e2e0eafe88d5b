"""A real broker on this machine, with Kafka's tools: its jars come through Maven, under ``build/``.

One process, broker and controller (KRaft), which keeps its logs in a folder of the test's.
"""

import fcntl
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.clients.releases import JAVA, MAVEN, ROOT

KAFKA, LOG4J = "4.1.1", "2.24.3"
JARS = ROOT / "build" / "kafka" / KAFKA
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"
)
WANTED = (
    ("org.apache.kafka", "kafka_2.13", KAFKA),
    ("org.apache.kafka", "kafka-tools", KAFKA),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J),
    ("org.apache.logging.log4j", "log4j-core", LOG4J),
)
POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>inflight</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>{}</dependencies>
</project>
"""
#: Kafka's scripts that a plan calls, by the class that each runs.
SCRIPTS = {
    "kafka-producer-perf-test.sh": "org.apache.kafka.tools.ProducerPerformance",
    "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
}
CLUSTER = "AAAAAAAAAAAAAAAAAAAAAA"
STARTS_WITHIN_S = 60


def fetch() -> None:
    """Fetch the jars, by one process while others wait. Raises CalledProcessError."""
    JARS.mkdir(parents=True, exist_ok=True)
    with (JARS.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (done := JARS / "done").exists():
            return
        pom = JARS.parent / "pom.xml"
        pom.write_text(POM.format("".join(DEPENDENCY.format(*each) for each in WANTED)))
        where = f"-DoutputDirectory={JARS}"
        subprocess.run([str(MAVEN), "-q", "-B", "-f", str(pom), COPY, where], check=True)
        done.touch()


def scripts(folder: Path) -> Path:
    """A folder with the scripts, as a distribution of Kafka has one."""
    folder.mkdir()
    for name, program in SCRIPTS.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {JAVA} -Xmx512m -cp "{JARS}/*" {program} "$@"\n')
        script.chmod(0o755)
    return folder


def free_port() -> int:
    """One that nobody listens on at the moment."""
    with closing(socket.create_server(("127.0.0.1", 0))) as there:
        port: int = there.getsockname()[1]
    return port


@contextmanager
def broker(folder: Path, advertised: int) -> Iterator[int]:
    """A broker that tells clients to come to the advertised port; its own port."""
    port, controller = free_port(), free_port()
    properties = folder / "server.properties"
    properties.write_text(
        f"process.roles=broker,controller\nnode.id=1\n"
        f"controller.quorum.voters=1@127.0.0.1:{controller}\n"
        f"listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n"
        f"advertised.listeners=PLAINTEXT://127.0.0.1:{advertised}\n"
        "controller.listener.names=CONTROLLER\n"
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
        f"log.dirs={folder / 'logs'}\noffsets.topic.replication.factor=1\n"
        "log.retention.bytes=200000000\nlog.segment.bytes=50000000\n"
    )
    java = [str(JAVA), "-Xmx700m", "-cp", f"{JARS}/*"]
    store = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(properties)]
    subprocess.run([*java, *store], check=True, stdout=subprocess.DEVNULL)
    with (folder / "broker.log").open("w") as log:
        process = subprocess.Popen(
            [*java, "kafka.Kafka", str(properties)],
            stdout=log,
            stderr=log,
            env={**os.environ, "LC_ALL": "C"},
        )
        try:
            _await(port, process)
            yield port
        finally:
            process.kill()
            process.wait()


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Until somebody listens on the port."""
    until_s = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert process.poll() is None, "the broker ended"
            assert time.monotonic() < until_s, "the broker does not answer"
            time.sleep(0.2)
        else:
            return
