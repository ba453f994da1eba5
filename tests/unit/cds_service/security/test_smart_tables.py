"""The tables [issuer.smart]: where the app may be opened from, and every problem of them in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from cds_service.errors import ConfigurationError
from cds_service.fhir_base import FhirBase
from cds_service.origin import Origin
from cds_service.security.signing_key import SigningKeyError, parse_signing_key
from cds_service.security.trust import Trust
from cds_service.security.trust_file import load_trust

BASE = "https://fhir.hospital.example/r4"
ISSUER = f"""
[[issuer]]
iss = "https://ehr.hospital.example"
fhir_base_urls = ["{BASE}"]
keys.jku = "https://keys.hospital.example/jwks.json"
"""
TENANTS = ISSUER.replace("keys.jku", 'tenants = ["north", "south"]\nkeys.jku')


def _load(folder: Path, text: str) -> Trust:
    path = folder / "trust.toml"
    path.write_text(text)
    return load_trust(path)


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        _load(folder, text)
    return [problem.removeprefix(f"{folder / 'trust.toml'}: ") for problem in caught.value.problems]


def _private_key(**more: str) -> dict[str, object]:
    made = ECKey.generate_key("P-384", {"kid": "app-1"}, private=True)
    return {**made.as_dict(private=True), **more}


def test_without_the_table_the_app_is_registered_nowhere(tmp_path: Path) -> None:
    """An issuer that only calls hooks opens no app."""
    assert _load(tmp_path, ISSUER).smart_clients == ()


def test_registration_takes_the_servers_of_its_issuer(tmp_path: Path) -> None:
    """Without servers of its own the app opens from those of the issuer, for the issuer's tenant."""
    trust = _load(tmp_path, ISSUER + '[issuer.smart]\nclient_id = "hcc-cds"\n')
    (client,) = trust.smart_clients
    assert client.client_id == "hcc-cds"
    assert client.fhir_bases == (FhirBase.parse(BASE),)
    assert client.tenant == "https://ehr.hospital.example"
    assert client.signing_key is None


def test_authorization_origins_may_be_called_and_nothing_beside_them(tmp_path: Path) -> None:
    """The guarded session gets exactly the listed origins on top of its own."""
    table = '[issuer.smart]\nclient_id = "a"\nauthorization_origins = ["https://login.example"]\n'
    trust = _load(tmp_path, ISSUER + table)
    (client,) = trust.smart_clients
    login = Origin("https", "login.example", 443)
    assert trust.origins - _load(tmp_path, ISSUER).origins == {login}
    assert client.allows(login)
    assert client.allows(FhirBase.parse(BASE).origin)
    assert not client.allows(Origin("https", "keys.hospital.example", 443))


def test_several_tenants_have_a_table_each(tmp_path: Path) -> None:
    """What is decided in the app is stored under the name of the tenant's CDS calls."""
    two = TENANTS.replace(f'"{BASE}"', f'"{BASE}/north", "{BASE}/south"') + "".join(
        f'[[issuer.smart]]\nclient_id = "a"\ntenant = "{name}"\nfhir_base_urls = ["{BASE}/{name}"]\n'
        for name in ("north", "south")
    )
    tenants = [client.tenant for client in _load(tmp_path, two).smart_clients]
    assert tenants == ["https://ehr.hospital.example north", "https://ehr.hospital.example south"]


