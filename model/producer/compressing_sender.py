"""The Sender thread of a producer that compresses: it closes what the application had not.

The work on batches that were drained before they were full comes before their request is written.
Units: seconds.
"""

import simpy

from model.config.producer import ProducerConfig
from model.costs import ClientCosts
from model.producer.accumulator import RecordAccumulator
from model.producer.application import Application
from model.producer.completion import Completion
from model.producer.compression import CompressingAccumulator
from model.producer.network_client import NetworkClient
from model.producer.sender import Sender
from model.producer.transaction_manager import TransactionManager
from model.wire.requests import Request


class CompressingSender(Sender):
    """A Sender that closes what the application had not."""

    def __init__(
        self,
        env: simpy.Environment,
        config: ProducerConfig,
        costs: ClientCosts,
        application: Application,
        accumulator: RecordAccumulator,
        transactions: TransactionManager | None,
        client: NetworkClient,
        completion: Completion,
    ) -> None:
        super().__init__(
            env, config, costs, application, accumulator, transactions, client, completion
        )
        assert isinstance(accumulator, CompressingAccumulator)
        self._closing = accumulator

    def sending_s(self, requests: list[Request]) -> float:
        """Building and writing requests, and what is left to compress of their batches."""
        return super().sending_s(requests) + self._closing.take_closing_s()
