"""Generic webhook after Standard Webhooks 1.0.0; in: an article and an endpoint, out: one signed POST.

The id is the same on every attempt, so a receiver that saw the first one throws the second away; time stamp and signature are new each
time. 3xx is a failure, 410 switches the endpoint off, Retry-After counts, and so does `webhook-delivery: abort-message`. The secret
stands in no error, log or row.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from newsgen.errors import PublishRefused, PublishUnavailable
from newsgen.publish._address import Address, AddressRefused, locate
from newsgen.publish._pages import body_html, body_text
from newsgen.publish._printed import stamp
from newsgen.publish._publisher import Outgoing, Parcel, Publisher, Target
from newsgen.story import Receipt

__all__ = ["PUBLISHER", "payload", "sign"]

CONNECT_S, TOTAL_S, ANSWER_BYTES = 5.0, 30.0, 1_000_000


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
        "id": article.id, "version": article.version, "previous_version": article.version - 1 or None, "status": "published",
        "language": article.locale, "headline": article.headline.text, "slug": article.slug, "summary": article.summary,
        "body_html": body_html(article), "body_text": body_text(article), "published_at": stamp(article.written_at),
        "modified_at": stamp(article.written_at), "data_as_of": stamp(article.as_of),
        "authors": [{"name": f"{site.title}, {site.desk}", "type": "organization", "url": site.base_url or None}],
        "categories": [article.angle], "tags": list(article.tags),
        "instruments": [{"symbol": f"{t}-USD", "name": t, "exchange": None} for t in article.tickers],
        "image": None, "canonical_url": site.url(f"articles/{article.slug}/") if site.base_url else None,
        "sources": [{"name": s.name, "url": s.link or None, "retrieved_at": stamp(s.as_of), "credit": s.credit or None,
                     "credit_url": s.credit_link or None} for s in article.sources],
        "disclosure": {"text": article.disclosure.text, "digital_source_type": article.disclosure.digital_source_type,
                       "human_reviewed": False, "reviewer": None},
        "correction": None,
    }  # fmt: skip
    kind = "article.published" if article.version == 1 else "article.updated"
    event = {"type": kind, "timestamp": stamp(article.written_at), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _format(parcel: Parcel, target: Target) -> Outgoing:
    return Outgoing(payload(parcel, target), "application/json")


async def _send(parcel: Parcel, outgoing: Outgoing, target: Target, secret: str, now: datetime) -> Receipt:
    slug = parcel.article.slug
    try:
        signature = sign(secret, parcel.message_id, int(now.timestamp()), outgoing.body)
        address = await locate(target.url, allow_private=target.allow_private)
    except (ValueError, AddressRefused) as error:
        raise PublishRefused(target.name, slug, str(error)) from None
    except OSError as error:
        raise PublishUnavailable(target.name, slug, f"the name cannot be resolved ({type(error).__name__})") from None
    headers = {
        "content-type": outgoing.content_type, "webhook-id": parcel.message_id, "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature, "host": address.netloc, "user-agent": "newsgen/0.1",
    }  # fmt: skip
    await _post(parcel, outgoing, target, address, headers)
    return Receipt(target.name, parcel.article.id, "confirmed", parcel.message_id)


async def _post(parcel: Parcel, outgoing: Outgoing, target: Target, address: Address, headers: dict[str, str]) -> None:
    import httpx

    slug, name = parcel.article.slug, target.name
    timeout = httpx.Timeout(TOTAL_S, connect=CONNECT_S)
    try:
        async with asyncio.timeout(TOTAL_S), httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False) as client:
            extensions = {"sni_hostname": address.host}
            async with client.stream("POST", address.url, content=outgoing.body, headers=headers, extensions=extensions) as answer:
                said = await _read(answer)
                _judge(answer.status_code, answer.headers, said, name, slug)
    except httpx.ConnectError as error:
        raise PublishUnavailable(name, slug, f"no connection ({type(error).__name__})") from None
    except httpx.ConnectTimeout:
        raise PublishUnavailable(name, slug, "no connection in time") from None
    except (TimeoutError, httpx.TimeoutException):
        raise PublishUnavailable(name, slug, "no answer in time", may_be_stored=True) from None
    except httpx.HTTPError as error:
        raise PublishUnavailable(name, slug, f"the connection was lost ({type(error).__name__})", may_be_stored=True) from None


async def _read(answer) -> str:  # type: ignore[no-untyped-def]
    """The beginning of an answer, for the log; never more than a megabyte is taken."""
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES:
            break
    return bytes(body[:1024]).decode("utf-8", "replace")


def _judge(status: int, headers, said: str, name: str, slug: str) -> None:  # type: ignore[no-untyped-def]
    """What an answer means (publishing.md section 2 and 3)."""
    if 200 <= status < 300:
        return
    if headers.get("webhook-delivery", "").strip() == "abort-message":
        raise PublishRefused(name, slug, "the receiver asked to stop", status=status)
    if status == 410:
        raise PublishRefused(name, slug, "gone: the endpoint is switched off", status=status)
    if 300 <= status < 400:
        raise PublishRefused(
            name, slug, f"redirects to {headers.get('location', 'elsewhere')[:100]}: configure that address", status=status
        )
    wait = _retry_after_s(headers.get("retry-after", ""))
    if status in (408, 425, 429) or status >= 500:
        raise PublishUnavailable(name, slug, said[:200], status=status, retry_after_s=wait, may_be_stored=status >= 500)
    if status in (401, 403, 404):
        raise PublishRefused(name, slug, said[:200], status=status)
    raise PublishUnavailable(name, slug, said[:200], status=status, retry_after_s=wait)


def _retry_after_s(text: str) -> float | None:
    try:
        return min(max(float(text), 0.0), 3600.0)
    except ValueError:
        pass
    try:
        return min(max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0), 3600.0)
    except (TypeError, ValueError):
        return None


PUBLISHER = Publisher("webhook", _format, _send)
