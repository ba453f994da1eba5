"""A client's JWK Set: public keys for signatures, by kid, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.util import base64_to_int

from cds_service.security.strict_json import StrictJsonError, parse_strict_object

__all__ = ["KeySetError", "PublicKey", "parse_key_set", "read_key_set"]

PublicKey = ECKey | RSAKey

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES = ("P-256", "P-384", "P-521")
_MAX_KEYS = 100
_MAX_KID_CHARACTERS = 256
# Below 2048 bits: NIST SP 800-131A rev. 2; above 8192 only the work of a check grows.
_RSA_BITS = range(2048, 8193)


class KeySetError(ValueError):
    """A key set that is not accepted as a whole; the message says why in words."""


def parse_key_set(text: bytes) -> dict[str, PublicKey]:
    """Return the keys by kid of a JWK Set as it was sent, or raise `KeySetError`."""
    try:
        return read_key_set(parse_strict_object(text))
    except StrictJsonError as refused:
        reason = refused.code.replace("_", " ")
        raise KeySetError(f"the key set cannot be read: {reason}") from None


def read_key_set(key_set: object) -> dict[str, PublicKey]:
    """Return the keys by kid; a private member, a missing or repeated kid refuses the whole set.

    A key of another kind or purpose is passed over (RFC 7517 section 5). Private-key-free is checked on
    all of them: who publishes a private key has lost it.
    """
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    if not isinstance(keys, list) or not keys:
        raise KeySetError("the key set has no list of keys")
    if len(keys) > _MAX_KEYS:
        raise KeySetError(f"the key set has more than {_MAX_KEYS} keys")
    accepted: dict[str, PublicKey] = {}
    for number, jwk in enumerate(keys, start=1):
        if not isinstance(jwk, Mapping):
            raise KeySetError(f"key {number} is not an object")
        if _PRIVATE_MEMBERS & jwk.keys():
            raise KeySetError(f"key {number} holds private key material")
        if not _is_for_signatures(jwk):
            continue
        kid = jwk.get("kid")
        if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID_CHARACTERS:
            raise KeySetError(f"key {number} has no kid")
        if kid in accepted:
            raise KeySetError(f"key {number} repeats the kid of another key")
        accepted[kid] = _import(jwk, number)
    if not accepted:
        raise KeySetError("the key set has no EC or RSA key for signatures")
    return accepted


def _is_for_signatures(jwk: Mapping[str, Any]) -> bool:
    operations = jwk.get("key_ops", ["verify"])
    return (
        (jwk.get("kty") == "RSA" or (jwk.get("kty") == "EC" and jwk.get("crv") in _CURVES))
        and jwk.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
    )


def _import(jwk: Mapping[str, Any], number: int) -> PublicKey:
    is_rsa = jwk["kty"] == "RSA"
    # Only the members that make the key: others (x5u, x5c) must not be looked at.
    members = ("kty", "n", "e") if is_rsa else ("kty", "crv", "x", "y")
    wanted = {name: jwk[name] for name in (*members, "kid", "alg") if name in jwk}
    try:
        # joserfc only warns of a short RSA key, and takes a long one whatever its check costs.
        if is_rsa and base64_to_int(wanted["n"]).bit_length() not in _RSA_BITS:
            raise KeySetError(
                f"key {number} is an RSA key of less than 2048 or more than 8192 bits"
            )
        return RSAKey.import_key(wanted) if is_rsa else ECKey.import_key(wanted)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, KeySetError):
            raise
        raise KeySetError(f"key {number} cannot be read") from None
