"""Who is let in, and the attacks that are not: the JWT matrix, case by case."""

from __future__ import annotations

import json
import logging
import traceback

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from cds_service.security.client_token import ClientRefusedError, read_client_token
from cds_service.security.key_set import read_key_set
from cds_service.security.replay import ReplayKey
from cds_service.security.trust import ReplayPolicy

ISS = "https://ehr.hospital.example"
JKU = "https://ehr.hospital.example/jwks.json"
BASE_URL = "https://cds.hospital.example/liver"
ENDPOINT = f"{BASE_URL}/cds-services/resection-risk-order-sign"
NOW = 1_790_000_000


def refusal(service, token, **call):
    """Return the code of a refusal, after checking that nothing of the token is in the exception."""
    with pytest.raises(ClientRefusedError) as caught:
        service.call(token, **call)
    error = caught.value
    said = "".join(traceback.format_exception(error)) + repr(vars(error))
    while error is not None:
        said += str(error) + repr(error.args)
        error = error.__cause__ or error.__context__
    assert "CANARY" not in said
    assert not token or token not in said
    return caught.value.code


# --- let in -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("algorithm", "kid"), [("ES384", "ec-1"), ("RS384", "rsa-1")])
def test_recommended_algorithms_are_let_in(ehr, make_service, algorithm, kid):
    """O87, O88, O94, S2.2: a well-made token in ES384 or RS384 proves issuer, tenant and jti."""
    token = ehr.sign(ehr.header(alg=algorithm, kid=kid), ehr.claims(tenant="north"))
    client = make_service(tenants=frozenset({"north", "south"})).call(token)
    assert (client.issuer.iss, client.tenant, client.jti) == (ISS, "north", "CANARY-4d1f-jti")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES256", ECKey.generate_key("P-256", {"kid": "k"})),
        ("ES512", ECKey.generate_key("P-521", {"kid": "k"})),
        ("RS256", None),
        ("RS512", None),
        ("PS256", None),
        ("PS384", None),
        ("PS512", None),
    ],
)
def test_further_algorithms_only_where_configured(ehr, make_service, algorithm, key):
    """O94: another asymmetric algorithm is refused by default and accepted where it is configured."""
    if key is None:
        key = RSAKey.import_key(ehr.rsa.as_dict(private=True) | {"kid": "k"})
    keys = read_key_set({"keys": [key.as_dict(private=False)]})
    token = ehr.sign(ehr.header(alg=algorithm, kid="k"), ehr.claims(), key)
    assert refusal(make_service(keys=keys), token) == "algorithm_not_allowed"
    client = make_service(keys=keys, algorithms=(algorithm,)).call(token)
    assert client.issuer.iss == ISS


@pytest.mark.parametrize(
    "path",
    ["/cds-services", "/cds-services/after-resection-patient-view/feedback"],
)
def test_audience_is_the_endpoint_called(ehr, make_service, path):
    """O86, O89, N82: discovery and feedback are authenticated with their own URL as audience."""
    assert make_service().call(ehr.token(aud=BASE_URL + path), path=path).issuer.iss == ISS
    assert refusal(make_service(), ehr.token(aud=ENDPOINT), path=path) == "audience"


def test_audience_may_be_a_list(ehr, make_service):
    """O88: a list of audiences counts if this endpoint is in it."""
    token = ehr.token(aud=["https://other.example", ENDPOINT])
    assert make_service().call(token).issuer.iss == ISS


def test_clock_skew_is_tolerated_within_the_leeway(ehr, make_service):
    """O88, S2.2: an iat rounded up and an exp just past are accepted within the configured leeway."""
    rounded_up = ehr.token(iat=NOW + 9, exp=NOW + 309, jti="a")
    just_past = ehr.token(iat=NOW - 300, exp=NOW - 9, jti="b")
    fractional = ehr.token(iat=NOW + 0.5, exp=NOW + 300.5, jti="c")
    service = make_service(leeway_seconds=10)
    assert [service.call(token).jti for token in (rounded_up, just_past, fractional)] == list("abc")


