"""A broker takes requests once its connection is there and ready, and as that lets it."""

from types import SimpleNamespace
from typing import Any

from model import PathConfig
from model.network.path import Path
from model.producer.node import Node
from model.units import NEVER_S
from model.wire.states import NodeState


def test_only_a_ready_connection_takes_requests() -> None:
    """Found by a mutant: one that is open and whose first answer is still to come does not."""
    nobody: Any = None
    node = Node(0, Path(PathConfig(rtt_ms=1)), nobody)
    connection: Any = SimpleNamespace(writable_s=lambda: 1.5)
    assert node.writable_s() == NEVER_S
    node.become(NodeState.CONNECTING)
    node.become(NodeState.CHECKING_API_VERSIONS)
    node.connection = connection
    assert node.writable_s() == NEVER_S
    node.become(NodeState.READY)
    assert node.writable_s() == 1.5


def test_a_way_leads_to_the_broker_of_its_number_unless_another_is_said() -> None:
    nobody: Any = None
    path = Path(PathConfig(rtt_ms=1))
    assert Node(3, path, nobody).at == 3
    assert Node(3, path, nobody, at=1).at == 1
