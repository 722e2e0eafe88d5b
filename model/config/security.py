"""TLS and SASL as a connection feels them: round trips before it is ready, and work on its bytes.

Both ends are taken to agree on the newest version of TLS that the client offers, and every
handshake is a full one. Left out: what certificates and tickets are, refusals, logging in again
(``connections.max.reauth.ms``), the 22 bytes that each TLS record of 16 KiB adds, and connections
between brokers, which have listeners of their own.
"""

from collections.abc import Mapping
from typing import Literal

from model.config.checks import require

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
TlsVersion = Literal["TLSv1.2", "TLSv1.3"]
#: Read: RFC 8446, 2 and RFC 5246, 7.3: round trips before the client may send.
TLS_ROUND_TRIPS: Mapping[str, int] = {"TLSv1.2": 2, "TLSv1.3": 1}
#: Read: SaslClientAuthenticator: ApiVersions, then SaslHandshake, then tokens.
SASL_FIRST_ROUND_TRIPS = 2
#: Read: SaslAuthenticate requests of each mechanism: RFC 4616; RFC 5802, 3; RFC 7628, 3; RFC 4752,
#: 3.1. Assumed: one of a mechanism of one's own.
TOKENS: Mapping[str, int] = {
    "PLAIN": 1,
    "OAUTHBEARER": 1,
    "SCRAM-SHA-256": 2,
    "SCRAM-SHA-512": 2,
    "GSSAPI": 3,
}


def uses_tls(protocol: str) -> bool:
    """Whether what is sent is encrypted."""
    return protocol.endswith("SSL")


def uses_sasl(protocol: str) -> bool:
    """Whether the client says who it is."""
    return protocol.startswith("SASL")


def newest_tls(enabled_protocols: str) -> TlsVersion:
    """The newest version in ``ssl.enabled.protocols``, by default 1.3 (from Java 11 on).

    What is older than 1.2 counts as it.
    """
    enabled = {each.strip() for each in enabled_protocols.split(",")}
    return "TLSv1.3" if enabled & {"", "TLSv1.3"} else "TLSv1.2"


def require_tls(version: str) -> None:
    """Raise ConfigError for a version that is not known."""
    rule = f"one of {', '.join(TLS_ROUND_TRIPS)}"
    require("tls_version", version, rule, version in TLS_ROUND_TRIPS)


def round_trips(protocol: str, mechanism: str, tls_version: str) -> int:
    """Of a new connection, between TCP's own and the first request of the client's."""
    tls = TLS_ROUND_TRIPS[tls_version] if uses_tls(protocol) else 0
    sasl = SASL_FIRST_ROUND_TRIPS + TOKENS.get(mechanism, 1) if uses_sasl(protocol) else 0
    return tls + sasl
