"""`newsgen demo` as a newcomer runs it: no key, no network, real days through the whole line, and twice into one folder."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

from desk import EDITIONS

HELD = "2025-07-14-as-printed"


def demo(site: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Without any variable of the environment; a proxy that leads nowhere would be the only way out."""
    nowhere = "http://127.0.0.1:9"
    env = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere, "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "newsgen", "demo", "--site", str(site)]
    return subprocess.run(command, capture_output=True, check=False, text=True, timeout=120, env=env, cwd=cwd)


def _files(site: Path) -> dict[str, bytes]:
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def test_the_demo_plays_every_sample_into_a_site_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    """One test for all, since each run takes seconds."""
    site = tmp_path / "site"
    first = demo(site, tmp_path)
    assert first.returncode == 0, first.stderr
    _every_sample_is_a_line_and_one_is_held_with_its_parts(first.stdout)
    assert first.stdout.endswith(f"The articles are in {site}/: open {site}/index.html in a browser.\n")
    assert first.stderr.splitlines() == [f"{name}: gathering from loopback" for name in EDITIONS]  # progress is no result
    _the_site_has_front_page_feed_and_a_page_for_each(site, re.findall(r"Z  publish  (.*)$", first.stdout, re.MULTILINE))
    assert {p.name for p in tmp_path.iterdir()} == {"site"}  # no database, no log, nothing else

    before = _files(site)
    again = demo(site, tmp_path)
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert _files(site) == before


def _every_sample_is_a_line_and_one_is_held_with_its_parts(told: str) -> None:
    decisions = re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\dZ  (publish|hold)  +\S.*$", told, re.MULTILINE)
    assert decisions == ["hold" if name == HELD else "publish" for name in EDITIONS]
    assert len(decisions) == 6
    [reason] = re.findall(r"^ {27}(\S.*)$", told, re.MULTILINE)
    for part in ("$26.3 million", "$52.7 million", "$79.0 million", "$90.6 million"):
        assert part in reason


def _the_site_has_front_page_feed_and_a_page_for_each(site: Path, headlines: list[str]) -> None:
    articles = [json.loads(p.read_text("utf-8")) for p in sorted(site.glob("articles/*/article.json"))]
    assert sorted(a["headline"]["text"] for a in articles) == sorted(headlines)
    front = (site / "index.html").read_text("utf-8")
    assert len(ET.parse(site / "rss.xml").getroot().findall("channel/item")) == len(articles) == 5
    for article in articles:
        assert f"articles/{article['slug']}/" in front
        folder = site / "articles" / article["slug"]
        assert {p.name for p in folder.iterdir()} >= {"index.html", "article.md", "article.json"}
        assert article["paragraphs"][0]["text"][:20] in (folder / "index.html").read_text("utf-8")