def test_longest_lifetime_is_one_hour_by_default(ehr, make_service):
    """O95: exp - iat of exactly an hour is accepted, a second more is not."""
    assert make_service().call(ehr.token(exp=NOW + 3600)).jti
    assert refusal(make_service(), ehr.token(exp=NOW + 3601)) == "lifetime"


def test_listed_jku_is_accepted_with_fixed_keys(ehr, make_service):
    """O87, O91: with fixed keys, the one jku the file accepts in the header is not fetched."""
    token = ehr.sign(ehr.header(jku=JKU), ehr.claims())
    assert make_service(accepted_jku=JKU).call(token).issuer.iss == ISS


def test_scheme_is_read_in_any_case(ehr, make_service):
    """O86: `bearer` is the same scheme as `Bearer` (RFC 9110 section 11.1)."""
    verifier = make_service().verifier
    path = "/cds-services/resection-risk-order-sign"
    client = verifier.verify(f"bearer {ehr.token()}", path=path, read_body=bytes)
    assert client.issuer.iss == ISS


# --- the attack matrix: header ------------------------------------------------------------------


def test_alg_none_is_refused(ehr, make_service):
    """O92, X-tokens: a token without signature is refused, in every spelling of none."""
    for spelling in ("none", "None", "NONE", "nOnE"):
        token = ehr.sign(ehr.header(alg=spelling), ehr.claims(), algorithm="none")
        # An empty signature is no well-formed token for us; with one, the algorithm decides.
        assert refusal(make_service(), token) == "not_a_bearer_token"
        assert refusal(make_service(), f"{token}AAAA") == "header_alg"


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_symmetric_algorithm_with_the_public_key_is_refused(ehr, make_service, algorithm):
    """O93, X-tokens: HS* with the client's public key as the secret, in PEM or as JWK, is refused."""
    pem = ehr.rsa.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = json.dumps(ehr.rsa.as_dict(private=False)).encode()
    for known_to_all in (pem, jwk):
        # An attacker's library does not warn that a secret looks like a public key.
        secret = OctKey(known_to_all, known_to_all)
        token = ehr.sign(ehr.header(alg=algorithm, kid="rsa-1"), ehr.claims(), secret)
        assert refusal(make_service(), token) == "header_alg"


@pytest.mark.parametrize(
    ("signed_with", "stated", "kid"),
    [("RS384", "ES384", "ec-1"), ("RS384", "ES384", "rsa-1"), ("ES384", "RS384", "ec-1")],
)
def test_algorithm_confusion_is_refused(ehr, make_service, signed_with, stated, kid):
    """O87, O94: a key of another type than the stated algorithm needs proves nothing."""
    token = ehr.sign(ehr.header(alg=stated, kid=kid), ehr.claims(), algorithm=signed_with)
    assert refusal(make_service(), token) == "signature"


def test_curve_must_be_the_algorithm_s(ehr, make_service):
    """O94: ES384 with a key on P-256 is refused."""
    key = ECKey.generate_key("P-256", {"kid": "k"})
    keys = read_key_set({"keys": [key.as_dict(private=False)]})
    token = ehr.sign(ehr.header(kid="k"), ehr.claims(), key, algorithm="ES256")
    assert refusal(make_service(keys=keys), token) == "signature"


def test_key_bound_to_another_algorithm_is_refused(ehr, make_service):
    """O94: a key whose `alg` says RS384 does not verify PS384."""
    jwk = ehr.rsa.as_dict(private=False) | {"alg": "RS384"}
    token = ehr.sign(ehr.header(alg="PS384", kid="rsa-1"), ehr.claims(), ehr.rsa)
    service = make_service(keys=read_key_set({"keys": [jwk]}), algorithms=("PS384",))
    assert refusal(service, token) == "signature"


