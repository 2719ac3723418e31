"""Which addresses may be asked."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from itd_pipeline.errors import FetchError
from itd_pipeline.network.addresses import check_redirect, checked, is_loopback, is_private, is_private_number, shown

PUBLIC = checked("https://public.example/file")
NUMBERS = {"public.example": "93.184.215.14", "cdn.example": "2606:2800:220:1::1", "inside.example": "10.1.2.3",
           "both.example": "93.184.215.14 192.168.0.7"}


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name service without a network; no proxy in between."""

    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        found = NUMBERS.get(host, host if host[0].isdigit() or ":" in host else "")
        if not found:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 0)) for number in found.split()]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr("itd_pipeline.network.addresses.getproxies", dict)


@pytest.mark.parametrize("address", ["http://public.example/x", "ftp://public.example/x", "file:///etc/passwd", "", "x",
                                     "https://", "https://me:secret@public.example/", "https://[::1", "https://a:x/",
                                     "http://127.0.0.1.public.example/"])
def test_only_https(address: str) -> None:
    with pytest.raises(FetchError) as raised:
        checked(address)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("address", ["https://public.example/x?y=1", "http://127.0.0.1:8/x", "http://localhost/x",
                                     "http://[::1]:8/"])
def test_https_or_this_machine(address: str) -> None:
    assert checked(address).geturl() == address


@pytest.mark.parametrize("target", ["https://inside.example/x", "https://both.example/x", "https://127.0.0.1/x",
                                    "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/x",
                                    "https://[fd00::1]/x", "http://127.0.0.1/x", "http://cdn.example/x"])
def test_a_public_address_leads_nowhere_private(target: str) -> None:
    with pytest.raises(FetchError):
        check_redirect(PUBLIC, target, from_private=False)


def test_a_public_address_leads_to_another() -> None:
    assert check_redirect(PUBLIC, "https://cdn.example/x", from_private=False).hostname == "cdn.example"


def test_a_private_address_may_lead_to_its_neighbour() -> None:
    inside = checked("https://inside.example/x")
    assert is_private("inside.example")
    assert check_redirect(inside, "https://both.example/x", from_private=True).hostname == "both.example"


def test_behind_a_proxy_the_name_is_not_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("itd_pipeline.network.addresses.getproxies", lambda: {"https": "http://proxy.example:3128"})
    assert check_redirect(PUBLIC, "https://inside.example/x", from_private=False).hostname == "inside.example"


@pytest.mark.parametrize("number", ["10.0.0.1", "127.0.0.1", "192.168.1.1", "169.254.1.1", "::1", "fe80::1%eth0",
                                    "fd00::1", "0.0.0.0", "100.64.0.1", "::ffff:127.0.0.1", "2002:0a00:0001::"])
def test_private_numbers(number: str) -> None:
    assert is_private_number(number)


def test_public_numbers() -> None:
    assert not is_private_number("93.184.215.14")
    assert not is_private_number("2606:2800:220:1::1")
    assert not is_loopback("public.example")


def test_messages_hold_no_signature() -> None:
    assert shown("https://public.example/x?signature=abc#y") == "https://public.example/x"
