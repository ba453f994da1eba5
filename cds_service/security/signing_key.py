"""A private key of ours, with which the app proves to an EHR who it is (private_key_jwt).

SMART App Launch 2.2, "Client Authentication: Asymmetric"; RFC 7523 section 3.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cds_service.security.strict_json import StrictJsonError, parse_strict_object

__all__ = ["SigningKey", "SigningKeyError", "parse_signing_key"]

# The two algorithms that every SMART server has to support.
_ALGORITHMS = {("EC", "P-384"): "ES384", ("RSA", ""): "RS384"}
_SHORTEST_RSA_BITS = 2048
# "no more than five minutes in the future"
_LIFETIME_SECONDS = 240


class SigningKeyError(ValueError):
    """A key that cannot be used; the message says why in words and nothing of the key."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key with its id and the one algorithm it signs with."""

    kid: str
    algorithm: str
    key: ECKey | RSAKey = field(repr=False)

    def assert_client(self, client_id: str, token_endpoint: str, *, jti: str, now: float) -> str:
        """Return a signed statement that a token request comes from this client."""
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": token_endpoint,
            "jti": jti,
            "iat": int(now),
            "exp": int(now) + _LIFETIME_SECONDS,
        }
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


def parse_signing_key(text: bytes) -> SigningKey:
    """Return the key of a private JWK (EC P-384 or RSA, with kid), or raise `SigningKeyError`."""
    try:
        jwk = parse_strict_object(text)
    except StrictJsonError:
        raise SigningKeyError("the private key file is not one JWK in JSON") from None
    kid, kind = jwk.get("kid"), jwk.get("kty")
    algorithm = _ALGORITHMS.get((str(kind), str(jwk.get("crv", ""))), "")
    if not algorithm:
        raise SigningKeyError("the private key must be of kty EC with crv P-384, or of kty RSA")
    if not isinstance(kid, str) or not kid:
        raise SigningKeyError("the private key has no kid")
    if "d" not in jwk:
        raise SigningKeyError("the private key file holds a public key only")
    names = ("kty", "crv", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi")
    try:
        wanted: dict[str, str | list[str]] = {name: str(jwk[name]) for name in names if name in jwk}
        if kind == "EC":
            return SigningKey(kid, algorithm, ECKey.import_key(wanted))
        rsa = RSAKey.import_key(wanted)
        bits = rsa.private_key.key_size if rsa.private_key else 0
    except (JoseError, ValueError, TypeError, KeyError):
        raise SigningKeyError("the private key cannot be read") from None
    if bits < _SHORTEST_RSA_BITS:
        raise SigningKeyError(f"the private key has less than {_SHORTEST_RSA_BITS} bits")
    return SigningKey(kid, algorithm, rsa)
