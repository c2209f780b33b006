"""The generic webhook: signature, answers and addresses, on real sockets."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from desk import written
from standardwebhooks import Webhook, WebhookVerificationError

from newsgen.errors import PublishError, PublishRefused, PublishUnavailable
from newsgen.publish import SiteInfo, _address, _wire, webhook
from newsgen.publish._address import AddressRefused, is_public, locate
from newsgen.publish._printed import Printed
from newsgen.publish._publisher import Finding, Parcel, Target
from newsgen.publish._wire import Wire
from newsgen.secret import Secret
from newsgen.story import Receipt
from newsgen.target_settings import WebhookSettings

sys.path.insert(0, str(Path(__file__).parent))
from matrix import versions
from receiver import SECRET, Receiver, receiving

NOW = datetime.now(UTC)


def _parcel() -> Parcel:
    article = written("2025-07-14-squeeze").article
    assert article is not None
    return Parcel(Printed.of(article), article.dumps(), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1)


def _send(receiver: Receiver, **more: object) -> Receipt:
    return asyncio.run(_sending(receiver.url, **more))


async def _sending(url: str, *, allow_private: bool = True, secrets: dict[str, str] | None = None, **more: object) -> Receipt:
    settings = WebhookSettings(name="cms", url=url, secret_env="S", allow_private=allow_private, **more)  # type: ignore[arg-type]
    target, parcel = Target(settings), _parcel()
    known = {name: Secret(value) for name, value in (secrets or {"S": SECRET}).items()}
    wire = Wire("cms", parcel.article.slug, lambda: NOW, allow_private, known)
    return await webhook.PUBLISHER.send(parcel, webhook.PUBLISHER.format(parcel, target), target, wire)


def test_the_standards_own_vector() -> None:
    signature = webhook.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all"])
def test_a_secret_of_the_wrong_kind_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret") as caught:
        webhook.sign(secret, "msg_1", 1, b"{}")
    assert not secret or secret not in str(caught.value)


def test_the_standards_library_accepts_what_arrives() -> None:
    with receiving() as receiver:
        assert _send(receiver).state == "confirmed"
    headers, body = receiver.requests[0]
    event = Webhook(SECRET).verify(body, headers)
    assert event["type"] == "article.published"
    assert event["data"]["headline"]
    assert event["data"]["version"] == 1
    assert "<p>" in event["data"]["body_html"]
    assert len(body) < 20_000


@pytest.mark.parametrize(
    ("answer", "error", "may_be_stored", "says"),
    [
        ("500", PublishUnavailable, True, ""),
        ("503 retry-after=7", PublishUnavailable, True, ""),
        ("429 retry-after=11", PublishUnavailable, False, ""),
        ("410", PublishRefused, False, "switched off"),
        ("302 location=https://elsewhere.example/", PublishRefused, False, "redirects"),
        ("401", PublishRefused, False, ""),
        ("500 webhook-delivery=abort-message", PublishRefused, False, "asked to stop"),
        ("cut", PublishUnavailable, True, "lost"),
    ],
)
def test_answers_are_told_apart(answer: str, error: type, may_be_stored: bool, says: str) -> None:
    with receiving() as receiver:
        receiver.answers = [answer]
        with pytest.raises(error) as caught:
            _send(receiver)
    assert caught.value.may_be_stored is may_be_stored
    assert says in str(caught.value)
    assert len(receiver.requests) == 1
    if "retry-after" in answer:
        assert caught.value.retry_after_s == float(answer.rsplit("=", 1)[1])


def test_what_was_taken_is_taken_whatever_the_receiver_wants_besides() -> None:
    with receiving() as receiver:
        receiver.answers = ["204 webhook-delivery=abort-message"]
        assert _send(receiver).state == "confirmed"


def test_a_receiver_that_hangs_ends_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wire, "TOTAL_S", 0.3)
    with receiving() as receiver:
        receiver.answers = ["hang"]
        with pytest.raises(PublishUnavailable) as caught:
            _send(receiver)
    assert caught.value.may_be_stored


REFUSED = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "ff02::1",
    # Those that `is_global` of Python 3.11 calls global, beyond the list of the security rules.
    "192.0.0.192",
    "192.88.99.1",
    "fec0::1",
    "3fff::1",
    "4000::1",
    "200::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_addresses_that_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://user:pass@example.com/", "https://example.com/#x", "https://example.com:8443/", "ftp://example.com/",
     "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/", "https://localhost./", "https://LOCALHOST/",
     "https:///nothing"],
)  # fmt: skip
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        asyncio.run(locate(url, allow_private=False))


def test_a_resolver_that_changes_its_mind_is_asked_once() -> None:
    answers = [["93.184.216.34"], ["127.0.0.1"]]

    async def resolver(host: str, port: int) -> list[str]:
        return answers.pop(0)

    address = asyncio.run(locate("https://cms.example/hook", allow_private=False, resolver=resolver))
    assert address.urls[0] == "https://93.184.216.34:443/hook"
    assert address.host == "cms.example"
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.1"):
        asyncio.run(locate("https://cms.example/hook", allow_private=False, resolver=resolver))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    async def resolver(host: str, port: int) -> list[str]:
        return ["93.184.216.34", "10.0.0.7"]

    with pytest.raises(AddressRefused, match=r"10\.0\.0\.7"):
        asyncio.run(locate("https://cms.example/", allow_private=False, resolver=resolver))


def test_loopback_is_refused_unless_it_is_allowed() -> None:
    with receiving() as receiver:
        with pytest.raises(PublishRefused, match=r"port|public"):
            asyncio.run(_sending(receiver.url.replace("http:", "https:"), allow_private=False))
        assert receiver.requests == []


def test_a_proxy_of_the_environment_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        _send(receiver)
        assert proxy.requests == []
        assert len(receiver.requests) == 1


def test_the_stamp_of_an_attempt_is_its_own() -> None:
    with receiving() as receiver:
        _send(receiver)
    headers, body = receiver.requests[0]
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert abs(datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC) - NOW) < timedelta(seconds=1)
    assert json.loads(body)["timestamp"] == "2025-07-14T12:02:00Z"
    assert _address.check_url("https://a.example/", allow_private=False).hostname == "a.example"


# Rotation, size, what happens to a story


OLD = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def test_while_a_secret_is_changed_either_one_verifies() -> None:
    with receiving() as receiver:
        _send(receiver, secrets={"S": SECRET, "OLD": OLD}, old_secret_env="OLD")
    headers, body = receiver.requests[0]
    assert headers["webhook-signature"].count("v1,") == 2
    assert Webhook(SECRET).verify(body, headers) == Webhook(OLD).verify(body, headers) == json.loads(body)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(bytes(32)).decode()).verify(body, headers)


_JAVASCRIPT = """
const { Webhook } = require("standardwebhooks");
const { secrets, headers, body } = JSON.parse(require("fs").readFileSync(0, "utf8"));
for (const secret of secrets) new Webhook(secret).verify(body, headers);
console.log("verified");
"""


@pytest.mark.slow
def test_the_standards_javascript_library_accepts_both_signatures(tmp_path: Path) -> None:
    with receiving() as receiver:
        _send(receiver, secrets={"S": SECRET, "OLD": OLD}, old_secret_env="OLD")
    headers, body = receiver.requests[0]
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "standardwebhooks@1"], cwd=tmp_path, check=True, timeout=120)
    told = json.dumps({"secrets": [SECRET, OLD], "headers": headers, "body": body.decode()})
    found = subprocess.run(["node", "-e", _JAVASCRIPT], cwd=tmp_path, input=told, capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout == "verified\n"


def _large(site: SiteInfo) -> dict[str, Any]:
    article = versions()[0].with_text("paragraphs[0]", "Bitcoin rose. " * 1500)
    target = Target(WebhookSettings(name="cms", url="https://cms.example/", secret_env="S"), site)
    event: dict[str, Any] = json.loads(webhook.payload(Parcel(Printed.of(article), "", "msg_1", 1), target))
    return event["data"]


def test_an_event_that_is_too_large_says_where_its_body_is() -> None:
    data = _large(SiteInfo(base_url="https://news.example"))
    assert data["body_html"] is data["body_text"] is None
    assert data["content_url"] == "https://news.example/articles/record-for-bitcoin-9e85ffbb/"
    assert len(json.dumps(data)) < 20_000


def test_a_site_without_an_address_sends_the_body_whatever_its_size() -> None:
    data = _large(SiteInfo())
    assert "Bitcoin rose." in data["body_html"]
    assert data["content_url"] is None


@pytest.mark.parametrize(
    ("address", "cards", "there"), [("https://news.example", True, True), ("https://news.example", False, False), ("", True, False)]
)
def test_the_card_beside_the_page_goes_along_where_there_is_a_page(address: str, cards: bool, there: bool) -> None:
    target = Target(WebhookSettings(name="cms", url="https://cms.example/", secret_env="S"), SiteInfo(base_url=address, cards=cards))
    first, *_, gone = (json.loads(webhook.payload(Parcel(Printed.of(a), "", "msg_1", 1), target))["data"] for a in versions())
    card = {
        "url": "https://news.example/articles/record-for-bitcoin-9e85ffbb/card.png", "alt": "Bitcoin's record & the [range]",
        "width": 1200, "height": 630, "source_type": "http://cv.iptc.org/newscodes/digitalsourcetype/dataDrivenMedia",
    }  # fmt: skip
    assert first["image"] == (card if there else None)
    assert gone["image"] is None


def test_each_version_of_a_story_is_an_event_of_its_own_under_one_id() -> None:
    target = Target(WebhookSettings(name="cms", url="https://cms.example/", secret_env="S"))
    events = [json.loads(webhook.payload(Parcel(Printed.of(a), "", "msg_1", 1), target)) for a in versions()]
    assert [e["type"] for e in events] == ["article.published", "article.updated", "article.corrected", "article.retracted"]
    assert len({e["data"]["id"] for e in events}) == 1
    assert [e["data"]["version"] for e in events] == [1, 2, 3, 4]
    assert [e["data"]["previous_version"] for e in events] == [None, 1, 2, 3]
    assert [e["data"]["status"] for e in events] == ["published", "published", "published", "retracted"]
    assert events[2]["data"]["correction"]["fields"] == [{"was": "83%", "is": "76%"}]
    assert events[3]["data"]["correction"]["text"].startswith("This article has been withdrawn")
    assert "<table>" in events[0]["data"]["body_html"]
    assert "BTC: Price $121,467" in events[0]["data"]["body_text"]
    assert events[0]["data"]["instruments"] == [{"symbol": "BTC-USD", "name": "Bitcoin", "exchange": None}]


# Is everything there


def _check(url: str, env: dict[str, str]) -> dict[str, Finding]:
    settings = WebhookSettings(name="cms", url=url, secret_env="S", allow_private=True)
    wire = Wire("cms", "", lambda: datetime.now(UTC), True, {name: Secret(value) for name, value in env.items()})
    return {f.what: f for f in asyncio.run(webhook.PUBLISHER.check(Target(settings), wire))}


def test_a_check_sends_a_test_event_and_no_article() -> None:
    with receiving() as receiver:
        found = _check(receiver.url, {"S": SECRET})
    headers, body = receiver.requests[0]
    assert Webhook(SECRET).verify(body, headers)["type"] == "endpoint.test"
    assert found["endpoint"].fine
    assert found["https"].fine  # in clear, and inside


def test_a_check_says_what_is_wrong() -> None:
    with receiving() as receiver:
        assert "base64" in _check(receiver.url, {"S": "whsec_short!"})["secret"].message
        assert receiver.requests == []
        receiver.answers = ["404"]
        assert not _check(receiver.url, {"S": SECRET})["endpoint"].fine


def test_a_token_in_the_address_stands_in_no_error() -> None:
    with receiving() as receiver:
        receiver.url += "/canary-7f3a9c51d2e8"
        for answer in ("404", "500", "cut", "302 location=https://elsewhere.example/"):
            receiver.answers = [answer]
            with pytest.raises(PublishError) as caught:
                _send(receiver)
            assert "canary" not in str(caught.value)
