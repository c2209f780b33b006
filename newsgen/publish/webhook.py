"""Generic webhook after Standard Webhooks 1.0.0; in: an article and an endpoint, out: one signed POST.

The id is the same on every attempt, so a receiver that saw the first one throws the second away; time stamp and signature are new each
time. 3xx is a failure, 410 switches the endpoint off, Retry-After counts, and so does `webhook-delivery: abort-message`. The secret
stands in no error, log or row.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from newsgen.publish._pages import body_html, body_text
from newsgen.publish._printed import Printed, stamp
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.publish._wire import Answer, Wire, judge
from newsgen.story import Receipt
from newsgen.target_settings import WebhookSettings

__all__ = ["PUBLISHER", "payload", "sign"]


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
    data = {
        "id": article.story_id,
        "version_id": article.id, "version": article.version, "previous_version": article.version - 1 or None,
        "status": "retracted" if article.withdrawn else "published",
        "language": article.locale, "headline": article.headline.text, "slug": article.slug, "summary": article.summary,
        "body_html": body_html(article), "body_text": body_text(article), "published_at": stamp(article.first_at),
        "modified_at": stamp(article.written_at), "data_as_of": stamp(article.as_of),
        "authors": [{"name": f"{site.title}, {site.desk}", "type": "organization", "url": site.base_url or None}],
        "categories": [article.angle], "tags": list(article.tags),
        "instruments": [{"symbol": f"{t}-USD", "name": t, "exchange": None} for t in article.tickers],
        "image": None, "canonical_url": site.url(f"articles/{article.slug}/") if site.base_url else None,
        "sources": [{"name": s.name, "url": s.link or None, "retrieved_at": stamp(s.as_of), "credit": s.credit or None,
                     "credit_url": s.credit_link or None} for s in article.sources],
        "disclosure": {"text": article.disclosure.text, "digital_source_type": article.disclosure.digital_source_type,
                       "human_reviewed": False, "reviewer": None},
        "correction": _correction(article),
    }  # fmt: skip
    event = {"type": f"article.{article.event}", "timestamp": stamp(article.written_at), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


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
    settings, now = target.of(WebhookSettings), int(wire.clock().timestamp())
    secrets = [wire.secret(name) for name in settings.secrets]
    try:
        signed = " ".join(sign(secret, parcel.message_id, now, outgoing.body) for secret in secrets)
    except ValueError as error:
        raise wire.refused(str(error)) from None
    headers = {
        "content-type": outgoing.content_type, "webhook-id": parcel.message_id, "webhook-timestamp": str(now), "webhook-signature": signed,
    }  # fmt: skip
    _judge(await wire.ask("POST", settings.url, headers=headers, body=outgoing.body), wire)
    return Receipt(target.name, parcel.article.id, "confirmed", parcel.message_id)


def _judge(answer: Answer, wire: Wire) -> None:
    """What an answer means (publishing.md section 2 and 3)."""
    if answer.headers.get("webhook-delivery", "").strip() == "abort-message":
        raise wire.refused("the receiver asked to stop", status=answer.status)
    if answer.status == 410:
        raise wire.refused("gone: the endpoint is switched off", status=410)
    judge(answer, wire)


PUBLISHER = Publisher("webhook", WebhookSettings, _format, _send)
