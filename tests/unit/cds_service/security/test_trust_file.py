"""The trust file: what it states, and every problem of it in words."""

from __future__ import annotations

import json

import pytest

from cds_service.errors import ConfigurationError
from cds_service.fhir_base import FhirBase
from cds_service.origin import Origin
from cds_service.security import trust as trust_module
from cds_service.security.trust import MutualTls, ReplayPolicy
from cds_service.security.trust_file import load_trust

GOOD = """
[sandbox]
hosts = ["localhost"]

[[issuer]]
iss = "https://ehr.hospital.example"
tenants = ["north", "south"]
fhir_base_urls = ["https://fhir.hospital.example/r4/", "http://localhost:8080/fhir"]
algorithms = ["ES384", "PS256"]
replay = "per-endpoint-and-body"
max_lifetime_seconds = 600
leeway_seconds = 5
keys.jku = "https://keys.hospital.example/jwks.json"

[[issuer]]
iss = "https://other.example"
keys.file = "other.json"
keys.header_jku = "https://other.example/jwks.json"
"""


@pytest.fixture
def load(tmp_path, ehr):
    """Return a loader of a trust file's text, beside a key file."""
    (tmp_path / "other.json").write_text(json.dumps(ehr.key_set()))

    def load_text(text: str, *, demo: bool = False):
        path = tmp_path / "trust.toml"
        path.write_text(text)
        return load_trust(path, demo=demo)

    return load_text


@pytest.fixture
def problems(load, tmp_path):
    """Return the problems of a trust file's text, without the path before each."""

    def find(text: str) -> list[str]:
        with pytest.raises(ConfigurationError) as caught:
            load(text)
        prefix = f"{tmp_path / 'trust.toml'}: "
        assert all(problem.startswith(prefix) for problem in caught.value.problems)
        return [problem.removeprefix(prefix) for problem in caught.value.problems]

    return find


def test_issuer_is_bound_to_its_own(load):
    """O91, O94, O95: an issuer has its tenants, algorithms, replay policy, keys and FHIR bases."""
    issuer = load(GOOD).find_issuer("https://ehr.hospital.example")
    assert issuer.tenants == {"north", "south"}
    assert issuer.algorithms == ("ES384", "PS256")
    assert issuer.replay is ReplayPolicy.PER_ENDPOINT_AND_BODY
    assert (issuer.max_lifetime_seconds, issuer.leeway_seconds) == (600, 5)
    assert issuer.jku == issuer.accepted_jku == "https://keys.hospital.example/jwks.json"
    assert issuer.find_base("https://fhir.hospital.example/r4") == FhirBase(
        Origin("https", "fhir.hospital.example", 443), "/r4"
    )
    assert issuer.find_base("https://other.example/r4") is None


def test_defaults_are_the_strict_ones(load):
    """O94, O95: ES384 and RS384, replay refused, an hour at most, no tenant, no FHIR server."""
    issuer = load(GOOD).find_issuer("https://other.example")
    assert issuer.algorithms == ("ES384", "RS384")
    assert issuer.replay is ReplayPolicy.REFUSE
    assert (issuer.max_lifetime_seconds, issuer.leeway_seconds) == (3600, 10)
    assert (issuer.tenants, issuer.fhir_bases) == (frozenset(), ())
    assert sorted(issuer.keys) == ["ec-1", "rsa-1"]
    assert (issuer.jku, issuer.accepted_jku) == ("", "https://other.example/jwks.json")


def test_outgoing_calls_are_limited_to_what_the_file_lists(load):
    """F44, O91: the origins of FHIR bases and fetched key sets, and no other."""
    trust = load(GOOD)
    assert {str(origin) for origin in trust.origins} == {
        "https://fhir.hospital.example",
        "http://localhost:8080",
        "https://keys.hospital.example",
    }
    assert trust.sandbox_hosts == {"localhost"}
    assert trust.mutual_tls is None


