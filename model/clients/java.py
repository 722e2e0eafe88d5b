"""Kafka's own client, in Java: what every other profile differs from.

Its settings have rules of their own, in :mod:`model.settings`.
"""

from model.clients.profile import Names, Profile

PROFILE = Profile(
    name="java",
    title="Kafka's Java client",
    names=Names(
        idempotent={"enable.idempotence": "true"},
        plain={"enable.idempotence": "false"},
        batch_bytes="batch.size",
        linger_ms="linger.ms",
        in_flight="max.in.flight.requests.per.connection",
    ),
    delivery_covers_request=True,
    fills_by_estimate=True,
    splits=True,
)
