"""How numbers and words are put into the Markdown of a release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_MOST_HOSTS = 3


def environment() -> Any:
    """A jinja2 environment with the filters below; an unknown name is an error."""
    import jinja2

    made = jinja2.Environment(
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown
    )
    made.filters |= {"cell": cell, "number": number, "measured": measured, "hosts": hosts, "reasons": reasons,
                     "percent": percent}
    return made


def cell(value: object) -> str:
    """A table cell: one line, no column ends."""
    return " ".join(str(value).split()).replace("|", "\\|")


def number(value: int) -> str:
    return f"{value:,}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def measured(value: float | None) -> str:
    if value is None:
        return "not measured"
    return f"{int(value):,}" if value == int(value) else f"{value:.3f}"


def hosts(hosts: Mapping[str, int]) -> str:
    if not hosts:
        return "not recorded"
    named = list(hosts.items())[:_MOST_HOSTS]
    more = " and others" if len(hosts) > _MOST_HOSTS else ""
    return ", ".join(f"{host} ({number(count)})" for host, count in named) + more


def reasons(rejected: Mapping[str, int]) -> str:
    ordered = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{reason} {number(count)}" for reason, count in ordered if count) or "none"
