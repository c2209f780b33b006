"""The folder as a whole site: which files, what moves and what stays, what search engines may list, and death in the middle of a write."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from newsgen.publish import SiteInfo
from newsgen.publish import _site as site_module
from newsgen.publish._glossary import glossary_of
from newsgen.publish._site import INDEX, MEANT, STORY
from newsgen.story import Article, Text

sys.path.insert(0, str(Path(__file__).parent))
from made_site import CHART, NOTE, SITE, corrected, files, later, put, sample, showcase, story, withdrawn

_WRITE = site_module.write


class Death(BaseException):
    """The process dies here."""


def _robots(folder: Path) -> str:
    found = re.search(r'<meta name="robots" content="([^"]*)"', (folder / "index.html").read_text("utf-8"))
    assert found
    return found[1]


def _listed(root: Path) -> set[str]:
    """The stories that the sitemap names."""
    return set(re.findall(r"/articles/([a-z0-9-]+)/", (root / "sitemap.xml").read_text("utf-8")))


# What is there


def test_a_site_has_every_page_of_the_contract(tmp_path: Path) -> None:
    folder = put(tmp_path, replace(sample(), charts=(CHART, replace(CHART, title="Another"))))
    assert {p.name for p in folder.iterdir()} == {
        "index.html", "article.md", "article.json", "ninjs.json", "chart-1.svg", "chart-2.svg", "card.png", STORY,
    }  # fmt: skip
    for name in ("index.html", "404.html", "rss.xml", "atom.xml", "feed.json", "sitemap.xml", "sitemap-news.xml", "archive/index.html",
                 "archive/2025-07/index.html", "assets/btc/index.html", "assets/eth/index.html", "angles/ath/index.html",
                 "glossary/index.html", "glossary/btc/index.html"):  # fmt: skip
        assert (tmp_path / name).is_file(), name
    assert (folder / "card.png").read_bytes().startswith(b"\x89PNG")


def test_every_way_of_every_page_leads_to_a_file(tmp_path: Path) -> None:
    """With and without an address of the site: on a server a folder is enough, on a disk the file has to be named."""
    for site in (SITE, SiteInfo(title="No address")):
        root = tmp_path / str(bool(site.base_url))
        put(root, replace(sample(), charts=(CHART,)), site)
        put(root, story(1, hours=2), site)
        for page in root.rglob("*.html"):
            for way in re.findall(r'(?:href|src)="([^"#:]+)"', page.read_text("utf-8")):
                start = root / way.lstrip("/") if way.startswith("/") else page.parent / way
                assert start.is_dir() or start.is_file(), f"{page.relative_to(root)} leads to {way}"
                assert site.base_url or start.is_file(), f"{page.relative_to(root)} leads to the folder {way}"


def test_a_version_that_was_written_anew_takes_the_place_of_the_one_that_never_went_out(tmp_path: Path) -> None:
    folder = put(tmp_path, story(1))
    put(tmp_path, replace(story(1), id="9" * 36, headline=Text("The same version, written again")))
    assert "The same version, written again" in (folder / "index.html").read_text("utf-8")


def test_the_glossary_is_in_the_order_of_its_names(tmp_path: Path) -> None:
    (tmp_path / "glossary").mkdir()
    for symbol, name in (("AAA", "Zeta"), ("BBB", "Alpha")):
        text = f'symbol = "{symbol}"\nname = "{name}"\nsummary = "A coin."\nparagraphs = ["It is one."]\n'
        (tmp_path / "glossary" / f"{symbol.lower()}.toml").write_text(text, "utf-8")
    assert list(glossary_of(tmp_path)) == ["BBB", "AAA"]


def test_another_version_takes_away_the_pictures_that_it_has_not(tmp_path: Path) -> None:
    first = replace(story(1), charts=(CHART, CHART))
    folder = put(tmp_path, first)
    assert (folder / "chart-2.svg").is_file()
    put(tmp_path, replace(later(first, text="Other words of the story."), charts=(CHART,)))
    assert {p.name for p in folder.glob("chart-*")} == {"chart-1.svg"}


def test_a_story_with_another_storys_slug_does_not_take_its_page(tmp_path: Path) -> None:
    first = put(tmp_path, story(1))
    second = put(tmp_path, replace(story(2, hours=30), slug="story-1"))
    assert second != first
    assert "The headline of story 1" in (first / "index.html").read_text("utf-8")
    assert json.loads((second / "article.json").read_text("utf-8"))["slug"] == second.name


# Updates, corrections, withdrawals


def test_the_date_of_change_moves_only_with_the_words(tmp_path: Path) -> None:
    folder = put(tmp_path, story(1))
    same = later(story(1))
    put(tmp_path, same)
    feed = json.loads((tmp_path / "feed.json").read_text("utf-8"))["items"][0]
    assert (feed["date_published"], feed["date_modified"]) == ("2025-07-14T08:00:00Z", "2025-07-14T08:00:00Z")
    assert "Updated" not in (folder / "index.html").read_text("utf-8")
    put(tmp_path, later(same, text="The story in other words."))
    feed = json.loads((tmp_path / "feed.json").read_text("utf-8"))["items"][0]
    assert (feed["date_published"], feed["date_modified"]) == ("2025-07-14T08:00:00Z", "2025-07-14T10:00:00Z")
    page = (folder / "index.html").read_text("utf-8")
    assert 'Updated <time datetime="2025-07-14T10:00:00Z">July 14, 10:00 UTC</time>' in page
    assert 'Published <time datetime="2025-07-14T08:00:00Z">July 14, 08:00 UTC</time>' in page


def test_a_correction_stands_on_the_page_and_stays_there_in_later_versions(tmp_path: Path) -> None:
    right = corrected(story(1))
    folder = put(tmp_path, story(1))
    assert put(tmp_path, right) == folder
    assert f'<p class="correction">{NOTE}</p>' in (folder / "index.html").read_text("utf-8")
    after = later(right, text="The story goes on.")
    put(tmp_path, replace(after, paragraphs=tuple(p for p in after.paragraphs if p.role != "correction")))
    page = (folder / "index.html").read_text("utf-8")
    assert "The story goes on." not in page or 'class="correction"' not in page
    assert re.search(rf"<h2>Corrections</h2>.*{re.escape(NOTE)}", page, re.DOTALL)


def test_a_withdrawn_story_is_a_notice_at_its_address_and_in_no_list(tmp_path: Path) -> None:
    put(tmp_path, story(2, hours=30))
    folder = put(tmp_path, replace(story(1, hours=31), charts=(CHART,)))
    others = put(tmp_path, story(3, hours=60))
    assert "The headline of story 1" in (others / "index.html").read_text("utf-8")  # as a related story
    put(tmp_path, withdrawn(story(1, hours=31)))
    page = (folder / "index.html").read_text("utf-8")
    assert '<p class="correction">Its figures were wrong.</p>' in page
    assert '"creativeWorkStatus": "Retracted"' in page
    for figure in ("30%", "$121,467", "$748.3 million", "Binance spot, as of"):
        assert figure not in page.split("How it was made")[0]
    assert _robots(folder).startswith("noindex")
    assert "story-1" not in _listed(tmp_path)
    assert not list(folder.glob("chart-*")) + list(folder.glob("card.png"))
    assert json.loads((folder / "ninjs.json").read_text("utf-8"))["pubStatus"] == "canceled"
    for path in tmp_path.rglob("*.html"):
        assert path.parent == folder or "story-1" not in path.read_text("utf-8"), path
    assert "story-1" not in (tmp_path / "sitemap-news.xml").read_text("utf-8")


@pytest.mark.parametrize("taken_back", [withdrawn, corrected], ids=["withdrawn", "corrected"])
def test_a_price_that_was_taken_back_stands_on_no_page_of_another_asset(tmp_path: Path, taken_back: Callable[[Article], Article]) -> None:
    """Every page of an asset has the list of all prices, also that of one whose stories lead nowhere near the price's."""
    wrong = story(1)
    put(tmp_path, wrong)
    for number in range(2, 12):
        put(tmp_path, replace(story(number, hours=number), tickers=("ADA",) if number < 11 else ("SOL",)))
    page = tmp_path / "assets" / "sol" / "index.html"
    assert "$121,467" in page.read_text("utf-8")
    new = taken_back(wrong)
    put(
        tmp_path,
        replace(new, headline=Text("Other news"), dek=Text(""), paragraphs=new.paragraphs[:1], key_points=(), tables=(), charts=()),
    )
    assert "$121,467" not in page.read_text("utf-8")


