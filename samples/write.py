"""Write article.html, .md and .json beside every sample; run it after a change of wording, and read the difference as prose.

python samples/write.py
"""

from __future__ import annotations

from pathlib import Path

from newsgen.edition import default_seed, open_edition
from newsgen.illustrate import illustrate
from newsgen.pipeline import Order, load_newsroom, pitch_angles, write_article
from newsgen.publish import html_page, to_markdown


def main() -> None:
    """Write all samples."""
    newsroom = load_newsroom()
    for folder in sorted(p.parent for p in Path(__file__).parent.glob("*/edition.toml")):
        opened = open_edition(folder)
        seed = default_seed(opened.name, opened.view.as_of)
        for form in ("standard", "brief"):
            order = Order(opened.name, form, seed=seed, angles=opened.file.angles)
            pitched = pitch_angles(newsroom, opened.view, order)
            article = illustrate(newsroom, pitched, order, write_article(newsroom, opened.view, order, pitched)).article
            if article is not None:
                (folder / "article.json").write_text(article.dumps(), "utf-8")
                (folder / "article.md").write_text(to_markdown(article), "utf-8")
                (folder / "article.html").write_text(html_page(article), "utf-8")
                print(folder.name, article.verdict.decision, article.headline.text)
                break


if __name__ == "__main__":
    main()
