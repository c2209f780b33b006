"""Harmless edits of an article: what a careful editor may do to it and it stays true; in: an article, out: edits by kind.

Each is true of the figures: another rounding is a right one, an added approximator is one that the value allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, Decimal

from printed import Edit, Printed, edited, printed_figures

from newsgen.market import Unit
from newsgen.story import Article

__all__ = ["harmless"]

_SYNONYMS = (
    ("in all", "altogether"), ("made up", "accounted for"), ("came to", "amounted to"), ("closed by force", "force-closed"),
    ("said", "stated"), ("bought", "acquired"), ("typical", "usual"), ("worth", "valued at"), ("passing", "going past"),
    ("stood at", "was at"), ("traded at", "changed hands at"), ("In stocks, ", "Among stocks, "), ("exchanges", "trading venues"),
    ("while", "as"), ("one standard deviation", "a standard deviation"), ("largest", "biggest"), ("together", "in sum"),
    ("ended", "finished"),
    ("tumbled", "dropped"), ("climbed", "rose"), ("advanced", "gained"), ("Ether fell", "Ether dropped"), ("rose", "climbed"),
    ("took in", "drew"), ("lost a net", "shed a net"), ("gain", "rise"), ("loss", "fall"), ("reached", "hit"),
    ("earlier high", "former high"),
    ("straight session", "session in a row"), ("short of", "below"), ("most of", "the bulk of"), ("were liquidated", "were closed out"),
    ("changed hands", "were traded"), ("no lower than", "not below"), ("in 24 hours", "over 24 hours"),
    ("in the past 24 hours", "over the past 24 hours"), ("in seven days", "in a week"), ("this year", "year to date"),
    ("at least", "no fewer than"), ("the most since", "the largest amount since"), ("with a low of", "having been as low as"),
    ("is up", "is higher by"), ("fell below", "dropped below"), ("climbed back above", "rose back above"), ("highest", "topmost"),
    ("data show", "data indicate"), ("data from", "figures from"), ("sell-off", "selloff"),
    ("exchange-traded funds", "exchange traded funds"),
    ("stands", "is"), ("Over seven days", "Across seven days"), ("set on", "reached on"), ("went as low as", "dipped as low as"),
)  # fmt: skip
_BRITISH = (
    ("fueled", "fuelled"), ("leveraged", "levered"), ("toward", "towards"), ("closed by force", "forcibly closed"), ("favor", "favour"),
    ("totaled", "totalled"), ("canceled", "cancelled"), ("judged", "adjudged"), ("organized", "organised"), ("program", "programme"),
)  # fmt: skip
_PLAIN_WORDS = re.compile(r"\b(the|which|according|measured|counted|followed|method|against|without|stated|those|here)\b")
_SENTENCE = re.compile(r"(?<=[a-z0-9%)][.?!])(?<! [ap]\.m\.) (?=[A-Z])")


def harmless(article: Article) -> Iterator[Edit]:
    """Every harmless edit whose text differs from the article's, each text once."""
    seen = {(where, text.text) for where, text in article.texts()}
    for kind in (_reworded, _retyped, _rounded, _united, _hedged, _reordered, _split, _shortened):
        for edit in kind(article):
            if (edit.where, edit.text) not in seen:
                seen.add((edit.where, edit.text))
                yield edit


def _reworded(article: Article) -> Iterator[Edit]:
    for where, text in article.texts():
        for kind, table in (("synonym", _SYNONYMS), ("spelling", _BRITISH)):
            for old, new in table:
                for match in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", text.text):
                    yield edited(kind, where, text.text, match, new)


def _retyped(article: Article) -> Iterator[Edit]:
    """A slip in a word that claims nothing, other quotes and dashes."""
    for where, text in article.texts():
        for match in [*_PLAIN_WORDS.finditer(text.text)][:2]:
            word = match[0]
            yield edited("typo", where, text.text, match, word[0] + word[2] + word[1] + word[3:])
        for old, new in (("'", "’"), (": ", " – "), ("; ", " — "), (" and ", " & ")):
            if old in text.text and not where.startswith("headline"):
                match = re.search(re.escape(old), text.text)
                assert match
                yield edited("punctuation", where, text.text, match, new)