def test_another_headline_reaches_the_pages_that_lead_to_the_story(tmp_path: Path) -> None:
    put(tmp_path, story(1))
    leading = put(tmp_path, story(2, hours=30))
    put(tmp_path, replace(later(story(1)), headline=story(1, headline="What it is called now").headline))
    page = (leading / "index.html").read_text("utf-8")
    assert "What it is called now" in page
    assert "The headline of story 1" not in page


# What search engines may list


def test_no_more_than_so_many_of_a_day_are_listed_and_the_strongest_are(tmp_path: Path) -> None:
    for number, score in enumerate((70, 60, 90, 50), start=1):
        put(tmp_path, story(number, hours=number, score=str(score), subject=f"A{number}"), limit=2)
    assert _listed(tmp_path) == {"story-1", "story-3"}
    assert _robots(tmp_path / "articles" / "story-2") == "noindex,follow,max-image-preview:large"  # it had been listed until the third came
    assert _robots(tmp_path / "articles" / "story-4") == "noindex,follow,max-image-preview:large"
    assert _robots(tmp_path / "articles" / "story-3") == "max-image-preview:large"
    assert "story-2" not in (tmp_path / "sitemap-news.xml").read_text("utf-8")
    assert "story-2" in (tmp_path / "index.html").read_text("utf-8")  # readers still find it
    put(tmp_path, story(5, hours=20, score="1", subject="A5"), limit=2)
    assert "story-5" in _listed(tmp_path)  # 04:00 of the next day


