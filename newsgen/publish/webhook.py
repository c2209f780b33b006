"""Generic webhook after Standard Webhooks 1.0.0; in: an article and an endpoint, out: one signed POST.

The id is the same on every attempt, so a receiver that saw the first one throws the second away; time stamp and signature are new each
time, and there are two signatures while a secret is being changed. 3xx is a failure, 410 switches the endpoint off, Retry-After counts, and
so does `webhook-delivery: abort-message`. Secret and address stand in no error, log or row. An event of more than 20 KB goes without its
body, with the address where it can be fetched. `publish check` sends an `endpoint.test`, which holds no article.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets as random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from newsgen.discover import templates_root
from newsgen.publish._body import plain_html, plain_text
from newsgen.publish._findings import https_finding, tried
from newsgen.publish._glossary import glossary_of
from newsgen.publish._home import address_of, page_of
from newsgen.publish._pages import SiteInfo
from newsgen.publish._pictures import CARD_SIZE
from newsgen.publish._printed import Printed, stamp
from newsgen.publish._publisher import Finding, Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, error_of, judge
from newsgen.secret import Secret
from newsgen.story import Receipt
from newsgen.target_settings import WebhookSettings

__all__ = ["PUBLISHER", "payload", "sign"]

_DRAWN = "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia"  # our template draws it, whoever wrote the text
_MOST_BYTES = 20_000  # of an event; the standard asks for less than about that


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature of one attempt: v1, base64 HMAC-SHA256 over id.timestamp.body with the decoded secret.

    Raises:
        ValueError: The secret is not whsec_ and base64 of 24 to 64 bytes.
    """
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        raise ValueError("a webhook secret is whsec_ and base64") from None
    if not 24 <= len(key) <= 64:
        raise ValueError("a webhook secret holds 24 to 64 bytes")
    text = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def payload(parcel: Parcel, target: Target) -> bytes:
    """The event as bytes; the same article gives the same bytes."""
    article, site = parcel.article, target.site
    data = _data(parcel, site)
    event = {"type": f"article.{article.event}", "timestamp": stamp(article.written_at), "data": data}
    body = _bytes(event)
    if len(body) <= _MOST_BYTES or not site.base_url:  # a receiver that has nowhere to fetch it needs it whole
        return body
    return _bytes({**event, "data": {**data, "body_html": None, "body_text": None, "content_url": page_of(article, site)}})


def _bytes(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _data(parcel: Parcel, site: SiteInfo) -> dict[str, Any]:
    article = parcel.article
    return {
        "id": article.story_id,
        "version_id": article.id, "version": article.version, "previous_version": article.version - 1 or None,
        "status": "retracted" if article.withdrawn else "published",
        "language": article.locale, "headline": article.headline.text, "slug": article.slug, "summary": article.summary,
        "body_html": plain_html(article), "body_text": plain_text(article), "published_at": stamp(article.first_at),
        "modified_at": stamp(article.written_at), "data_as_of": stamp(article.as_of),
        "authors": [{"name": f"{site.title}, {site.desk}", "type": "organization", "url": site.base_url or None}],
        "categories": [article.angle], "tags": list(article.tags),
        "instruments": [{"symbol": f"{t}-USD", "name": _name(t), "exchange": None} for t in article.tickers],
        "image": _image(article, site),
        "canonical_url": address_of(parcel, site) or None, "content_url": None,
        "sources": [{"name": s.name, "url": s.link or None, "retrieved_at": stamp(s.as_of), "credit": s.credit or None,
                     "credit_url": s.credit_link or None} for s in article.sources],
        "disclosure": {"text": article.disclosure.text, "digital_source_type": article.disclosure.digital_source_type,
                       "human_reviewed": bool(parcel.reviewer), "reviewer": parcel.reviewer or None},
        "correction": _correction(article),
    }  # fmt: skip


def _name(ticker: str) -> str:
    coin = glossary_of(templates_root()).get(ticker)
    return coin.name if coin is not None else ticker


def _image(article: Printed, site: SiteInfo) -> dict[str, Any] | None:
    """The card beside the article's page, where the site has pages at an address; a withdrawn story has none."""
    if article.withdrawn or not (site.cards and site.base_url):
        return None
    width, height = CARD_SIZE
    return {"url": site.url(f"articles/{article.slug}/card.png"), "alt": article.headline.text, "width": width, "height": height,
            "source_type": _DRAWN}  # fmt: skip


def _correction(article: Printed) -> dict[str, Any] | None:
    change = article.change
    if change is None:
        return None
    return {
        "kind": change.kind,
        "text": change.note,
        "at": stamp(change.at),
        "fields": [{"was": f.was, "is": f.now} for f in change.fields],
    }


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(payload(parcel, target), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, wire: Wire) -> Receipt:
    await _post(parcel.message_id, outgoing.body, target, wire)
    return Receipt(target.name, parcel.article.id, "confirmed", parcel.message_id)


async def _post(message_id: str, body: bytes, target: Target, wire: Wire) -> Answer:
    """One attempt, signed now with every secret."""
    settings, now = target.of(WebhookSettings), int(wire.clock().timestamp())
    wire = replace(wire, secrets={**wire.secrets, "url": Secret(settings.url)})  # its path may hold a token
    try:
        signed = " ".join(sign(wire.secret(name), message_id, now, body) for name in settings.secrets)
    except ValueError as error:
        raise wire.refused(str(error)) from None
    headers = {
        "content-type": "application/json", "webhook-id": message_id, "webhook-timestamp": str(now), "webhook-signature": signed,
    }  # fmt: skip
    return _judged(await wire.ask("POST", settings.url, headers=headers, body=body), wire)


def _judged(answer: Answer, wire: Wire) -> Answer:
    """The answer, if it is a 2xx, whatever else it wants; any other is a failure."""
    if answer.status >= 300 and answer.headers.get("webhook-delivery", "").strip() == "abort-message":
        raise wire.refused("the receiver asked to stop", status=answer.status)
    if answer.status == 410:
        raise error_of(answer, wire, "gone: the endpoint is switched off")
    return judge(answer, wire)


# Is everything there


async def _check(target: Target, wire: Wire) -> list[Finding]:
    """A test event: only one that is signed and taken shows that articles will be."""
    settings = target.of(WebhookSettings)
    findings = [await https_finding(settings.url, wire)]
    for name in settings.secrets:
        findings.append(_secret_finding(name, wire))

    async def event() -> list[Finding]:
        body = _bytes({"type": "endpoint.test", "timestamp": stamp(wire.clock()), "data": {}})
        answer = await _post(f"msg_{random.token_hex(16)}", body, target, wire)
        return [Finding("endpoint", True, f"took an endpoint.test with {answer.status}")]

    if all(finding.fine for finding in findings if finding.what == "secret"):
        findings += await tried("endpoint", event)
    return findings


def _secret_finding(name: str, wire: Wire) -> Finding:
    try:
        sign(wire.secret(name), "msg_0", 0, b"")
    except ValueError as error:
        return Finding("secret", False, f"{name}: {error}")
    return Finding("secret", True, f"{name} can sign")


PUBLISHER = Publisher("webhook", WebhookSettings, _format, _send, _check)
