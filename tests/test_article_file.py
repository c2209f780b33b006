"""ARTICLE.json read back: what was written is what is read, and what is no article is refused by name."""

from __future__ import annotations

import json

import pytest
from desk import written

from newsgen.article_file import read_article
from newsgen.errors import ConfigError
from newsgen.market import Figure, Reading


def test_figures_and_readings_come_back_as_they_were() -> None:
    article = written("2025-07-14-squeeze").article
    assert article is not None
    stored = read_article(article.dumps().encode(), "article.json")
    assert stored.as_of == article.as_of
    assert stored.figures.keys() == article.figures.keys()
    for key, figure in article.figures.items():
        back = stored.figures[key]
        same = ("name", "subject", "value", "unit", "window", "scope", "side", "label", "observed_at", "source", "formula", "bound")
        assert [getattr(back, n) for n in same] == [getattr(figure, n) for n in same], key
        kept = [i.value for i in figure.inputs if isinstance(i, Figure | Reading)]
        assert [i.value for i in back.inputs if isinstance(i, Figure | Reading)] == kept, key
        assert (back.record is None) == (figure.record is None)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"not json", "article.json is no ARTICLE.json"),
        (b'{"figures": {}}', "as_of"),
        (b'{"as_of": "2025-07-14T12:02:00", "figures": {}}', "as_of"),
        (b'{"as_of": "2025-07-14T12:02:00Z", "figures": {"f1": {"name": "price.last"}}}', "figures.f1.subject"),
    ],
)
def test_what_is_no_article_is_refused_by_name_and_key(body: bytes, named: str) -> None:
    with pytest.raises(ConfigError, match=r"ARTICLE\.json") as caught:
        read_article(body, "article.json")
    assert named in str(caught.value)


def test_a_figure_made_from_itself_is_refused() -> None:
    article = written("2025-07-14-squeeze").article
    assert article is not None
    body = json.loads(article.dumps())
    body["figures"]["f1"]["inputs"] = ["f1"]
    with pytest.raises(ConfigError, match="made from itself"):
        read_article(json.dumps(body).encode(), "article.json")