@pytest.mark.parametrize("typ", [None, "jwt", "at+jwt", "JOSE", 1])
def test_typ_must_be_jwt(ehr, make_service, typ):
    """O87: `typ` is required and is JWT."""
    assert refusal(make_service(), ehr.sign(ehr.header(typ=typ), ehr.claims())) == "header_typ"


@pytest.mark.parametrize("kid", [None, "", 7, "k" * 257])
def test_kid_is_required(ehr, make_service, kid):
    """O87: `kid` is a text of sensible length."""
    assert refusal(make_service(), ehr.sign(ehr.header(kid=kid), ehr.claims())) == "header_kid"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("jwk", {"kty": "EC"}),
        ("x5u", "https://evil.example/cert.pem"),
        ("x5c", ["AAAA"]),
        ("crit", ["exp"]),
        ("b64", False),
        ("zip", "DEF"),
        ("enc", "A256GCM"),
    ],
)
def test_headers_that_bring_keys_or_change_meaning_are_refused(ehr, make_service, name, value):
    """O91: no key comes with the token, and no extension changes how it is read."""
    token = ehr.sign(ehr.header(**{name: value}), ehr.claims())
    assert refusal(make_service(), token) == f"header_{name}"


def test_own_key_in_the_header_is_refused(ehr, make_service):
    """O91: a token signed with the attacker's key, which it carries as `jwk`, is refused."""
    own = ECKey.generate_key("P-384", {"kid": "ec-1"})
    token = ehr.sign(ehr.header(jwk=own.as_dict(private=False)), ehr.claims(), own)
    assert refusal(make_service(), token) == "header_jwk"


@pytest.mark.parametrize(
    "jku", ["https://evil.example/jwks.json", f"{JKU}/", f"{JKU}?", "http://ehr.hospital.example"]
)
def test_jku_off_the_list_is_refused(ehr, make_service, jku):
    """O90, O91, X-tokens: a jku other than the issuer's own is refused, letter for letter, and never fetched."""
    token = ehr.sign(ehr.header(jku=jku), ehr.claims())
    assert refusal(make_service(accepted_jku=JKU), token) == "jku_not_listed"
    assert refusal(make_service(), token) == "jku_not_listed"
    assert refusal(make_service(keys={}, jku=JKU, accepted_jku=JKU), token) == "jku_not_listed"


def test_jku_that_is_no_text_is_refused(ehr, make_service):
    """O87: jku is a URL."""
    token = ehr.sign(ehr.header(jku=[JKU]), ehr.claims())
    assert refusal(make_service(accepted_jku=JKU), token) == "header_jku"


def test_unknown_kid_is_refused(ehr, make_service):
    """O87, O90, X-tokens: a kid that the issuer's key set does not have is refused."""
    assert refusal(make_service(), ehr.sign(ehr.header(kid="ec-9"), ehr.claims())) == "unknown_kid"


# --- the attack matrix: form --------------------------------------------------------------------


@pytest.mark.parametrize("authorization", [None, ""])
def test_call_without_token_is_refused(make_service, authorization):
    """O86: every call carries a token."""
    with pytest.raises(ClientRefusedError, match=r"^no_token$"):
        make_service().verifier.verify(authorization, path="/cds-services", read_body=bytes)


@pytest.mark.parametrize(
    "authorization",
    [
        "Basic QWxhZGRpbjpvcGVu",
        "Bearer",
        "Bearer a.b",
        "Bearer a.b.c.d",
        "Bearer a.b.c, Bearer a.b.c",
        "Bearer a=.b.c",
        "Bearer a.b.c\n",
        "Bearer a.b.ć",
    ],
)
def test_malformed_authorization_is_refused(make_service, authorization):
    """O86: exactly one token of three parts, nothing around it."""
    with pytest.raises(ClientRefusedError, match=r"^not_a_bearer_token$"):
        make_service().verifier.verify(authorization, path="/cds-services", read_body=bytes)


