"""Texts without secrets; in: a text and secrets, out: the text with *** in their place, whichever way they were written.

A target may repeat what it was sent: as it is, quoted, in base64 (also as the end of `user:password`), in hex. Looks at the text alone.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus

__all__ = ["without"]

_SHORTEST = 6  # characters: a shorter one would be taken out of words that have nothing to do with it
_SHORTEST_PART = 12


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with *** for each secret and each form of it; letters of either case."""
    for secret in secrets:
        pattern = _pattern(secret)
        text = pattern.sub("***", text) if pattern is not None else text
    return text


@lru_cache(maxsize=256)
def _pattern(secret: str) -> re.Pattern[str] | None:
    forms = {form for part in _parts(secret) for form in _forms(part) if len(form) >= _SHORTEST}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(re.escape(form) for form in longest_first), re.IGNORECASE) if longest_first else None


def _parts(secret: str) -> set[str]:
    """What of a secret is one by itself: the token in an address, the second half of a pair, a password without its spaces."""
    parts = {secret, "".join(secret.split())}
    if "://" in secret:  # it may be no address all the same
        tail = secret.split("://", 1)[1].partition("/")[2]
        parts |= {p for p in (*secret.split("/"), *tail.split("?"), tail) if len(p) >= _SHORTEST_PART and p != secret.split("/")[2]}
    elif ":" in secret:
        parts.add(secret.split(":", 1)[1])
    return parts | {part.removeprefix("whsec_") for part in parts}


def _forms(part: str) -> set[str]:
    raw = part.encode()
    quoted = {quote(part), quote(part, safe=""), quote_plus(part), json.dumps(part)[1:-1], part.replace("/", "\\/"), escape(part)}
    key = _decoded(part)
    return {part, *quoted, raw.hex(), *_base64(raw), *({key.hex()} if key else ())}


def _base64(raw: bytes) -> set[str]:
    """How the bytes look in base64, wherever among others they begin: without the characters that their neighbours share."""
    found = {base64.b64encode(raw).decode().rstrip("=")}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        whole = (before + len(raw)) // 3 * 4
        found.add(text[(0, 2, 3)[before] : whole])
    return {form for text in found if len(text) >= _SHORTEST for form in (text, text.translate(_URL_SAFE))}


_URL_SAFE = str.maketrans("+/", "-_")


def _decoded(part: str) -> bytes:
    """The key that a secret in base64 stands for."""
    try:
        return base64.b64decode(part, validate=True) if len(part) >= 24 else b""
    except binascii.Error:
        return b""
