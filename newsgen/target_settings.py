"""What newsgen.toml says of a target, a class for each kind; in: a [[targets]] table, out: its settings, checked.

A kind is a module of `newsgen/publish/`; its settings stand here, so that a fault is found, with line and key, before anything is sent.
Secrets are never here: a `..._env` names the environment variable that holds one. Addresses that hold a token are secrets too.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from newsgen.setting_types import Duration, Line, Name, VariableName, WebAddress

__all__ = [
    "KINDS", "AnyTarget", "CmsSettings", "DiscordSettings", "FolderSettings", "GhostSettings", "MailSettings", "NinjsSettings",
    "Private", "SlackSettings", "TargetSettings", "TelegramSettings", "WebhookSettings", "WordPressSettings",
]  # fmt: skip

_MAIL = re.compile(r"[^@\s<>\",;]{1,64}@[A-Za-z0-9.-]{1,253}")


def _mail_address(value: object) -> str:
    text = str(value)
    if not _MAIL.fullmatch(text):
        raise ValueError("is no mail address: write name@host")
    return text


def _network(value: object) -> str:
    text = str(value)
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise ValueError("is no network: write 10.1.0.0/16, or one address") from None


Private = bool | tuple[str, ...]  # of addresses that are not public: none, whichever a target's name leads to, or these networks
MailAddress = Annotated[str, BeforeValidator(_mail_address)]
Needed = Annotated[WebAddress, Field(min_length=1, repr=False)]


class TargetSettings(BaseModel):
    """What every target has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    kind: str
    expiry: Duration = timedelta(hours=6)  # news later than this goes to the editor instead; corrections and withdrawals do not expire
    # Permit addresses that are not public, other ports than 80 and 443, and http: true, or the networks that its name may lead to.
    allow_private: StrictBool | tuple[Annotated[str, BeforeValidator(_network)], ...] = False

    @model_validator(mode="after")
    def _encrypted(self) -> TargetSettings:
        address = getattr(self, "url", "")
        if address.startswith("http:") and not self.allow_private:
            raise ValueError("url: write https (http only with allow_private = true)")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment variables that it needs."""
        named = (getattr(self, key) for key in type(self).model_fields if key.endswith("secret_env"))
        return tuple(name for name in named if name)

    @property
    def destination(self) -> str:
        """The host that its secrets go to; "" where a secret itself is the address."""
        address = getattr(self, "url", "") or getattr(self, "base_url", "")
        host = urlsplit(address).hostname if address else getattr(self, "host", "")
        return (host or "").lower().rstrip(".")


class FolderSettings(TargetSettings):
    """A static site in a folder, which any web server can serve."""

    kind: Literal["folder"] = "folder"
    path: Annotated[str, Field(min_length=1)]  # where the pages are written
    hubs: tuple[WebAddress, ...] = ()  # WebSub hubs that are told when a feed has changed
    subscribe: WebAddress = ""  # where the newsletter box of the pages leads; "" shows none
    logo: WebAddress = ""  # of the publisher, in JSON-LD
    corrections_policy: WebAddress = ""  # likewise
    daily_limit: int = Field(default=12, ge=1, le=1000)  # articles a day that search engines may index, the strongest first


class WebhookSettings(TargetSettings):
    """An endpoint that takes events signed after Standard Webhooks."""

    kind: Literal["webhook"] = "webhook"
    url: Needed  # the endpoint, https; may hold a token, so it is not printed
    secret_env: VariableName  # whsec_...
    old_secret_env: VariableName | Literal[""] = ""  # the one before it, while receivers change over: both sign


class WordPressSettings(TargetSettings):
    """A WordPress site, by its REST API and an application password."""

    kind: Literal["wordpress"] = "wordpress"
    url: Needed  # the site's address: https://news.example
    user: Annotated[str, Field(min_length=1)]  # the account's login name: an author's or an editor's, never an administrator's
    secret_env: VariableName  # its application password
    status: Literal["publish", "draft", "pending"] = "publish"  # how a new article is left there
    categories: tuple[Line, ...] = ()  # names; made if they are not there and the account may
    author: int | None = None  # the id of another author, if the account may set it
    id_meta: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,60}$")] = ""  # a registered post meta that holds our id, with the companion plugin
    canonical_meta: Annotated[str, Field(pattern=r"^[a-z0-9_]{0,60}$")] = ""  # another, for the address of a story's original elsewhere
    picture: StrictBool = True  # the article's card goes along as its featured image


class GhostSettings(TargetSettings):
    """A Ghost site, by its Admin API and the key of a custom integration."""

    kind: Literal["ghost"] = "ghost"
    url: Needed  # the site's address: https://news.example
    secret_env: VariableName  # the admin API key, id:secret
    status: Literal["published", "draft"] = "published"
    tags: tuple[Line, ...] = ()  # before the article's own; the first is the primary one
    authors: tuple[MailAddress, ...] = ()  # default the integration's owner
    picture: StrictBool = True  # the article's card goes along as its feature image


_REQUEST = re.compile(r"(GET|POST|PUT|PATCH|DELETE) /[^\s{}#]*(\{(id|story_id)\}[^\s{}#]*)*")


def _request(value: object) -> str:
    text = str(value)
    if not _REQUEST.fullmatch(text):
        raise ValueError("is no request: write a method and a path, with {id} or {story_id} in it: GET /articles/{id}")
    return text


def _field_value(value: object) -> object:
    """A text is looked at as it will be filled, so that a wrong name is found now."""
    if isinstance(value, str):
        from newsgen.expressions import problem_of

        problem = problem_of(value)
        if problem:
            raise ValueError(problem)
    return value


Request = Annotated[str, BeforeValidator(_request)]
FieldValue = Annotated[StrictStr | StrictBool | StrictInt | tuple[StrictStr, ...], BeforeValidator(_field_value)]


class CmsSettings(TargetSettings):
    """Any CMS with a JSON API: which requests it takes, and which of its fields hold what (docs/cms.md)."""

    kind: Literal["cms"] = "cms"
    url: Needed  # the base address of the API
    secret_env: VariableName | Literal[""] = ""  # the token
    auth: str = "Bearer {secret}"  # the Authorization header
    create: Request = "POST /articles"  # method and path; {id} is the CMS' own id in the others
    read: Request = "GET /articles/{id}"
    update: Request = "PATCH /articles/{id}"
    remove: Request | Literal[""] = "DELETE /articles/{id}"  # of a twin; "" where the API has none
    find: Request  # the look-up by our id, oldest first: "GET /articles?filter[external_id][_eq]={story_id}&sort=date_created"
    wrap: str = ""  # the key that the fields stand under in a request: Strapi's "data"
    answer: str = ""  # the same of an answer: "data" of Strapi and Directus
    found: str = ""  # the key of the list in an answer to find: "data", "items"; "" where the answer is the list
    id_field: str = "id"  # where an answer holds the CMS' id; here and below dots lead into objects
    title_field: str = "title"  # the field that holds the headline, for reading back; "" compares none
    body_field: Annotated[str, Field(min_length=1)]  # the same of the body
    compared: tuple[str, ...] = ()  # further fields of plain text that are read back and compared, as the dek's
    url_field: str = ""  # where an answer holds the article's address, if the CMS knows it
    fields: Mapping[str, FieldValue]  # field -> text with expressions over the article: title = "{{ headline }}"
    once: tuple[str, ...] = ()  # fields that are given when the article is made, and then left to the people there
    hidden: Mapping[str, FieldValue] = Field(default_factory=dict)  # fields as long as it is not read back: { status = "draft" }
    withdrawn: Mapping[str, FieldValue] = Field(default_factory=dict)  # fields that change besides when an article is withdrawn
    missing: tuple[int, ...] = (404, 410)  # the answers that mean "there is no such article"; Directus' is 403
    html: Literal["full", "simple", "text"] = "full"  # simple: no tables (they become prose), text: the body field holds plain text

    @model_validator(mode="after")
    def _mapped(self) -> CmsSettings:
        for key in (self.title_field, self.body_field, *self.compared, *self.once, *self.hidden):
            if key and key not in self.fields:
                raise ValueError(f"fields: holds no {key!r}, which another setting names")
        both = [key for key in self.fields if any(other.startswith(f"{key}.") for other in self.fields)]
        if both:
            raise ValueError(f"fields: {both[0]} is a value and an object at once")
        if not any("story_id" in str(value) for value in self.fields.values()):
            raise ValueError("fields: one must hold {{ story_id }}, by which an article is found again")
        if not (self.read.startswith("GET ") and self.find.startswith("GET ")):
            raise ValueError("read and find: are GET requests")
        if "{story_id}" not in self.find:
            raise ValueError("find: holds no {story_id}, so it would find every article")
        if any(request and "{id}" not in request for request in (self.read, self.update, self.remove)):
            raise ValueError("read, update and remove: hold {id}")
        return self


class NinjsSettings(TargetSettings):
    """Items of IPTC ninjs 3.1, as files in a folder or by POST."""

    kind: Literal["ninjs"] = "ninjs"
    path: str = ""  # a folder, one file a story
    url: Annotated[WebAddress, Field(repr=False)] = ""  # or an address that takes each item by POST
    secret_env: VariableName | Literal[""] = ""  # its token, sent as Authorization: Bearer

    @model_validator(mode="after")
    def _one_way(self) -> NinjsSettings:
        if bool(self.path) == bool(self.url):
            raise ValueError("needs either path or url")
        return self


class SlackSettings(TargetSettings):
    """A message to a channel of Slack, by an incoming webhook."""

    kind: Literal["slack"] = "slack"
    secret_env: VariableName  # the webhook's address, which is the credential
    base_url: Annotated[WebAddress, Field(repr=False)] = ""  # rehearsals: host and scheme in place of the webhook's own


class TelegramSettings(TargetSettings):
    """A message to a chat of Telegram, by a bot."""

    kind: Literal["telegram"] = "telegram"
    chat: Annotated[str, Field(pattern=r"^(@[A-Za-z0-9_]{4,64}|-?\d{1,20})$")]  # @channel, or the number of a chat
    secret_env: VariableName  # the bot's token
    base_url: WebAddress = "https://api.telegram.org"


class DiscordSettings(TargetSettings):
    """A message to a channel of Discord, by a webhook."""

    kind: Literal["discord"] = "discord"
    secret_env: VariableName  # the webhook's address, which is the credential
    base_url: Annotated[WebAddress, Field(repr=False)] = ""  # rehearsals: host and scheme in place of the webhook's own


class MailSettings(TargetSettings):
    """Each story by mail, to editors."""

    kind: Literal["mail"] = "mail"
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{1,253}$")]  # the SMTP server
    port: int = Field(default=587, ge=1, le=65535)
    encryption: Literal["starttls", "tls", "none"] = "starttls"  # none only with allow_private
    user: str = ""
    secret_env: VariableName | Literal[""] = ""  # the password
    sender: MailAddress
    to: Annotated[tuple[MailAddress, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _not_in_clear(self) -> MailSettings:
        if self.encryption == "none" and not self.allow_private:
            raise ValueError("encryption: none only with allow_private = true")
        if bool(self.user) != bool(self.secret_env):
            raise ValueError("user and secret_env belong together")
        return self


KINDS: Mapping[str, type[TargetSettings]] = {
    k.model_fields["kind"].default: k
    for k in (FolderSettings, WebhookSettings, WordPressSettings, GhostSettings, CmsSettings, NinjsSettings, SlackSettings,
              TelegramSettings, DiscordSettings, MailSettings)
}  # fmt: skip

AnyTarget = Annotated[
    FolderSettings | WebhookSettings | WordPressSettings | GhostSettings | CmsSettings | NinjsSettings | SlackSettings
    | TelegramSettings | DiscordSettings | MailSettings,
    Field(discriminator="kind"),
]  # fmt: skip