def test_oversized_token_is_refused_before_it_is_parsed(ehr, make_service):
    """O95: a token above 8 kB is refused by its size, whatever is in it."""
    assert refusal(make_service(), ehr.token(padding="x" * 9000)) == "token_too_large"
    assert refusal(make_service(), "!" * 9000) == "token_too_large"


def test_parts_that_are_not_canonical_base64url_are_refused(ehr, make_service):
    """O87: one token has one spelling: unused bits at the end of a part must be zero."""
    payload = json.dumps(ehr.claims()).encode()
    payload += b" " * (4 - len(payload) % 3)
    header, canonical, signature = ehr.sign(ehr.header(), payload).split(".")
    assert make_service().call(f"{header}.{canonical}.{signature}").issuer.iss == ISS
    assert canonical[-1] == "A"
    assert refusal(make_service(), f"{header}.{canonical[:-1]}B.{signature}") == "not_base64url"
    assert refusal(make_service(), f"A.{canonical}.{signature}") == "not_base64url"


@pytest.mark.parametrize(
    ("header", "payload", "code"),
    [
        (b'{"alg":"ES384","typ":"JWT","kid":"ec-9","kid":"ec-1"}', None, "duplicate_member"),
        (
            None,
            b'{"iss":"https://evil.example","iss":"https://ehr.hospital.example"}',
            "duplicate_member",
        ),
        (None, b'{"iss":"https://ehr.hospital.example","x":{"a":1,"a":2}}', "duplicate_member"),
        (None, b'{"iss":"a","\\u0069ss":"b"}', "duplicate_member"),
        (None, b'{"exp":NaN}', "not_json"),
        (None, b'["iss"]', "not_an_object"),
        (None, b"\xff\xfe", "not_json"),
        (None, b"[" * 3000, "not_json"),
    ],
)
def test_json_with_two_meanings_is_refused(ehr, make_service, header, payload, code):
    """O87: a member named twice (joserfc takes the last), NaN, and what is no object are refused."""
    token = ehr.sign(header or ehr.header(), payload or ehr.claims(), key=ehr.ec, algorithm="ES384")
    assert refusal(make_service(), token) == code


def test_signature_must_fit_the_content(ehr, make_service):
    """O87: content changed after signing, or signed by somebody else's key, is refused."""
    header, _, signature = ehr.token().split(".")
    other_payload = ehr.token(jti="other").split(".")[1]
    assert refusal(make_service(), f"{header}.{other_payload}.{signature}") == "signature"
    stranger = ECKey.generate_key("P-384", {"kid": "ec-1"})
    assert refusal(make_service(), ehr.sign(ehr.header(), ehr.claims(), stranger)) == "signature"
    assert refusal(make_service(), f"{header}.{other_payload}.AAAA") == "signature"
    assert refusal(make_service(), f"{header}.{other_payload}.A") == "signature"


# --- the attack matrix: claims ------------------------------------------------------------------


@pytest.mark.parametrize(
    "iss", [None, "", "https://evil.example", f"{ISS}/", ISS.upper(), [ISS], {"iss": ISS}]
)
def test_issuer_off_the_list_is_refused(ehr, make_service, iss):
    """O88, O91, X-tokens: only an iss on the list, letter for letter, is looked at any further."""
    assert refusal(make_service(), ehr.token(iss=iss)) == "issuer_not_listed"


@pytest.mark.parametrize(
    "aud",
    [
        None,
        "",
        [],
        BASE_URL,
        f"{ENDPOINT}/",
        f"{BASE_URL}/cds-services",
        "http://cds.hospital.example/liver/cds-services/resection-risk-order-sign",
        "https://internal:8000/cds-services/resection-risk-order-sign",
        ["https://other.example"],
        {ENDPOINT: True},
        7,
    ],
)
def test_audience_of_another_endpoint_is_refused(ehr, make_service, aud):
    """O89, X-tokens: aud is exactly this endpoint under the public base URL, whatever the request says."""
    assert refusal(make_service(), ehr.token(aud=aud)) == "audience"


