"""Which web addresses are accepted, and the disguises that are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir_base import FhirBase
from cds_service.origin import AddressRefusedError, Origin, parse_address


@pytest.mark.parametrize(
    ("url", "origin", "path", "query"),
    [
        ("https://fhir.example/r4", Origin("https", "fhir.example", 443), "/r4", ""),
        ("HTTPS://FHIR.Example:443/R4?a=b|c", Origin("https", "fhir.example", 443), "/R4", "a=b|c"),
        ("http://localhost:8080", Origin("http", "localhost", 8080), "", ""),
        ("http://127.0.0.1:5000/fhir", Origin("http", "127.0.0.1", 5000), "/fhir", ""),
        (
            "https://xn--spital-9ya.example/",
            Origin("https", "xn--spital-9ya.example", 443),
            "/",
            "",
        ),
    ],
)
def test_plain_addresses_are_accepted(url, origin, path, query):
    """An absolute http(s) address is read into origin, path and query; case of host is no matter."""
    address = parse_address(url)
    assert (address.origin, address.path, address.query) == (origin, path, query)


def test_address_is_written_as_it_was_read():
    """The default port is left out, another one is written."""
    assert str(parse_address("https://a.example:443/x?y=1")) == "https://a.example/x?y=1"
    assert str(parse_address("https://a.example:8443/x")) == "https://a.example:8443/x"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (None, "not_a_url"),
        ("", "not_a_url"),
        ("https://a.example:port/", "not_a_url"),
        ("https://a.example:65536/", "not_a_url"),
        ("https://[::1", "not_a_url"),
        ("https://a.example/" + "x" * 8192, "too_long"),
        ("https://ä.example/", "not_ascii"),
        ("https://a.example/ä", "not_ascii"),
        ("https://а.example/", "not_ascii"),  # Cyrillic а
        ("https://a.example\\@evil.example/", "bad_character"),
        ("https://a.example/\n", "bad_character"),
        ("https://a.exa\tmple/", "bad_character"),
        (" https://a.example/", "bad_character"),
        ("https://a.example/{{context.patientId}}", "bad_character"),
        ("https://a%2eexample/", "bad_character"),
        ("ftp://a.example/", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("//a.example/", "scheme"),
        ("a.example", "scheme"),
        ("https:///path", "no_host"),
        ("https://user:secret@a.example/", "userinfo"),
        ("https://a.example@evil.example/", "userinfo"),
        ("https://@a.example/", "userinfo"),
        ("https://a.example./", "trailing_dot"),
        ("https://a..example/", "bad_host"),
        ("https://-a.example/", "bad_host"),
        ("https://a.example%00.evil.example/", "bad_character"),
        ("https://" + "a." * 130 + "example/", "bad_host"),
        ("https://2130706433/", "ip_address"),
        ("https://0x7f000001/", "ip_address"),
        ("https://0x7f.1/", "ip_address"),
        ("https://127.1/", "ip_address"),
        ("https://0177.0.0.1/", "ip_address"),
        ("https://127.0.0.01/", "ip_address"),
        ("https://1.2.3.4.5/", "ip_address"),
        ("https://[::1]/", "ip_address"),
        ("https://[::ffff:127.0.0.1]/", "ip_address"),
        ("https://a.example:/", "port"),
        ("https://a.example:0/", "port"),
        ("https://a.example:22/", "port"),
        ("https://a.example:80/", "port"),
        ("http://a.example:443/", "port"),
        ("https://a.example/#part", "fragment"),
        ("https://a.example/#", "fragment"),
        ("https://a.example/fhir/../admin", "dot_segments"),
        ("https://a.example/fhir/%2e%2E/admin", "dot_segments"),
        ("https://a.example/fhir/./x", "dot_segments"),
        ("https://a.example/fhir/..%2fadmin", "dot_segments"),
        ("https://a.example/fhir/..%5cadmin", "dot_segments"),
    ],
)
def test_disguised_addresses_are_refused(url, code):
    """F44: a spelling that another program may read as another place is refused, whatever it means."""
    with pytest.raises(AddressRefusedError) as caught:
        parse_address(url)
    assert caught.value.code == code
    assert not url or url not in str(caught.value)


BASE = FhirBase.parse("https://fhir.hospital.example/r4/")


@pytest.mark.parametrize(
    ("fhir_server", "is_named"),
    [
        ("https://fhir.hospital.example/r4", True),
        ("https://fhir.hospital.example/r4/", True),
        ("https://FHIR.hospital.example:443/r4", True),
        ("http://fhir.hospital.example/r4", False),
        ("https://fhir.hospital.example:8443/r4", False),
        ("https://fhir.hospital.example/R4", False),
        ("https://fhir.hospital.example/r4/x", False),
        ("https://fhir.hospital.example/r4?x", False),
        ("https://fhir.hospital.example.evil.example/r4", False),
        ("https://fhir.hospital.example@evil.example/r4", False),
        (None, False),
    ],
)
def test_fhir_server_is_compared_as_a_whole(fhir_server, is_named):
    """F44: fhirServer is a configured base or it is not; only the trailing slash is free."""
    assert BASE.is_named_by(fhir_server) is is_named


def test_fhir_base_has_no_query():
    """A base with a query is refused in the configuration."""
    with pytest.raises(AddressRefusedError, match=r"^it has a query \(\?\)$"):
        FhirBase.parse("https://fhir.hospital.example/r4?x=1")


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        (
            "https://fhir.hospital.example/r4?_getpages=1",
            "https://fhir.hospital.example/r4?_getpages=1",
        ),
        (
            "https://fhir.hospital.example:443/r4/Observation?page=2",
            "https://fhir.hospital.example/r4/Observation?page=2",
        ),
        (
            "http://internal:8080/r4/Observation?p=2",
            "https://fhir.hospital.example/r4/Observation?p=2",
        ),
        ("https://other.example/r4/x?p=2", "https://fhir.hospital.example/r4/x?p=2"),
        ("/r4/Observation?p=2", "https://fhir.hospital.example/r4/Observation?p=2"),
        ("Observation?p=2", "https://fhir.hospital.example/r4/Observation?p=2"),
        ("?p=2", "https://fhir.hospital.example/r4/Observation?p=2"),
        ("https://fhir.hospital.example/admin", ""),
        ("https://fhir.hospital.example/r4x/Observation", ""),
        ("https://internal/Observation?p=2", ""),
        ("https://internal/r4/../admin", ""),
        ("../admin", ""),
        ("https://fhir.hospital.example:443:443/r4?_getpages=1", ""),
        ("https://user@fhir.hospital.example/r4?p=2", ""),
        ("https://[broken/r4", ""),
        ("file:///r4/x", ""),
    ],
)
def test_next_link_stays_on_the_base(link, followed):
    """E33, F44: a page on another origin is rewritten if its path is the base's, else not followed."""
    current = "https://fhir.hospital.example/r4/Observation?patient=1"
    assert BASE.own_page(link, current) == followed


@given(link=st.text(max_size=60) | st.from_regex(r"(https?:)?//[a-z.:@/?#%2e\\-]{0,40}"))
def test_no_link_leads_off_the_base(link):
    """F44: whatever a server writes into `next`, what is followed lies on the configured base."""
    page = BASE.own_page(link, "https://fhir.hospital.example/r4/Observation?patient=1")
    assert not page or re.match(r"https://fhir\.hospital\.example/r4($|[/?])", page)


@given(url=st.text(max_size=60) | st.from_regex(r"https?://[a-z0-9.:@/?%\[\]-]{0,40}"))
def test_any_text_is_read_or_refused(url):
    """F44: no text crashes the reader, and what it accepts it reads the same a second time."""
    try:
        address = parse_address(url)
    except AddressRefusedError:
        return
    assert parse_address(str(address)) == address
