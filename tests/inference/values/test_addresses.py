"""MAC, IP, web and mail addresses, and time zones."""

from __future__ import annotations

import pytest

from ares.inference.values import emails, ips, macs, urls, zones


@pytest.mark.parametrize(
    "said",
    [
        "02:1a:2b:3c:4d:5e",
        "02-1A-2B-3C-4D-5E",
        "2:1a:2b:3c:4d:5e",
        "021a.2b3c.4d5e",
        "021a2b3c4d5e",
        "02 1a 2b 3c 4d 5e",
        "zero two one a two b three c four d five e",
        "zero two colon one a colon two b colon three c colon four d colon five e",
    ],
)
def test_a_mac_address_has_one_spelling_in_the_end(said: str) -> None:
    assert [found.value for found in macs(f"its mac is {said}, please")] == ["02:1a:2b:3c:4d:5e"]


@pytest.mark.parametrize("said", ["02:1a:2b:3c:4d", "02:1a:2b:3c:4d:5e:6f", "at 12:30", "deadbeefcafe"])
def test_what_is_too_short_or_too_long_is_no_mac_address(said: str) -> None:
    assert macs(said) == ()


@pytest.mark.parametrize(
    "said", ["02:1a:2b-3c:4d:5e", "021a.2b3c.4d-5e", "02-1a-2b.3c4d5e", "0:21a2b3c4d5e", "02-1a2b3c4d5e"]
)
def test_what_is_written_with_odd_signs_is_no_mac_address(said: str) -> None:
    assert macs(f"its mac is {said}, please") == ()


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("it sits on 10.1.2.3.", "10.1.2.3"),
        ("one nine two dot one six eight dot one dot twenty", "192.168.1.20"),
        ("ten dot zero dot zero dot seven", "10.0.0.7"),
        ("reachable at fe80::1", "fe80::1"),
    ],
)
def test_an_ip_address_may_be_written_or_spoken(said: str, address: str) -> None:
    assert [found.value for found in ips(said)] == [address]


@pytest.mark.parametrize("said", ["10.1.2.300", "version 1.2.3", "10.1.2", "at 12:30"])
def test_what_no_host_can_have_is_no_ip_address(said: str) -> None:
    assert ips(said) == ()


def test_web_and_mail_addresses_are_taken_as_written() -> None:
    sentence = "send https://example.org/a?b=C to Ada@example.org."
    assert [found.value for found in urls(sentence)] == ["https://example.org/a?b=C"]
    assert [found.value for found in emails(sentence)] == ["Ada@example.org"]


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("New York", "America/New_York"),
        ("in são paulo", "America/Sao_Paulo"),
        ("Europe/Oslo", "Europe/Oslo"),
        ("hong kong", "Asia/Hong_Kong"),
        ("japan", "Asia/Tokyo"),
        ("kenya", "Africa/Nairobi"),
        ("cape town", "Africa/Johannesburg"),
        ("sydny", "Australia/Sydney"),
        ("utc", "UTC"),
        ("honkong", "Asia/Hong_Kong"),
    ],
)
def test_a_zone_is_found_by_city_or_country(said: str, zone: str) -> None:
    assert [found.value for found in zones(f"the time {said}")] == [zone]


def test_a_country_of_several_zones_says_which_was_taken() -> None:
    (found,) = zones("what time is it in brazil")
    assert (found.value, found.how) == ("America/Sao_Paulo", "America/Sao_Paulo")


def test_here_is_a_zone_only_for_one_who_has_a_here() -> None:
    assert zones("what is that for us") == ()
    assert [found.value for found in zones("what is that for us", "Europe/Rome")] == ["Europe/Rome"]


@pytest.mark.parametrize("word", ["wake", "nice", "davis", "midway"])
def test_an_everyday_word_that_is_also_a_place_is_one_only_where_a_zone_is_expected(word: str) -> None:
    assert not any(found.firm for found in zones(f"please {word} them"))