def test_expired_token_is_refused(ehr, make_service):
    """O88, O95, X-tokens: at exp plus the leeway the token is past."""
    assert refusal(make_service(), ehr.token(iat=NOW - 300, exp=NOW - 10)) == "expired"


def test_token_from_the_future_is_refused(ehr, make_service):
    """O88: iat or nbf beyond the leeway is not yet valid."""
    assert refusal(make_service(), ehr.token(iat=NOW + 11)) == "not_yet_valid"
    assert refusal(make_service(), ehr.token(nbf=NOW + 11)) == "not_yet_valid"
    assert make_service().call(ehr.token(nbf=NOW + 10)).jti


@pytest.mark.parametrize("exp", [NOW + 3601, 10**11, NOW - 5])
def test_lifetime_has_a_ceiling(ehr, make_service, exp):
    """O95: exp far in the future, or not after iat, is refused however well it is signed."""
    assert refusal(make_service(), ehr.token(exp=exp)) == "lifetime"


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [True, "1790000000", -1, 10**12, 10**400, [], float("1e308")])
def test_times_are_sensible_numbers(ehr, make_service, name, value):
    """O88: times are epoch seconds; texts, truth values and absurd numbers are refused."""
    assert refusal(make_service(), ehr.token(**{name: value})) == "time_claims"


def test_infinite_time_is_refused(ehr, make_service):
    """O88: a number beyond a double, which JSON allows to be written, is no time."""
    payload = json.dumps(ehr.claims(exp=0)).replace('"exp": 0', '"exp": 1e999').encode()
    assert refusal(make_service(), ehr.sign(ehr.header(), payload)) == "time_claims"


@pytest.mark.parametrize("name", ["exp", "iat"])
def test_times_are_required(ehr, make_service, name):
    """O88: exp and iat are required."""
    assert refusal(make_service(), ehr.token(**{name: None})) == "time_claims"


@pytest.mark.parametrize("jti", [None, "", 5, "j" * 257])
def test_jti_is_required(ehr, make_service, jti):
    """O88: jti is a text of sensible length."""
    assert refusal(make_service(), ehr.token(jti=jti)) == "jti"


@pytest.mark.parametrize("tenant", [None, "", "east", 5, ["north"]])
def test_tenant_off_the_list_is_refused(ehr, make_service, tenant):
    """O88, O95: where tenants are listed, a token names one of them."""
    service = make_service(tenants=frozenset({"north"}))
    assert refusal(service, ehr.token(tenant=tenant)) == "tenant"


def test_tenant_is_refused_where_none_is_listed(ehr, make_service):
    """O95: an issuer without listed tenants does not get to name one."""
    assert refusal(make_service(), ehr.token(tenant="north")) == "tenant"
    unset = json.dumps(ehr.claims())[:-1] + ', "tenant": null}'
    assert make_service().call(ehr.sign(ehr.header(), unset.encode())).tenant == ""


# --- the attack matrix: replay ------------------------------------------------------------------


def test_replayed_token_is_refused(ehr, make_service):
    """O95, X-tokens: the second use of a jti is refused, for another body as well."""
    service, token = make_service(), ehr.token()
    assert service.call(token).jti == "CANARY-4d1f-jti"
    assert refusal(service, token) == "replayed"
    assert refusal(service, token, body=b'{"other": 1}') == "replayed"
    assert refusal(service, ehr.token(iat=NOW - 1)) == "replayed"
    assert service.bodies_read == 0


def test_jti_is_remembered_as_long_as_the_token_lives(ehr, make_service, clock):
    """O95: a use is kept until exp plus leeway, when the token is refused as expired anyway."""
    service, token = make_service(), ehr.token()
    service.call(token)
    clock.time = NOW + 309
    assert refusal(service, token) == "replayed"
    clock.time = NOW + 310
    assert refusal(service, token) == "expired"


