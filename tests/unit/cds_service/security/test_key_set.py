"""Which key sets are accepted."""

from __future__ import annotations

import json

import pytest
from joserfc.jwk import ECKey, OKPKey

from cds_service.security.key_set import KeySetError, parse_key_set, read_key_set

EC = ECKey.generate_key("P-384", {"kid": "a"}).as_dict(private=False)


def test_keys_are_found_by_kid(ehr):
    """O90: EC and RSA keys for signatures are taken, each under its kid."""
    keys = parse_key_set(json.dumps(ehr.key_set()).encode())
    assert {kid: key.key_type for kid, key in keys.items()} == {"ec-1": "EC", "rsa-1": "RSA"}
    assert not any(key.is_private for key in keys.values())


def test_keys_of_another_kind_or_purpose_are_passed_over():
    """O90: a key set may hold keys for other purposes beside ours (RFC 7517 section 5)."""
    others = [
        OKPKey.generate_key("Ed25519", {"kid": "o"}).as_dict(private=False),
        EC | {"kid": "b", "use": "enc"},
        EC | {"kid": "c", "key_ops": ["encrypt"]},
        EC | {"kid": "d", "key_ops": "verify"},
        EC | {"kid": "e", "crv": "secp256k1"},
        {"kty": "ML-DSA", "kid": "f"},
    ]
    assert list(read_key_set({"keys": [*others, EC | {"key_ops": ["verify"], "use": "sig"}]})) == [
        "a"
    ]
    with pytest.raises(KeySetError, match=r"^the key set has no EC or RSA key for signatures$"):
        read_key_set({"keys": others})


@pytest.mark.parametrize("name", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_private_members_refuse_the_whole_set(name):
    """O90: a published private key proves nothing, so no key of that set is used."""
    keys = {"keys": [EC, {"kty": "EC", "kid": "b", name: "AAAA"}]}
    with pytest.raises(KeySetError, match=r"^key 2 holds private key material$"):
        read_key_set(keys)


@pytest.mark.parametrize(
    ("key_set", "message"),
    [
        (None, "the key set has no list of keys"),
        ([], "the key set has no list of keys"),
        ({"keys": {}}, "the key set has no list of keys"),
        ({"keys": []}, "the key set has no list of keys"),
        ({"keys": [EC] * 101}, "the key set has more than 100 keys"),
        ({"keys": ["x"]}, "key 1 is not an object"),
        ({"keys": [{**EC, "kid": None}]}, "key 1 has no kid"),
        ({"keys": [{**EC, "kid": "k" * 257}]}, "key 1 has no kid"),
        ({"keys": [EC, EC]}, "key 2 repeats the kid of another key"),
        ({"keys": [{**EC, "x": "AAAA"}]}, "key 1 cannot be read"),
        ({"keys": [{**EC, "x": 5}]}, "key 1 cannot be read"),
        ({"keys": [{"kty": "RSA", "kid": "r", "e": "AQAB"}]}, "key 1 cannot be read"),
        (
            {"keys": [{"kty": "RSA", "kid": "r", "e": "AQAB", "n": "_" * 340}]},
            "key 1 is an RSA key of less than 2048 or more than 8192 bits",
        ),
        (
            {"keys": [{"kty": "RSA", "kid": "r", "e": "AQAB", "n": "_" * 1368}]},
            "key 1 is an RSA key of less than 2048 or more than 8192 bits",
        ),
    ],
)
def test_unusable_sets_are_refused_in_words(key_set, message):
    """O90: kid is unique in the set, keys are readable and of a sensible size."""
    with pytest.raises(KeySetError) as caught:
        read_key_set(key_set)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"<html>", "the key set cannot be read: not json"),
        (b"[]", "the key set cannot be read: not an object"),
        (b'{"keys": [], "keys": []}', "the key set cannot be read: duplicate member"),
    ],
)
def test_texts_with_two_meanings_are_refused(text, message):
    """O90: a key set is JSON with one meaning."""
    with pytest.raises(KeySetError) as caught:
        parse_key_set(text)
    assert str(caught.value) == message