def _rounded(article: Article) -> Iterator[Edit]:
    """A digit more or a digit less, rounded from the value itself."""
    for one in printed_figures(article):
        if one.number and one.figure.unit is Unit.USD and one.scale > 1 and one.figure.bound == "exact":
            digits = one.value / one.scale
            places = len(one.number[0].partition(".")[2])
            for other in (places + 1, places - 1):
                if other >= 0 and digits >= 10:
                    said = _trimmed(digits.quantize(Decimal(1).scaleb(-other), ROUND_HALF_EVEN))
                    if "." not in one.number[0] or Decimal(said):
                        yield one.edit("rounding", one.said.replace(one.number[0], said))


def _united(article: Article) -> Iterator[Edit]:
    """The same amount with another form of its unit: 7 percent, $0.75 billion, $748.3m, dollars written out."""
    for one in printed_figures(article):
        if one.number is None:
            continue
        if one.said.endswith("%"):
            yield one.edit("unit form", f"{one.said[:-1]} percent")
            yield one.edit("unit form", f"{one.said[:-1]} per cent")
        for word, short, above, thousand in (("million", "m", "billion", 1000), ("billion", "bn", "trillion", 1000)):
            if f" {word}" in one.said:
                yield one.edit("unit form", one.said.replace(f" {word}", short))
                yield one.edit("unit form", f"{one.said[1:]} dollars" if one.said[0] == "$" else one.said)
                larger = Decimal(one.number[0].replace(",", "")) / thousand
                if larger >= Decimal("0.1"):
                    yield one.edit("unit form", one.said.replace(f"{one.number[0]} {word}", f"{_trimmed(larger)} {above}"))


def _trimmed(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _hedged(article: Article) -> Iterator[Edit]:
    """An approximator that the value allows, where there is none."""
    for one in printed_figures(article):
        if one.amount is not None and one.said[0] == "$" and one.scale > 1 and re.search(r"\b(of|to|worth|net|lost|was|had) $", one.before):
            for word in _true_hedges(one):
                yield one.edit("true hedge", one.said, before=one.before + word)


def _true_hedges(one: Printed) -> Iterator[str]:
    assert one.amount is not None
    if one.figure.bound == "exact":
        yield "about "
        yield "roughly "
        if one.amount < one.value:
            yield "more than "
        elif one.amount > one.value:
            yield "just under "


def _reordered(article: Article) -> Iterator[Edit]:
    """Sentences moved, and a clause of time put in front."""
    for i, paragraph in enumerate(article.paragraphs):
        text = paragraph.body.text
        sentences = _SENTENCE.split(text)
        for k in range(1, len(sentences)):
            yield Edit("moved", f"paragraphs[{i}]", "", "", " ".join([*sentences[k:], *sentences[:k]]))
        for match in re.finditer(r"(?:^|(?<=\. ))((?:Bitcoin|Ether|The price)[^.;:,]*?) (in (?:the past )?24 hours)\.", text):
            moved = f"{match[2][0].upper()}{match[2][1:]}, {match[1][0].lower()}{match[1][1:]}."
            yield edited("clause moved", f"paragraphs[{i}]", text, match, moved)


def _split(article: Article) -> Iterator[Edit]:
    """A sentence made two at its semicolon, and two made one."""
    for i, paragraph in enumerate(article.paragraphs):
        text = paragraph.body.text
        for match in re.finditer(r"; ([a-z])", text):
            yield edited("split", f"paragraphs[{i}]", text, match, f". {match[1].upper()}")
        for match in re.finditer(r"(?<=[a-z0-9%)])\. (It|That)(?= )", text):
            yield edited("joined", f"paragraphs[{i}]", text, match, f"; {match[1].lower()}")


def _shortened(article: Article) -> Iterator[Edit]:
    """A sentence left out, and one added that claims nothing."""
    for i, paragraph in enumerate(article.paragraphs):
        text = paragraph.body.text
        sentences = _SENTENCE.split(text)
        for k in range(len(sentences)):
            if len(sentences) > 1 and (paragraph.role != "lede" or k) and not _holds_the_headline(article, sentences[k]):
                rest = " ".join(s for j, s in enumerate(sentences) if j != k)
                yield Edit("removed", f"paragraphs[{i}]", sentences[k], "", rest)
        yield Edit("added", f"paragraphs[{i}]", "", "", f"{text} The method is described on another page.")


def _holds_the_headline(article: Article, sentence: str) -> bool:
    """Whether a sentence is the only one of the body that has some name of the headline: without it the headline hangs in the air."""
    names = set(re.findall(r"\b[A-Z]\w+", article.headline.text)) & set(re.findall(r"\b[A-Z]\w+", sentence))
    body = " ".join(p.body.text for p in article.paragraphs)
    return any(body.count(name) == sentence.count(name) for name in names)