@pytest.mark.parametrize(
    ("issuer", "table", "problem"),
    [
        (ISSUER, "", ": smart: client_id must be a text"),
        (
            ISSUER,
            'client_id = "a"\nclient = 1',
            ": smart: client is not known; is client_id meant?",
        ),
        (ISSUER, 'client_id = "a"\ntenant = "north"', ": smart: tenant must be left out"),
        (TENANTS, 'client_id = "a"', ": smart: tenant must be one of north, south"),
        (
            TENANTS,
            'client_id = "a"\ntenant = "west"',
            ": smart: tenant must be one of north, south",
        ),
        (
            ISSUER,
            'client_id = "a"\nfhir_base_urls = ["https://other.example/r4"]',
            ": smart: FHIR base URL 1 is not one of the issuer's fhir_base_urls",
        ),
        (
            ISSUER.replace(f'fhir_base_urls = ["{BASE}"]\n', ""),
            'client_id = "a"',
            ": smart: the issuer has no fhir_base_urls to open the app from",
        ),
        (
            ISSUER,
            'client_id = "a"\nfhir_base_urls = []',
            ": smart: fhir_base_urls lists no server to open the app from",
        ),
        (
            ISSUER,
            'client_id = "a"\nauthorization_origins = ["http://login.example"]',
            ": smart: authorization origin 1 must start with https:// (login.example is not a sandbox)",
        ),
        (
            ISSUER,
            'client_id = "a"\nauthorization_origins = ["https://login.example/oauth"]',
            ": smart: authorization origin 1 must be an origin, without a path",
        ),
        (
            ISSUER,
            'client_id = "a"\nauthorization_origins = ["login"]',
            ": smart: authorization origin 1 cannot be used: it does not start with https:// or http://",
        ),
        (
            ISSUER,
            'client_id = "a"\nprivate_key_file = "nothing.json"',
            ": smart: the private key file cannot be read (No such file or directory)",
        ),
        (
            ISSUER,
            'client_id = "a"\nprivate_key_file = "trust.toml"',
            ": smart: the private key file is not one JWK in JSON",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(
    tmp_path: Path, issuer: str, table: str, problem: str
) -> None:
    """Each slip in the table is named, with the issuer it stands under."""
    found = _problems(tmp_path, f"{issuer}[issuer.smart]\n{table}\n")
    assert f"issuer 1 (https://ehr.hospital.example){problem}" in found


def test_smart_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """A value in place of the table is named."""
    found = _problems(tmp_path, ISSUER.replace("keys.jku", 'smart = "yes"\nkeys.jku'))
    assert found == [
        "issuer 1 (https://ehr.hospital.example): write smart as a table [issuer.smart]"
    ]


def test_two_registrations_for_one_server_are_refused(tmp_path: Path) -> None:
    """A launch names its server and nothing else, so only one registration may have it."""
    twice = ISSUER + '[[issuer.smart]]\nclient_id = "a"\n[[issuer.smart]]\nclient_id = "b"\n'
    assert _problems(tmp_path, twice) == [f"smart: {BASE} stands in more than one table"]


def test_signing_key_is_read_and_states_who_we_are(tmp_path: Path) -> None:
    """A client with a key proves itself by a short-lived statement for one token endpoint."""
    (tmp_path / "app-key.json").write_text(json.dumps(_private_key()))
    table = '[issuer.smart]\nclient_id = "hcc-cds"\nprivate_key_file = "app-key.json"\n'
    (client,) = _load(tmp_path, ISSUER + table).smart_clients
    assert client.signing_key is not None
    statement = client.signing_key.assert_client(
        "hcc-cds", "https://login.example/token", jti="once", now=1_000.5
    )
    read = jwt.decode(statement, client.signing_key.key, algorithms=["ES384"])
    assert read.header == {"alg": "ES384", "kid": "app-1", "typ": "JWT"}
    assert read.claims == {
        "iss": "hcc-cds",
        "sub": "hcc-cds",
        "aud": "https://login.example/token",
        "jti": "once",
        "iat": 1000,
        "exp": 1240,
    }


def test_rsa_key_signs_with_rs384() -> None:
    """The other algorithm that every SMART server supports."""
    made = RSAKey.generate_key(2048, {"kid": "app-2"}, private=True)
    key = parse_signing_key(json.dumps(made.as_dict(private=True)).encode())
    assert (key.kid, key.algorithm) == ("app-2", "RS384")


@pytest.mark.parametrize(
    ("jwk", "problem"),
    [
        ([], "the private key file is not one JWK in JSON"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "must be of kty EC with crv P-384, or of kty RSA"),
        (_private_key(crv="P-256"), "must be of kty EC with crv P-384, or of kty RSA"),
        (_private_key(kid=""), "the private key has no kid"),
        (_private_key(d="?"), "the private key cannot be read"),
        ({**_private_key(), "x": None}, "the private key cannot be read"),
        (
            {name: value for name, value in _private_key().items() if name != "d"},
            "the private key file holds a public key only",
        ),
    ],
)
def test_unusable_key_is_refused(jwk: object, problem: str) -> None:
    """A key that could not sign is refused at the start, not at the first launch."""
    with pytest.raises(SigningKeyError, match=problem):
        parse_signing_key(json.dumps(jwk).encode())


def test_short_rsa_key_is_refused() -> None:
    """Below 2048 bits nobody would accept the statement, and nobody should."""
    with pytest.warns(UserWarning, match="2048"):
        made = RSAKey.generate_key(1024, {"kid": "weak"}, private=True)
    with (
        pytest.warns(UserWarning, match="2048"),
        pytest.raises(SigningKeyError, match="less than 2048 bits"),
    ):
        parse_signing_key(json.dumps(made.as_dict(private=True)).encode())


def test_key_is_in_no_repr() -> None:
    """Printing a registration shows no private key."""
    key = parse_signing_key(json.dumps(_private_key()).encode())
    assert "ECKey" not in repr(key)
