"""Readings that are never used again: taken out of the archive, and kept apart with who said so and why; in: a Cause, out: their number.

From then on no View has them, also none of an earlier moment, and a source that sends them again is not heard (`archive.py`); another
value for the same moment is. What an article was made from stays in its ARTICLE.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from newsgen.errors import ConfigError
from newsgen.market import SeriesKey, from_epoch, parse_time, to_epoch
from newsgen.store.archive import READING, RETIRED, SERIES
from newsgen.store.basis import Cause, matching_column, matching_reading, whole_columns
from newsgen.store.database import writing
from newsgen.store.memory import same_value

__all__ = ["Retired", "count_readings", "count_retired", "rests_on_retired", "retire", "retired_between"]


@dataclass(frozen=True, slots=True)
class Retired:
    """A reading that is not used again."""

    key: SeriesKey
    observed_at: datetime
    known_at: datetime
    value: str
    reason: str = ""


def _wanted(cause: Cause) -> sa.Select[Any]:
    if not cause.is_of_readings:
        raise ConfigError("only readings can be retired: name one, or a source")
    joined = sa.select(SERIES.c.series, SERIES.c.subject, SERIES.c.span, SERIES.c.source, SERIES.c.venue, READING).join(
        SERIES, SERIES.c.id == READING.c.series_id
    )
    return joined.where(*matching_column(cause, SERIES.c), *matching_reading(cause, READING.c))


def count_readings(engine: Engine, cause: Cause) -> int:
    """How many readings of the archive a cause names."""
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(_wanted(cause).subquery())).scalar_one())


def retire(engine: Engine, cause: Cause, who: str, reason: str, now: datetime) -> int:
    """Take the readings of a cause out of the archive for good; returns how many."""
    with writing(engine) as connection:
        rows = connection.execute(_wanted(cause)).all()
        for row in rows:
            _move(connection, row, {"who": who, "reason": reason, "at": to_epoch(now)})
        return len(rows)


def _move(connection: Connection, row: Any, said: Mapping[str, Any]) -> None:
    c = READING.c
    values = {"series_id": row.series_id, "observed_at": row.observed_at, "known_at": row.known_at, "value": row.value,
              "origin_id": row.origin_id}  # fmt: skip
    connection.execute(sa.delete(READING).where(
        c.series_id == row.series_id, c.observed_at == row.observed_at, c.known_at == row.known_at))  # fmt: skip
    same = (RETIRED.c.series_id == row.series_id, RETIRED.c.observed_at == row.observed_at, RETIRED.c.known_at == row.known_at,
            RETIRED.c.value == row.value)  # fmt: skip
    if connection.execute(sa.select(RETIRED.c.value).where(*same)).first() is None:
        connection.execute(sa.insert(RETIRED).values(**values, **said))


def retired_between(engine: Engine, first: datetime, last: datetime) -> list[Retired]:
    """The retired readings that were true within a span."""
    query = sa.select(SERIES.c.series, SERIES.c.subject, SERIES.c.span, SERIES.c.source, SERIES.c.venue, RETIRED).join(
        SERIES, SERIES.c.id == RETIRED.c.series_id
    )
    query = query.where(RETIRED.c.observed_at.between(to_epoch(first), to_epoch(last))).order_by(RETIRED.c.observed_at)
    with engine.connect() as connection:
        return [
            Retired(SeriesKey(r.series, r.subject, r.span, r.source, r.venue), from_epoch(r.observed_at), from_epoch(r.known_at), r.value,
                    r.reason)
            for r in connection.execute(query)
        ]  # fmt: skip


def rests_on_retired(connection: Connection, article: Mapping[str, Any]) -> str:
    """Which retired reading an article rests on: "spot.close of BTC from binance"; "" for none.

    By its readings, and by the columns whose history it tells: what was retired since it was begun may be among what it looked at.
    """
    if connection.execute(sa.select(RETIRED.c.series_id).limit(1)).first() is None:
        return ""
    for one in article["readings"].values():
        key = SeriesKey(one["series"], one["subject"], one["window"], one["source"], one["venue"])
        query = sa.select(RETIRED.c.value).join(SERIES, SERIES.c.id == RETIRED.c.series_id).where(
            *matching_column(Cause(key), SERIES.c), RETIRED.c.observed_at == to_epoch(parse_time(one["observed_at"])),
            RETIRED.c.known_at == to_epoch(parse_time(one["known_at"])),
        )  # fmt: skip
        # The source may have said another value of the same moments since: that one may be told.
        if any(same_value(value, one["value"]) for value in connection.execute(query).scalars()):
            return f"{key.series} of {key.subject} from {key.source} at {one['observed_at']}"
    return _by_history(connection, article)


def _by_history(connection: Connection, article: Mapping[str, Any]) -> str:
    as_of, begun = (to_epoch(parse_time(article[name])) for name in ("as_of", "written_at"))
    query = sa.select(SERIES.c.series, SERIES.c.subject, SERIES.c.span, SERIES.c.source, SERIES.c.venue).join(
        RETIRED, SERIES.c.id == RETIRED.c.series_id
    )
    since = query.where(RETIRED.c.at >= begun, RETIRED.c.observed_at <= as_of, RETIRED.c.known_at <= as_of).distinct()
    gone = sorted(whole_columns(article) & {SeriesKey(*row) for row in connection.execute(since)})
    return f"{gone[0].series} of {gone[0].subject} from {gone[0].source}, of which it tells history" if gone else ""


def count_retired(engine: Engine) -> int:
    """How many readings are retired: whoever has read the archive before there were so many reads it again."""
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(RETIRED)).scalar_one())
