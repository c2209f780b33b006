"""An article's picture as a file to upload; in: an article and its site, out: its bytes, a name by content, and a form that carries it.

The name holds a digest of the bytes: the same picture is found again instead of stored twice, and one of ours is known by its name.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsgen.publish._pages import SiteInfo
from newsgen.publish._pictures import card_png
from newsgen.publish._printed import Printed

__all__ = ["Picture", "form_of", "is_ours", "picture_of"]

_OURS = re.compile(r"newsgen-[0-9a-f]{20}(-\d+)?(\.png)?")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to upload.

    Attributes:
        stem: Its name without `.png`.
        alt: What it shows, for those who do not see it: the headline that is drawn on it.
    """

    stem: str
    body: bytes
    alt: str

    @property
    def name(self) -> str:
        return f"{self.stem}.png"


async def picture_of(article: Printed, site: SiteInfo) -> Picture:
    """The card of an article; drawn in a thread, for it takes a tenth of a second."""
    body = await asyncio.to_thread(card_png, article, site)
    return Picture(f"newsgen-{hashlib.sha256(body).hexdigest()[:20]}", body, article.headline.text)


def is_ours(name: str) -> bool:
    """Whether a file or media of this name was uploaded by us; the target may have put a number to it."""
    return _OURS.fullmatch(name.rsplit("/", 1)[-1]) is not None


def form_of(picture: Picture, fields: Mapping[str, str]) -> tuple[str, bytes]:
    """The picture and fields as multipart/form-data: content type and body."""
    border = f"newsgen-{hashlib.sha256(picture.body).hexdigest()}"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    head = f'Content-Disposition: form-data; name="file"; filename="{picture.name}"\r\nContent-Type: image/png\r\n\r\n'
    parts.append(head.encode() + picture.body)
    body = b"".join(b"--%s\r\n%s\r\n" % (border.encode(), part) for part in parts) + f"--{border}--\r\n".encode()
    return f"multipart/form-data; boundary={border}", body
