"""One request over HTTP, through its redirects, and what its answer says about time and length.

Belongs here: headers and statuses. Does not belong here: files (`downloading.py`) or which addresses are safe
(`addresses.py`).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urljoin

import httpx

from itd_pipeline import __version__
from itd_pipeline.errors import FetchError
from itd_pipeline.network.addresses import check_redirect, is_private, is_private_number, is_proxied, shown

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_STRONG = re.compile(r'"[^"\x00-\x1f]{1,300}"')
_DATE = re.compile(r"[A-Za-z0-9,: +-]{1,60}")


@dataclass(frozen=True)
class Body:
    """Which bytes of the file an answer brings.

    Args:
        start: offset of the first.
        total: length of the whole file; None where it comes in pieces without a length.
    """

    start: int
    total: int | None


def client(timeout: float) -> httpx.Client:
    """A client that respects the proxies of the environment. Raises FetchError where they cannot be used."""
    headers = {"Accept-Encoding": "identity", "User-Agent": f"itd_pipeline/{__version__}"}
    try:
        return httpx.Client(timeout=httpx.Timeout(timeout), headers=headers, follow_redirects=False)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise FetchError("The proxy that the environment names cannot be used.",
                         "Mend HTTPS_PROXY, HTTP_PROXY or ALL_PROXY.") from error


@contextmanager
def asked(opened: httpx.Client, first: SplitResult, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
    """The answer behind at most five redirects, its body not yet read.

    Raises:
        FetchError: a redirect leads to where none may lead.
        httpx.TransportError: no answer came.
    """
    from_private = not is_proxied(first) and is_private(first.hostname or "")
    here = first
    for _ in range(MOST_REDIRECTS + 1):
        with opened.stream("GET", here.geturl(), headers=dict(headers)) as answer:
            _check_peer(answer, here, from_private)
            if answer.status_code not in _REDIRECTS:
                yield answer
                return
            target = _joined(here.geturl(), answer.headers.get("location", ""))
        here = check_redirect(first, target, from_private)
    raise FetchError(f"{shown(first.geturl())} leads on more than {MOST_REDIRECTS} times.",
                     "Open it in a browser and take the address where it ends.")


def _joined(here: str, location: str) -> str:
    try:
        return urljoin(here, location)
    except ValueError:
        return location  # no address at all: whoever checks it says so


def _check_peer(answer: httpx.Response, here: SplitResult, from_private: bool) -> None:
    """The name was looked up once to check it and again to connect: what counts is who answered."""
    if from_private or is_proxied(here):
        return
    stream = answer.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream is not None else None
    if peer and is_private_number(str(peer[0])):
        raise FetchError(f"{here.hostname} answered from an address inside a private network.",
                         "Ask the publisher; a public file has no reason to lie there.")


def body_of(answer: httpx.Response) -> Body | None:
    """What a 200 or 206 brings, None where its headers contradict themselves."""
    length = answer.headers.get("content-length", "")
    size = int(length) if length.isascii() and length.isdigit() and len(length) <= 18 else None
    if answer.status_code != 206:
        return Body(0, size)
    found = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
    if found is None:
        return None
    start, end = int(found[1]), int(found[2])
    total = end + 1 if found[3] == "*" else int(found[3])
    if end + 1 != total or (size is not None and start + size != total):
        return None
    return Body(start, total)


def validator_of(answer: httpx.Response) -> str:
    """What tells a server that a part still fits: a strong ETag, else the date of change, else nothing."""
    etag = str(answer.headers.get("etag", "")).strip()
    changed = str(answer.headers.get("last-modified", "")).strip()
    if _STRONG.fullmatch(etag):
        return etag
    return changed if _DATE.fullmatch(changed) else ""


def wait_asked(answer: httpx.Response) -> float | None:
    """Seconds that Retry-After asks for, None where it does not."""
    value = str(answer.headers.get("retry-after", "")).strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        return max(0.0, (until - datetime.datetime.now(tz=until.tzinfo or datetime.UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
