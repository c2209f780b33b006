"""Items of IPTC ninjs 3.1 for other newsrooms, as files in a folder or by POST; in: an article, out: one item a story, its last version.

In a folder a story has one file, named by its id, and a newer version takes its place; an older one that comes late does not. By POST each
version is sent as it comes: whoever takes them decides by `uri` and `version`, so the same item twice does no harm. A withdrawn story is
sent as `canceled`, never deleted.
"""

from __future__ import annotations

import json
from pathlib import Path

from newsgen.publish._files import write
from newsgen.publish._findings import folder_finding, https_finding, tried
from newsgen.publish._ninjs import ninjs
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Wire, judge
from newsgen.story import Receipt
from newsgen.target_settings import NinjsSettings

__all__ = ["PUBLISHER"]


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(ninjs(parcel.article, target.site).encode(), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    settings, article = target.of(NinjsSettings), parcel.article
    if settings.url:
        judge(await wire.ask("POST", settings.url, headers=_headers(settings, wire), body=outgoing.body), wire)
        return Receipt(target.name, article.id, "confirmed", article.story_id)
    path = _file(settings, article)
    try:
        if _version_in(path) <= article.version:
            write(path, outgoing.body, lasting=True)
    except OSError as error:
        raise wire.unavailable(f"cannot write: {error.strerror}", may_be_stored=True) from None
    return Receipt(target.name, article.id, "confirmed", article.story_id)


def _headers(settings: NinjsSettings, wire: Wire) -> dict[str, str]:
    login = {"authorization": f"Bearer {wire.secret(settings.secret_env)}"} if settings.secret_env else {}
    return {"content-type": "application/json", "accept": "application/json", **login}


def _file(settings: NinjsSettings, article: Printed) -> Path:
    return Path(settings.path) / f"{article.story_id}.json"


def _version_in(path: Path) -> int:
    """The version that a file holds; 0 where there is none, or one that is none of ours."""
    try:
        return int(json.loads(path.read_bytes())["version"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return 0


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """Whether the folder can be written to, or the address answers; what it takes shows with the first item."""
    settings = target.of(NinjsSettings)
    if settings.path:
        return [folder_finding(Path(settings.path))]

    async def address() -> list[Finding]:
        answer = await wire.ask("HEAD", settings.url, headers=_headers(settings, wire))
        if answer.status in (401, 403):
            return [Finding("address", False, f"answers {answer.status}: the token is missing, wrong or without rights")]
        fine = answer.status < 500 and answer.status not in (404, 410)
        return [Finding("address", fine, f"answers {answer.status} when it is only looked at")]

    return [await https_finding(settings.url, wire), *await tried("address", address)]


PUBLISHER = Publisher("ninjs", NinjsSettings, _format, _send, _check)
