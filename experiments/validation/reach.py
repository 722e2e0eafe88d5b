"""What the model does not have yet, told row by row, so that errors there are shown apart."""

from experiments.kit.window import fills_receive_window
from experiments.validation.measured import Row, number
from model import Scenario


def beyond_reach(row: Row, scenario: Scenario) -> str:
    """Why this row is beyond the model for now, in two or three words; empty if it is not."""
    reasons = {
        "jitter": number(row, "jitter_us") > 0,
        "loss": number(row, "loss") > 0,
        "followers": row["cluster"] != "single" and scenario.producer.acks == "all",
        "receive window": fills_receive_window(scenario),
    }
    return ", ".join(reason for reason, holds in reasons.items() if holds)