def test_forged_token_does_not_use_up_a_jti(ehr, make_service):
    """O95: a jti is stored only after the signature was proven."""
    service = make_service()
    stranger = ECKey.generate_key("P-384", {"kid": "ec-1"})
    assert refusal(service, ehr.sign(ehr.header(), ehr.claims(), stranger)) == "signature"
    assert service.call(ehr.token()).jti == "CANARY-4d1f-jti"


def test_same_jti_of_another_tenant_is_another_token(ehr, make_service):
    """O88, O95: jti is unique within tenant and issuer only."""
    service = make_service(tenants=frozenset({"north", "south"}))
    assert service.call(ehr.token(tenant="north")).tenant == "north"
    assert service.call(ehr.token(tenant="south")).tenant == "south"
    assert refusal(service, ehr.token(tenant="south")) == "replayed"


def test_replay_policy_per_endpoint_and_body(ehr, make_service):
    """C1, S2.2: a kit may use one token for several bodies, but each body only once."""
    service = make_service(replay=ReplayPolicy.PER_ENDPOINT_AND_BODY)
    token = ehr.token(aud=[ENDPOINT, f"{BASE_URL}/cds-services/x"])
    assert service.call(token, body=b"1").jti
    assert service.call(token, body=b"2").jti
    assert service.call(token, body=b"2", path="/cds-services/x").jti
    assert refusal(service, token, body=b"2") == "replayed"
    assert service.bodies_read == 4


def test_replay_policy_allow_remembers_nothing(ehr, make_service):
    """C1: where replay is allowed, the same token is good until it expires."""
    service = make_service(replay=ReplayPolicy.ALLOW)
    token = ehr.token()
    assert [service.call(token).jti for _ in range(3)] == ["CANARY-4d1f-jti"] * 3
    key = ReplayKey("", ISS, "CANARY-4d1f-jti")
    assert service.replay_store.remember(key, NOW + 1) is True


# --- order and silence --------------------------------------------------------------------------


def test_checks_run_in_the_advised_order(ehr, make_service):
    """O95: issuer, audience, time, tenant, signature, jti: the first that fails is the reason."""
    wrongs = [
        ("issuer_not_listed", {"iss": "https://evil.example"}),
        ("audience", {"aud": "https://evil.example"}),
        ("expired", {"exp": NOW - 60, "iat": NOW - 120}),
        ("tenant", {"tenant": "east"}),
    ]
    stranger = ECKey.generate_key("P-384", {"kid": "ec-1"})
    service = make_service()
    service.call(ehr.token())
    while wrongs:
        claims = {name: value for _, wrong in wrongs for name, value in wrong.items()}
        token = ehr.sign(ehr.header(), ehr.claims(**claims), stranger)
        assert refusal(service, token) == wrongs[0][0]
        wrongs.pop(0)
    assert refusal(service, ehr.sign(ehr.header(), ehr.claims(), stranger)) == "signature"
    assert refusal(service, ehr.token()) == "replayed"


def test_nothing_of_a_token_reaches_a_log(ehr, make_service, caplog):
    """O95: the token is never logged, at any level, whether accepted or refused."""
    with caplog.at_level(logging.DEBUG):
        service = make_service()
        service.call(ehr.token())
        refusal(service, ehr.token())
        refusal(service, ehr.sign(ehr.header(kid="CANARY-kid"), ehr.claims()))
    assert "CANARY" not in caplog.text


def test_repr_of_a_token_hides_it(ehr):
    """O95: a token that ends up in a debugger or an error report does not show itself."""
    assert "CANARY" not in repr(read_client_token(f"Bearer {ehr.token()}"))


@given(
    text=st.text(max_size=80)
    | st.lists(st.text("eyJhbGciOiJub25lIn0=-_.", max_size=40), min_size=3, max_size=3).map(
        ".".join
    )
)
def test_any_text_is_a_token_or_refused(text):
    """O95: no Authorization header crashes the service."""
    with pytest.raises(ClientRefusedError):
        read_client_token(f"Bearer {text}")
