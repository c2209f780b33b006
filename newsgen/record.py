"""An edition folder out of what was just gathered; in: the round's payloads, out: edition.toml and the bytes, ready for a preview.

The folder holds what one round brought, and no history: `history` in its edition.toml may name CSV extracts beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from newsgen.gather import Gathered, Payload, sources
from newsgen.market import iso

__all__ = ["record_edition"]

_KINDS = {"json": "json", "csv": "csv", "html": "html"}


def record_edition(folder: Path, found: Gathered, assets: Sequence[str], as_of: datetime) -> int:
    """Write the edition folder; returns how many payloads it holds.

    A reader of a half-written folder would take it for a small day, so edition.toml is written last.
    """
    notes: list[str] = []
    names: dict[str, int] = {}
    for payload in found.payloads:
        name = _name_of(payload, names)
        path = folder / "payloads" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(payload.body)
        notes += [f"[payloads.{json.dumps(name)}]", f"fetched_at = {json.dumps(iso(payload.fetched_at))}", *_params(payload), ""]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "edition.toml").write_text("\n".join([*_head(found, assets, as_of), "", *notes]), "utf-8")
    return len(found.payloads)


def _name_of(payload: Payload, names: dict[str, int]) -> str:
    """`binance/klines.2.json`: the endpoint stands before the first dot."""
    endpoint = sources()[payload.source].endpoints[payload.request.endpoint]
    stem = f"{payload.source}/{payload.request.endpoint}"
    names[stem] = names.get(stem, 0) + 1
    return f"{stem}{'' if names[stem] == 1 else f'.{names[stem]}'}.{_KINDS.get(endpoint.media, endpoint.media)}"


def _params(payload: Payload) -> list[str]:
    if not payload.request.params:
        return []
    said = ", ".join(f"{json.dumps(k)} = {json.dumps(v)}" for k, v in payload.request.params.items())
    return [f"params = {{ {said} }}"]


def _head(found: Gathered, assets: Sequence[str], as_of: datetime) -> list[str]:
    asked = ", ".join(sorted({p.source for p in found.payloads}))
    failed = ", ".join(sorted({f.source for f in found.failures}))
    shows = f"Recorded from {asked or 'no source'} at {iso(as_of)}." + (f" Not answered: {failed}." if failed else "")
    return [
        f"as_of = {json.dumps(iso(as_of))}", f"title = {json.dumps(f'Recorded {iso(as_of)}')}", f"shows = {json.dumps(shows)}",
        f"assets = [{', '.join(json.dumps(a) for a in assets)}]", "# history = [\"../history\"]    # CSV files or a folder of them",
    ]  # fmt: skip
