"""WebSub: hubs are told that a feed has changed; in: the feeds as they lie there, out: what the hubs did not take.

One word for each change and hub, after the feed shows it. `.hubs.json` keeps the digests of what was told, so that a process that died
before it told is made good by the next one. A hub that fails holds nothing up: it hears of the next change.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from urllib.parse import urlencode

from newsgen.errors import PublishError
from newsgen.publish._feeds import FEEDS
from newsgen.publish._files import write
from newsgen.publish._pages import SiteInfo
from newsgen.publish._wire import Wire, judge

__all__ = ["tell_hubs"]

_TOLD = ".hubs.json"
_FORM = {"content-type": "application/x-www-form-urlencoded"}


async def tell_hubs(root: Path, site: SiteInfo, wire: Wire) -> list[str]:
    """Tell each hub of the feeds that have changed since it was last told; returns what went wrong, a line for each."""
    if not site.hubs or not site.base_url:
        return []
    now = {name: hashlib.sha256((root / name).read_bytes()).hexdigest() for name in FEEDS}
    before = _told(root)
    changed = [name for name in FEEDS if now[name] != before.get(name)]
    problems = [p for hub in site.hubs for name in changed if (p := await _told_of(hub, site.whole_url(name), wire))]
    if changed:
        write(root / _TOLD, json.dumps(now))
    return problems


async def _told_of(hub: str, topic: str, wire: Wire) -> str:
    """Tell a hub of one feed; "" when it took it."""
    form = urlencode({"hub.mode": "publish", "hub.url": topic}).encode()
    try:
        judge(await wire.ask("POST", hub, headers=_FORM, body=form), wire)
    except PublishError as error:
        return f"hub {hub}: {error.problem}"
    return ""


def _told(root: Path) -> dict[str, str]:
    try:
        found = json.loads((root / _TOLD).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
