"""The charts of an article, as a step of its own: a replay of years needs none; in: an Outcome, out: the same with its article's charts.

Their words are read back as the text is, and hold the article as that does. What charts there are says templates/charts/charts.toml.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from newsgen import check as checking
from newsgen.errors import NewsgenError, WriteError
from newsgen.market import View
from newsgen.pipeline import Newsroom, Order, Outcome, Pitched, credited, disclosed, unaccepted, wording_for
from newsgen.story import Article, Chart, Decision, Paragraph, Text, Verdict
from newsgen.write import template_fault
from newsgen.write.charts import draw_chart, load_charts

__all__ = ["illustrate"]

MOST = 2  # charts of an article


def illustrate(newsroom: Newsroom, pitched: Pitched, order: Order, outcome: Outcome) -> Outcome:
    """The outcome with the charts of its article, at most two. A faulty template costs its chart only; the outcome names the fault.

    Args:
        pitched: What the article was written from: its figures keep their numbers.
    """
    if outcome.article is None:
        return outcome
    faults: list[NewsgenError] = []
    wording = wording_for(newsroom, pitched, order, faults)
    article, view = outcome.article, pitched[0].view
    charts = newsroom.charts or load_charts(newsroom.roots)
    for pick in charts.book.of(next(p for p in article.pitches if p.role == "lead")):
        with _faults_of_drawings(faults):
            made = draw_chart(article, wording, charts, pick) if len(article.charts) < MOST else None
            article = _with_chart(article, *made, order) if made is not None else article
    if article.charts:
        article = disclosed(article, order.disclosures, newsroom.reader)
        article = replace(article, verdict=_read_captions(newsroom, article, view))
    return replace(outcome, article=article, faults=(*outcome.faults, *faults))


def _with_chart(article: Article, said: Article, chart: Chart, order: Order) -> Article:
    """The article with one more chart, unless that would rest on a source whose terms nobody has accepted."""
    drawn = replace(said, sources=credited(said), charts=(*article.charts, chart))
    return drawn if set(unaccepted(drawn, order)) <= set(unaccepted(article, order)) else article


@contextmanager
def _faults_of_drawings(faults: list[NewsgenError]) -> Iterator[None]:
    """A chart that cannot be drawn costs the article nothing but the chart."""
    try:
        yield
    except Exception as error:
        fault = error if isinstance(error, WriteError) else template_fault(error)
        faults.append(fault or WriteError(f"a chart cannot be drawn ({type(error).__name__}: {error})"))


def _read_captions(newsroom: Newsroom, article: Article, view: View) -> Verdict:
    """The article's verdict, with what the read-back finds in the titles and alternative texts of its charts.

    A table says nothing but its cells, and these are not read back where they stand as a table either.
    """
    told = [Text("" if chart.kind == "table" else f"{chart.title}. {chart.alt}") for chart in article.charts]
    captions = replace(article, headline=Text(""), dek=Text(""), key_points=(), tables=(), charts=(),
                       paragraphs=tuple(Paragraph("detail", article.angle, text) for text in told))  # fmt: skip
    read = checking.check(captions, words=newsroom.reader, view=view, checks=[checking.checks()["read_back"]])
    found = tuple(replace(f, where=f.where.replace("paragraphs", "charts")) for f in read.findings)
    decision: Decision = "hold" if "hold" in (article.verdict.decision, read.decision) else article.verdict.decision
    return Verdict(decision, (*article.verdict.findings, *found))
