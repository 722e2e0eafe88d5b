"""Kafka's own client, in Java: what every other profile differs from.

Its settings have rules of their own, in :mod:`model.settings`.
"""

from model.clients.profile import Profile

PROFILE = Profile(name="java", title="Kafka's Java client", delivery_covers_request=True)