def test_inline_keys_are_read(load, ehr):
    """O90: keys given out of band may stand in the file itself."""
    inline = ", ".join(
        "{" + ", ".join(f'{name} = "{value}"' for name, value in key.items()) + "}"
        for key in ehr.key_set()["keys"]
    )
    trust = load(f'[[issuer]]\niss = "https://e.example"\nkeys.inline.keys = [{inline}]\n')
    assert sorted(trust.issuers[0].keys) == ["ec-1", "rsa-1"]


def test_mutual_tls_is_read(load):
    """O84: mutual TLS is on only where the file has its table."""
    text = GOOD
    for name, first_line in (("ehr", "keys.jku"), ("other", "keys.file")):
        text = text.replace(first_line, f'client_certificates = ["CN={name}"]\n{first_line}')
    trust = load(
        text
        + """
[mutual_tls]
proxy_peers = ["10.0.0.5", "10.1.0.0/24"]
verified_header = "X-Client-Verify"
verified_value = "SUCCESS"
certificate_header = "X-Client-Subject"
"""
    )
    assert trust.mutual_tls == MutualTls(
        proxy_peers=("10.0.0.5", "10.1.0.0/24"),
        verified_header="X-Client-Verify",
        verified_value="SUCCESS",
        certificate_header="X-Client-Subject",
    )
    assert trust.issuers[0].client_certificates == {"CN=ehr"}


def test_every_problem_is_told_at_once(problems):
    """O91: whoever repairs the file sees all that is wrong, with the name of the place."""
    text = """
sandbx = 1
mutual_tls.proxy_peers = ["nobody"]
[sandbox]
host = ["localhost"]
[[issuer]]
iss = 5
algorithm = ["ES384"]
algorithms = ["none", "HS256"]
replay = "never"
max_lifetime_seconds = 90000
leeway_seconds = true
tenants = "north"
fhir_base_urls = ["http://fhir.example/r4", "https://10.0.0.1/r4", "https://a@b.example", "ftp://x"]
client_certificates = [""]
keys.jku = "http://keys.example/"
keys.header_jku = "https://keys.example/"
[[issuer]]
iss = "https://two.example"
keys.jku = "https://keys.example/jwks.json"
[[issuer]]
iss = "https://two.example"
keys.jku = "https://keys.example/jwks.json"
[[issuer]]
iss = "https://four.example"
keys.file = "missing.json"
[[issuer]]
iss = "https://five.example"
keys.inline.keys = []
keys.header_jku = "https://[::1]/"
[[issuer]]
iss = "https://six.example"
keys = "x"
"""
    algorithms = "ES384, RS384, ES256, ES512, RS256, RS512, PS256, PS384, PS512"
    assert problems(text) == [
        "the file: sandbx is not known; is sandbox meant?",
        "[sandbox]: host is not known; is hosts meant?",
        '[mutual_tls]: "nobody" is not an address or a network',
        "[mutual_tls]: verified_header must be a text",
        "[mutual_tls]: verified_value must be a text",
        "[mutual_tls]: certificate_header must be a text",
        "issuer 1: iss must be a text",
        "issuer 1: algorithm is not known; is algorithms meant?",
        f'issuer 1: algorithm "HS256" is not accepted; choose from {algorithms}',
        f'issuer 1: algorithm "none" is not accepted; choose from {algorithms}',
        "issuer 1: keys: jku must start with https:// (keys.example is not a sandbox)",
        "issuer 1: header_jku goes with file or inline keys only",
        "issuer 1: FHIR base URL 1 must start with https:// (fhir.example is not a sandbox)",
        "issuer 1: FHIR base URL 2 must name its host (10.0.0.1 is not a sandbox)",
        "issuer 1: FHIR base URL 3 cannot be used: it carries a user name or password",
        "issuer 1: FHIR base URL 4 cannot be used: it does not start with https:// or http://",
        "issuer 1: tenants must be a list of texts",
        "issuer 1: replay must be one of refuse, per-endpoint-and-body, allow",
        "issuer 1: max_lifetime_seconds must be a whole number from 1 to 86400",
        "issuer 1: leeway_seconds must be a whole number from 0 to 120",
        "issuer 1: client_certificates must be a list of texts",
        "issuer 4 (https://four.example): the key file cannot be read (No such file or directory)",
        "issuer 5 (https://five.example): keys: header_jku cannot be used: its host is an IPv6 address",
        "issuer 5 (https://five.example): the key set has no list of keys",
        "issuer 6 (https://six.example): keys must be a table",
        "issuer 6 (https://six.example): keys must have exactly one of jku, file, inline",
        "issuer 1 (): client_certificates is needed with [mutual_tls]",
        "issuer 2 (https://two.example): client_certificates is needed with [mutual_tls]",
        "issuer 3 (https://two.example): this iss is listed twice",
        "issuer 3 (https://two.example): its jku is that of another issuer",
        "issuer 3 (https://two.example): client_certificates is needed with [mutual_tls]",
        "issuer 4 (https://four.example): client_certificates is needed with [mutual_tls]",
        "issuer 5 (https://five.example): client_certificates is needed with [mutual_tls]",
        "issuer 6 (https://six.example): client_certificates is needed with [mutual_tls]",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no [[issuer]] is listed, so nobody could call the service"),
        ("issuer = 1", "write each issuer as a table [[issuer]]"),
        ('issuer = ["x"]', "write each issuer as a table [[issuer]]"),
        (
            GOOD + "[mutual_tls]\nproxy_peers = []\nverified_header = 'a'\nverified_value = 'b'\n"
            "certificate_header = 'c'\n",
            "[mutual_tls]: proxy_peers lists nobody, so nobody could call",
        ),
        (
            GOOD + 'client_certificates = ["CN=x"]\n',
            "issuer 2 (https://other.example): client_certificates does nothing without [mutual_tls]",
        ),
        (
            GOOD.replace('jku = "https://keys.hospital.example/jwks.json"', 'jku = ""', 1),
            "issuer 1 (https://ehr.hospital.example): keys: jku must be a text",
        ),
    ],
)
def test_single_problems(problems, text, expected):
    """O91: an empty or half-finished file says what is missing."""
    assert expected in problems(text)


