"""The pages as others see them: an HTML validator, and a browser with axe, at two widths and in both themes.

The pictures of the last run lie in .pytest_cache/pages/, to be looked at. Without Chromium, node or the packages of tests/publish/npm the
tests are skipped, and say what to install; .ci/run installs all of it and allows no skip.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from newsgen.publish import Printed
from newsgen.publish._newsletter import newsletter

sys.path.insert(0, str(Path(__file__).parent))
from made_site import MORNING, SITE, sample, showcase, story

NPM = Path(__file__).parent / "npm"
PICTURES = Path(__file__).parents[2] / ".pytest_cache" / "pages"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
THEMES = ("light", "dark")


def _article(part: str) -> str:
    """The page that has a part in it."""
    found = [p for p in sorted(showcase().glob("articles/*/index.html")) if part in p.read_text("utf-8")]
    return f"articles/{found[0].parent.name}/"


# A page of each kind; those with "<" are the article that has this in it. The first two at both widths in both themes, the others at two of
# the four: what differs between the four is the same style for all.
PAGES = {
    "front": "index.html", "article": "</figure>", "table": "<table>\n<caption>Prices</caption>", "corrected": '<p class="correction">An',
    "withdrawn": '<p class="correction">Its', "asset": "assets/btc/", "month": "archive/2025-07/", "archive": "archive/",
    "coin": "glossary/btc/", "missing": "404.html",
}  # fmt: skip


def _needed(name: str, found: bool, mend: str) -> None:
    if not found:
        pytest.skip(f"no {name}: {mend}")


def _package(name: str) -> Path:
    _needed("node", shutil.which("node") is not None, "apt-get install nodejs npm")
    _needed(name, (NPM / "node_modules" / name).is_dir(), f"npm ci --prefix {NPM.relative_to(NPM.parents[2])}")
    return NPM / "node_modules" / name


def _faults(config: str, *files: Path) -> list[str]:
    """What html-validate says."""
    program = _package("html-validate") / "bin" / "html-validate.mjs"
    command = ["node", str(program), "--config", str(NPM / config), "--formatter", "json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return [f"{r['filePath']}:{m['line']} {m['ruleId']}: {m['message']}" for r in json.loads(done.stdout) for m in r["messages"]]


def test_a_page_of_every_kind_is_valid_html() -> None:
    files = [showcase() / f"{_article(part) if '<' in part else part}" for part in PAGES.values()]
    assert _faults("htmlvalidate.json", *(f / "index.html" if f.is_dir() else f for f in files)) == []


def test_the_newsletter_is_valid_html_but_for_what_mail_programs_need(tmp_path: Path) -> None:
    _, html, _ = newsletter([Printed.of(sample()), Printed.of(story(1))], SITE, MORNING.date())
    (tmp_path / "mail.html").write_text(html, "utf-8")
    assert _faults("mail.json", tmp_path / "mail.html") == []


# In a browser


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """The showcase on a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(showcase())))
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page of the system's Chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    _needed("Chromium", program is not None, "apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        PICTURES.mkdir(parents=True, exist_ok=True)
        yield found.new_page()
        found.close()


_AXE = "axe.run({resultTypes: ['violations']}).then(found => found.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_pleases_axe_and_fits_at_both_widths_in_both_themes(name: str, served: str, page: Any) -> None:
    page.goto(served + (_article(PAGES[name]) if "<" in PAGES[name] else PAGES[name]))
    page.evaluate((_package("axe-core") / "axe.min.js").read_text("utf-8"))
    looks = [(s, t) for s in SIZES for t in THEMES] if name in ("front", "article") else [("phone", "dark"), ("desktop", "light")]
    for size, theme in looks:
        width, height = SIZES[size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        page.screenshot(path=PICTURES / f"{name}-{size}-{theme}.png", full_page=True)
        assert page.evaluate(_AXE) == [], f"{name}, {size}, {theme}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than a {size}"
    if name == "article":
        page.emulate_media(media="print")
        page.screenshot(path=PICTURES / f"{name}-print.png", full_page=True)
        page.emulate_media(media="screen")


def test_a_page_is_read_by_keyboard_from_its_skip_link_on(served: str, page: Any) -> None:
    page.goto(served)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0  # it is seen now
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