def test_two_pages_within_a_day_on_one_subject_and_family_are_not_both_listed(tmp_path: Path) -> None:
    put(tmp_path, story(1, hours=0, score="80"))
    put(tmp_path, story(2, hours=5, score="70"))
    assert _listed(tmp_path) == {"story-1"}
    put(tmp_path, story(3, hours=6, score="95"))
    assert _listed(tmp_path) == {"story-3"}
    put(tmp_path, story(4, hours=7, score="60", family="flows"))
    put(tmp_path, story(5, hours=8, score="60", subject="ETH"))
    put(tmp_path, story(6, hours=30, score="60"))
    assert _listed(tmp_path) == {"story-3", "story-4", "story-5", "story-6"}


def test_a_later_version_keeps_its_storys_standing(tmp_path: Path) -> None:
    put(tmp_path, story(1, score="80"))
    weak = story(2, hours=1, score="70")
    put(tmp_path, weak)
    put(tmp_path, later(replace(weak, pitches=story(2, score="99").pitches), text="Stronger now, in other words."))
    assert _listed(tmp_path) == {"story-1"}


# The folder's own memory


@pytest.mark.parametrize("damage", ["missing", "half"])
def test_a_lost_index_is_read_again_from_the_articles(tmp_path: Path, damage: str) -> None:
    for number in (1, 2):
        put(tmp_path, story(number, hours=number, score=str(90 - number)))
    put(tmp_path, corrected(story(1, hours=1)))
    before = files(tmp_path)
    index = tmp_path / INDEX
    if damage == "missing":
        index.unlink()
    else:
        index.write_bytes(index.read_bytes()[:300])
    (tmp_path / "sitemap.xml").unlink()
    put(tmp_path, story(1, hours=1))  # an old version: nothing new
    after = files(tmp_path)
    assert sorted(json.loads(after.pop(INDEX)), key=str) == sorted(json.loads(before.pop(INDEX)), key=str)
    assert after == before


