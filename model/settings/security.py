"""Keys of ssl, sasl and security: who the client is and whom it trusts.

Which protocol, mechanism and version of TLS there are decides about the round trips of a new
connection and the work on each byte (:mod:`model.config.security`). Of the others none is modelled;
they are here because the client refuses some of their values. Source: SslConfigs, SaslConfigs and
SecurityConfig, release by release.
"""

from model.settings.kinds import INT_MAX, LONG_MAX, Flag, Kind, OneOf, Real, Text, Whole
from model.settings.versions import FIRST, Minor

#: Keys of these families belong to plug-ins, or to a family that the model does not use.
FAMILIES = ("ssl.", "sasl.", "security.", "config.providers.", "interceptor.", "metrics.context.")

_ANY, _CLASS, _FLAG = Text(), Text(may_be_empty=False), Flag()
_INT, _LONG = Whole(), Whole(-LONG_MAX - 1, LONG_MAX)

_SSL_TEXTS = (
    "protocol",
    "provider",
    "cipher.suites",
    "enabled.protocols",
    "keystore.type",
    "keystore.location",
    "keystore.password",
    "key.password",
    "keystore.key",
    "keystore.certificate.chain",
    "truststore.certificates",
    "truststore.type",
    "truststore.location",
    "truststore.password",
    "keymanager.algorithm",
    "trustmanager.algorithm",
    "endpoint.identification.algorithm",
    "secure.random.implementation",
)
_SASL_TEXTS = ("kerberos.service.name", "kerberos.kinit.cmd", "mechanism", "jaas.config")
_ASSERTION_TEXTS = (
    *("claim.iss", "claim.sub", "file"),
    *("private.key.file", "private.key.passphrase", "template.file"),
)
_OAUTH_TEXTS = (
    "scope.claim.name",
    "sub.claim.name",
    "token.endpoint.url",
    "jwks.endpoint.url",
    "expected.audience",
    "expected.issuer",
)

SECURITY_KINDS: tuple[tuple[str, Kind, Minor], ...] = (
    *((f"ssl.{name}", _ANY, FIRST) for name in _SSL_TEXTS),
    ("ssl.engine.factory.class", _CLASS, FIRST),
    *((f"sasl.{name}", _ANY, FIRST) for name in _SASL_TEXTS),
    ("sasl.kerberos.ticket.renew.window.factor", Real(), FIRST),
    ("sasl.kerberos.ticket.renew.jitter", Real(), FIRST),
    ("sasl.kerberos.min.time.before.relogin", _LONG, FIRST),
    ("sasl.login.refresh.window.factor", Real(0.5, 1.0), FIRST),
    ("sasl.login.refresh.window.jitter", Real(0.0, 0.25), FIRST),
    ("sasl.login.refresh.min.period.seconds", Whole(0, 900), FIRST),
    ("sasl.login.refresh.buffer.seconds", Whole(0, 3600), FIRST),
    ("sasl.client.callback.handler.class", _CLASS, FIRST),
    ("sasl.login.callback.handler.class", _CLASS, FIRST),
    ("sasl.login.class", _CLASS, FIRST),
    ("sasl.login.connect.timeout.ms", _INT, (3, 1)),
    ("sasl.login.read.timeout.ms", _INT, (3, 1)),
    ("sasl.login.retry.backoff.max.ms", _LONG, (3, 1)),
    ("sasl.login.retry.backoff.ms", _LONG, (3, 1)),
    ("sasl.oauthbearer.jwt.retriever.class", _CLASS, (4, 1)),
    ("sasl.oauthbearer.jwt.validator.class", _CLASS, (4, 1)),
    ("sasl.oauthbearer.scope", _ANY, (4, 1)),
    ("sasl.oauthbearer.client.credentials.client.id", _ANY, (4, 1)),
    ("sasl.oauthbearer.client.credentials.client.secret", _ANY, (4, 1)),
    ("sasl.oauthbearer.assertion.algorithm", OneOf(("ES256", "RS256"), any_case=True), (4, 1)),
    ("sasl.oauthbearer.assertion.claim.aud", _ANY, (4, 1)),
    ("sasl.oauthbearer.assertion.claim.exp.seconds", Whole(0, 86_400), (4, 1)),
    ("sasl.oauthbearer.assertion.claim.jti.include", _FLAG, (4, 1)),
    ("sasl.oauthbearer.assertion.claim.nbf.seconds", Whole(0, 3600), (4, 1)),
    *((f"sasl.oauthbearer.assertion.{name}", _ANY, (4, 1)) for name in _ASSERTION_TEXTS),
    *((f"sasl.oauthbearer.{name}", _ANY, (3, 1)) for name in _OAUTH_TEXTS),
    ("sasl.oauthbearer.jwks.endpoint.refresh.ms", _LONG, (3, 1)),
    ("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", _LONG, (3, 1)),
    ("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", _LONG, (3, 1)),
    ("sasl.oauthbearer.clock.skew.seconds", Whole(-INT_MAX - 1, INT_MAX), (3, 1)),
    ("sasl.oauthbearer.allow.unverified.audience", _FLAG, (4, 4)),
    ("sasl.oauthbearer.allow.unverified.issuer", _FLAG, (4, 4)),
    ("sasl.oauthbearer.header.urlencode", _FLAG, (3, 9)),
)
