"""Frames of streams as they came, for the tests of the three venues."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from newsgen.errors import BadPayload, GatherError
from newsgen.gather._source import ForcedOrder, Stream

FOLDER = Path(__file__).parent / "payloads" / "streams"
CAME = datetime(2026, 10, 9, 17, 7, tzinfo=UTC)  # a minute after the recorded frames were sent


def frame(file: str) -> str:
    return (FOLDER / file).read_text("utf-8")


def changed(file: str, change: Callable[[Any], object]) -> str:
    """A frame with one thing in it changed."""
    data = json.loads(frame(file))
    change(data)
    return json.dumps(data)


def heard(stream: Stream, sent: str, at: datetime = CAME) -> list[ForcedOrder]:
    return stream.parse(sent, at)


def refused(stream: Stream, sent: str, field: str, error: type[GatherError] = BadPayload, at: datetime = CAME) -> GatherError:
    """The frame is refused, and the error names stream and field."""
    with pytest.raises(error) as caught:
        stream.parse(sent, at)
    assert type(caught.value) is error
    assert caught.value.endpoint == "stream"
    assert field in (caught.value.field if isinstance(caught.value, BadPayload) else str(caught.value)), str(caught.value)
    return caught.value


def every_change(file: str) -> list[tuple[str, str]]:
    """The frame with each of its values replaced by something that a market never sends, and cut anywhere."""
    text, found = frame(file), []
    for value in (None, "", "-", "abc", -1, [], {}, True, 1e400, "1e999999", "NaN"):
        for path in _paths(json.loads(text)):
            found.append((f"{path}={value!r}", changed(file, lambda data, p=path, v=value: _put(data, p, v))))
    return found + [(f"cut at {n}", text[:n]) for n in range(0, len(text.rstrip()), 7)]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, inner in items for found in [(*path, key), *_paths(inner, (*path, key))]]


def _put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value
