"""Answers as they came over the wire, for the tests of sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsgen.errors import BadPayload, GatherError
from newsgen.gather import parse_payload
from newsgen.market import Reading, iso

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def body(source: str, file: str) -> bytes:
    return (PAYLOADS / source / file).read_bytes()


def changed(source: str, file: str, change: Callable[[Any], object]) -> bytes:
    """A payload with one thing in it changed."""
    data = json.loads(body(source, file))
    change(data)
    return json.dumps(data).encode()


def wire(data: object) -> bytes:
    return json.dumps(data).encode()


def one(readings: list[Reading], series: str, subject: str, window: str = "", venue: str | None = None, at: str = "") -> Reading:
    found = [r for r in readings if (r.key.series, r.key.subject, r.key.window) == (series, subject, window)
             and (venue is None or r.key.venue == venue) and (not at or iso(r.observed_at) == at)]  # fmt: skip
    assert len(found) == 1, found
    return found[0]


def faulty(
    source: str,
    endpoint: str,
    params: dict[str, str],
    sent: bytes,
    field: str,
    *,
    error: type[GatherError] = BadPayload,
    at: datetime = NOW,
) -> None:
    """The answer is refused, and the error names source, endpoint and field."""
    with pytest.raises(error) as caught:
        parse_payload(source, endpoint, params, sent, at)
    assert type(caught.value) is error
    assert (caught.value.source, caught.value.endpoint) == (source, endpoint)
    assert caught.value.fetched_at == at
    assert field in (caught.value.field if isinstance(caught.value, BadPayload) else str(caught.value)), str(caught.value)