def test_a_folder_of_articles_alone_becomes_a_site_again(tmp_path: Path) -> None:
    for number in (1, 2):
        put(tmp_path, story(number, hours=number * 30))
    for path in (*tmp_path.glob("articles/*/.*.json"), *tmp_path.glob("*.xml"), tmp_path / INDEX):
        path.unlink()
    put(tmp_path, story(3, hours=90))
    assert _listed(tmp_path) == {"story-1", "story-2", "story-3"}


def test_a_write_reads_no_article_but_those_it_shows(tmp_path: Path) -> None:
    """The text of a story that is on no list of latest stories may be gone: nobody asks for it."""
    put(tmp_path, story(1))
    (tmp_path / "articles" / "story-1" / "article.json").unlink()
    put(tmp_path, story(2, hours=30))
    assert _listed(tmp_path) == {"story-1", "story-2"}


@pytest.fixture(scope="module")
def half_and_whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A site before and after its second story, which takes the first one's place in the sitemap."""
    half, whole = tmp_path_factory.mktemp("half"), tmp_path_factory.mktemp("whole")
    put(half, story(1, hours=1))
    shutil.copytree(half, whole, dirs_exist_ok=True)
    put(whole, story(2, hours=2, score="90"))
    return half, whole


@pytest.mark.parametrize("point", [MEANT, "article.json", "index.html", "card.png", STORY, "sitemap.xml", "atom.xml", INDEX, "the end"])
def test_a_process_that_dies_before_a_write_is_made_good(
    tmp_path: Path, half_and_whole: tuple[Path, Path], point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same version comes again, as the outbox sends it; the site is then as if nobody had died."""
    half, whole = half_and_whole
    shutil.copytree(half, tmp_path, dirs_exist_ok=True)

    def write(path: Path, content: str | bytes, **how: bool) -> bool:
        if path.name == point and (point != "index.html" or path.parent.name == "story-2"):
            raise Death
        done = _WRITE(path, content, **how)
        if point == "the end" and path.name == INDEX:
            raise Death
        return done

    with monkeypatch.context() as patched, pytest.raises(Death):
        patched.setattr(site_module, "write", write)
        put(tmp_path, story(2, hours=2, score="90"))
    put(tmp_path, story(2, hours=2, score="90"))
    assert files(tmp_path) == files(whole)


def test_several_writers_at_once_lose_no_story(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: put(tmp_path, story(number, hours=number * 30)), (1, 2, 3)))
    assert _listed(tmp_path) == {"story-1", "story-2", "story-3"}


def test_the_next_story_finishes_what_a_dead_process_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, story(1))

    def write(path: Path, content: str | bytes, **how: bool) -> bool:
        if path.name == "sitemap.xml":
            raise Death
        return _WRITE(path, content, **how)

    with monkeypatch.context() as patched, pytest.raises(Death):
        patched.setattr(site_module, "write", write)
        put(tmp_path, story(2, hours=30))
    assert "story-2" not in _listed(tmp_path)
    put(tmp_path, story(3, hours=60))
    assert _listed(tmp_path) == {"story-1", "story-2", "story-3"}
    assert "story-2" in (tmp_path / "archive/2025-07/index.html").read_text("utf-8")
    assert not (tmp_path / MEANT).exists()


def test_a_site_holds_no_half_written_file() -> None:
    assert not list(showcase().rglob("*.part"))
    assert {oct(p.stat().st_mode & 0o777) for p in showcase().rglob("*") if p.is_file() and p.name != ".lock"} == {"0o644"}
