"""`newsgen demo` as a newcomer runs it: no key, no network, three real days over real sockets, and twice into one folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest


def demo(program: Path, site: Path, cwd: Path, days: int) -> subprocess.CompletedProcess[str]:
    """Without any variable of the environment; a proxy that leads nowhere would be the only way out."""
    nowhere = "http://127.0.0.1:9"
    env = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere, "LANG": "C.UTF-8"}
    command = [str(program), "demo", "--days", str(days), "--site", str(site)]
    return subprocess.run(command, capture_output=True, check=False, text=True, timeout=280, env=env, cwd=cwd)


def the_demo_plays_days_into_a_site(program: Path, days: int, cwd: Path) -> None:
    """One check for all, since a run takes half a minute; one day is played by the wheel's test, from what it installed."""
    site = cwd / "site"
    done = demo(program, site, cwd, days)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # progress is for a terminal
    _the_days_are_told_in_order_and_the_last_article_is_held(done.stdout, days)
    assert done.stdout.endswith(f"articles are in {site}/: open {site}/index.html in a browser.\n")
    _the_site_has_front_page_feed_and_a_page_for_each(site, re.findall(r"Z  publish  (.*)$", done.stdout, re.MULTILINE))
    assert {p.name for p in cwd.iterdir()} == {"site"}  # no database, no log, nothing else


@pytest.mark.slow
def test_three_days_from_the_checkout(tmp_path: Path) -> None:
    the_demo_plays_days_into_a_site(Path(sys.executable).with_name("newsgen"), 3, tmp_path)


def _the_days_are_told_in_order_and_the_last_article_is_held(told: str, days: int) -> None:
    lines = re.findall(r"^(\d{4}-\d\d-\d\d \d\d:\d\dZ)  (publish|hold)  +(\S.*)$", told, re.MULTILINE)
    moments, decisions = [at for at, _, _ in lines], [decision for _, decision, _ in lines]
    assert moments[:-1] == sorted(moments[:-1])
    assert {at[:10] for at in moments} == {f"2025-07-{14 - k}" for k in range(days + 1)}
    assert decisions == ["publish"] * (len(lines) - 1) + ["hold"]
    [reason] = re.findall(r"^ {27}(\S.*)$", told, re.MULTILINE)
    for part in ("$26.3 million", "$52.7 million", "$79.0 million", "$90.6 million"):
        assert part in reason
    headlines = " / ".join(headline for _, _, headline in lines)
    assert "$123,218" in headlines  # the record of July 14
    assert days < 3 or "$1.18 billion" in headlines  # the flows of July 10
    assert len({(at[:10], headline) for at, _, headline in lines}) == len(lines)  # nothing is told twice on a day


def _the_site_has_front_page_feed_and_a_page_for_each(site: Path, headlines: list[str]) -> None:
    articles = [json.loads(p.read_text("utf-8")) for p in sorted(site.glob("articles/*/article.json"))]
    assert {a["headline"]["text"] for a in articles} <= set(headlines)
    assert sum(a["version"] for a in articles) == len(headlines)  # a later version of a story takes the place of the one before
    front = (site / "index.html").read_text("utf-8")
    assert len(ET.parse(site / "rss.xml").getroot().findall("channel/item")) == len(articles) > 3
    assert sum(f"articles/{article['slug']}/" in front for article in articles) > 3
    for article in articles:
        folder = site / "articles" / article["slug"]
        assert {p.name for p in folder.iterdir()} >= {"index.html", "article.md", "article.json"}
        assert article["paragraphs"][0]["text"][:20] in (folder / "index.html").read_text("utf-8")
        assert all(r["endpoint"] for r in article["readings"].values())
