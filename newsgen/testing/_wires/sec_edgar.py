"""SEC EDGAR: the filings of Strategy, one 8-K for each purchase of the history, as columns; stamps of New York that say they are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from newsgen.market import from_epoch
from newsgen.testing._wire import Refusal, Scene, Wire, dumps
from newsgen.testing._wires._sessions import NEW_YORK

__all__ = ["WIRE"]

_STRATEGY = 1050446
_PREFIX = "0000950170"
_MOST = 40


def _submissions(scene: Scene, params: Mapping[str, str]) -> bytes:
    """Newest first, an insider's form after each."""
    if params.get("cik", "").lstrip("0") != str(_STRATEGY):
        raise Refusal(404, b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code></Error>')
    run = scene.run("treasury.purchase", "Strategy")
    announced = [from_epoch(int(r.known_at.timestamp())) for r in run][-_MOST:] if run else []
    rows = [row for at in reversed(announced) for row in (_filing(at, "8-K", "7.01,8.01"), _filing(at, "4", ""))]
    names = list(rows[0]) if rows else list(_filing(scene.at, "8-K", ""))
    recent = {name: [row[name] for row in rows] for name in names}
    return dumps({"cik": f"{_STRATEGY:010}", "entityType": "operating", "name": "MICROSTRATEGY Inc", "tickers": ["MSTR"],
                  "filings": {"recent": recent, "files": []}})  # fmt: skip


def _filing(at: datetime, form: str, items: str) -> dict[str, Any]:
    local = at.astimezone(NEW_YORK)
    number = f"{_PREFIX}-{local:%y}-{local:%j}{local.hour:02}{'1' if form == '8-K' else '2'}"
    return {"accessionNumber": number, "filingDate": f"{local:%Y-%m-%d}", "reportDate": f"{local:%Y-%m-%d}" if items else "",
            "acceptanceDateTime": f"{local:%Y-%m-%dT%H:%M:%S}.000Z", "form": form, "items": items, "size": 300_000, "isXBRL": 1,
            "primaryDocument": f"mstr-{local:%Y%m%d}.htm"}  # fmt: skip


WIRE = Wire({"submissions": _submissions})