def test_issuer_whose_private_key_is_public_is_for_the_demo_only(load, problems):
    """O91, S2.2: anybody can sign as the reference sandbox, so outside the demo it is refused."""
    text = GOOD.replace(
        'https://other.example"\nkeys.file', 'https://sandbox.cds-hooks.org"\nkeys.file'
    )
    assert problems(text) == [
        (
            "issuer 2 (https://sandbox.cds-hooks.org): its private key is public, so anybody could"
            " call in its name; it is accepted in the demo only"
        )
    ]
    assert load(text, demo=True).find_issuer("https://sandbox.cds-hooks.org") is not None


def test_file_that_is_no_toml(load, tmp_path):
    """A file that cannot be parsed or opened is named, with the line where parsing stopped."""
    with pytest.raises(ConfigurationError, match=r"trust\.toml: is not TOML: .*line 1"):
        load("= 1")
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot be read \(No such file"):
        load_trust(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'a = "\xff"')
    with pytest.raises(ConfigurationError, match=r"latin\.toml: is not TOML"):
        load_trust(tmp_path / "latin.toml")


def test_example_in_the_documentation_can_be_used(load):
    """O91: the example at the top of trust.py is a trust file."""
    example = (trust_module.__doc__ or "").split("\n\n    ", 1)[1].rpartition("\n\n`trust_file")[0]
    trust = load("\n".join(line.strip() for line in f"    {example}".splitlines()))
    assert [issuer.iss for issuer in trust.issuers] == ["https://ehr.hospital.example"]
    assert {str(origin) for origin in trust.origins} == {
        "https://ehr.hospital.example",
        "https://fhir.hospital.example",
        "https://login.hospital.example",
    }
    assert [client.client_id for client in trust.smart_clients] == ["hcc-cds"]
