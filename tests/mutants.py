"""Mutants and harmless edits of an article: what a slip of the hand, or of a template, could do to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsgen.story import Article


@dataclass(frozen=True)
class Edit:
    """One changed text."""

    kind: str
    where: str
    before: str
    after: str
    text: str


Pairs = tuple[tuple[str, str], ...]

# Each word of a pair is put in the place of the other.
_BOTH_WAYS: dict[str, Pairs] = {
    "side": (
        ("shorts", "longs"), ("short", "long"), ("Shorts", "Longs"), ("Bearish", "Bullish"), ("bearish", "bullish"),
        ("lower prices", "higher prices"), ("Short", "Long"),
    ),
    "asset": (("bitcoin", "ether"), ("Bitcoin", "Ether"), ("BTC", "ETH")),
    # the verbs and nouns of the writer's lexicon, in every form
    "direction": (
        ("up", "down"), ("rose", "fell"), ("rise", "fall"), ("rises", "falls"), ("gain", "loss"), ("gains", "declines"),
        ("gained", "declined"), ("climbs", "drops"), ("climbed", "dropped"), ("advances", "declines"), ("advanced", "declined"),
        ("jumps", "tumbles"), ("jumped", "tumbled"), ("surges", "plunges"), ("surged", "plunged"), ("edged up", "edged down"),
        ("edges up", "edges down"), ("inched up", "slipped"), ("inches up", "slips"), ("higher", "lower"), ("regains", "loses"),
        ("regained", "lost"), ("tops", "loses"), ("took in", "lost"), ("take in", "lose"), ("taken in", "lost"),
        ("taking in", "losing"), ("added", "shed"), ("inflows", "outflows"), ("inflow", "outflow"), ("went into", "came out of"),
        ("put", "pull"),
    ),
    "position": (("above", "below"), ("Above", "Below"), ("over $", "under $")),
    "extreme": (("highest", "lowest"), ("high", "low"), ("as high as", "as low as"), ("most expensive", "cheapest")),
    "superlative": (
        ("largest", "smallest"), ("biggest", "smallest"), ("most", "least"), ("larger", "smaller"), ("more than on", "less than on"),
    ),
}  # fmt: skip

_ONE_WAY: dict[str, Pairs] = {
    "asset": (("bitcoin", "solana"), ("ether", "XRP"), ("S&P 500", "Nasdaq 100"), ("Strategy", "Metaplanet")),
    "fund": (
        ("IBIT", "FBTC"), ("FBTC", "IBIT"), ("GBTC", "IBIT"), ("ETHA", "FETH"), ("ETHE", "ETHA"), ("BlackRock", "Fidelity"),
        ("BlackRock's IBIT", "Fidelity's FBTC"),
    ),
    "venue": (("Binance", "Bybit"), ("Binance", "Coinbase")),
    "source": (
        ("CoinGlass", "Farside Investors"), ("CoinGlass", "Glassnode"), ("Farside Investors", "CoinGlass"), ("AInvest", "CoinGlass"),
        ("alternative.me", "CoinGlass"),
    ),
    "window": (
        ("24 hours", "seven days"), ("seven days", "30 days"), ("this year", "this month"), ("30 days", "24 hours"),
        ("90 days", "seven days"), ("24-hour", "seven-day"), ("four-hour", "daily"), ("UTC day", "UTC week"), ("session", "week"),
    ),
    "date": (
        ("Jan.", "Feb."), ("Feb.", "Jan."), ("March", "April"), ("April", "March"), ("May", "June"), ("June", "May"), ("July", "June"),
        ("Aug.", "July"), ("Sept.", "Aug."), ("Oct.", "Nov."), ("Nov.", "Dec."), ("Dec.", "Nov."),
    ),
    "history": (("since ", "until "), ("first time", "second time")),
    "hedge": (
        ("at least ", ""), ("at least", "at most"), ("more than", "less than"), ("More than", "Less than"), ("nearly", "more than"),
        ("passed", "stayed below"), ("as much as", "as little as"),
    ),
    "record": (
        ("the largest", "a record"), ("a low of", "a record low of"),
        ("the lowest price since", "the lowest price ever, and lower than on"),
    ),
}  # fmt: skip

_WORDS = {"two": "four", "three": "five", "four": "six", "five": "eight", "six": "nine", "seven": "five", "eight": "three", "nine": "six",
          "second": "fifth", "third": "sixth", "fourth": "seventh", "fifth": "eighth", "sixth": "third", "seventh": "fourth",
          "eighth": "fifth", "ninth": "fourth"}  # fmt: skip
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
# Phrases whose words are names, idioms or static explanation: changing them changes no claim of this article.
_IDIOMS = (
    "long history", "made up", "add up", "adds up", "set up", "Markets up", "bet on a rise", "bet on a fall", "in those", "took part",
    "has since", "closing fell on",
)  # fmt: skip
_YEAR = re.compile(r"20\d\d")


def mutants(article: Article) -> Iterator[Edit]:
    """Every figure changed, and every word of side, asset, direction, history, hedge, venue and source that stands in a claim."""
    background = {f"paragraphs[{i}]" for i, p in enumerate(article.paragraphs) if p.role == "background"}
    for where, text in article.texts():
        for span in text.spans:
            printed = text.text[span.start : span.end]
            for kind, other in _other_figures(printed):
                yield Edit(kind, where, printed, other, text.text[: span.start] + other + text.text[span.end :])
        if where not in background:
            yield from _swapped(where, text.text)


_FORMS = {
    "money": re.compile(r"\$[\d.,]+ (million|billion)"), "price": re.compile(r"\$[\d,.]+"), "percent": re.compile(r"[\d.]+%"),
    "day": re.compile("|".join(_WEEKDAYS) + r"|[A-Z][a-z]+\.? \d+(, \d+)?"),
}  # fmt: skip


def exchanged(article: Article) -> Iterator[Edit]:
    """For each figure, another one of the article and of the same form in its place: what a wrong slot in a template would print."""
    for form, pattern in _FORMS.items():
        printed = [
            (where, text.text, span.start, span.end)
            for where, text in article.texts()
            for span in text.spans
            if pattern.fullmatch(text.text[span.start : span.end])
        ]
        others = [*dict.fromkeys(text[first:last] for _, text, first, last in printed)]
        for where, text, first, last in printed:
            own = text[first:last]
            other = others[(others.index(own) + 1) % len(others)]
            if not _same_amount(own, other):
                yield Edit(form, where, own, other, text[:first] + other + text[last:])


def _same_amount(one: str, other: str) -> bool:
    """ "$623 million" and "$623.3 million" are one figure, rounded twice."""
    return one.partition(".")[0].split(" ")[0] == other.partition(".")[0].split(" ")[0]


def _other_figures(printed: str) -> Iterator[tuple[str, str]]:
    """The same figure in another size, on another day, at another scale."""
    if printed.lower() in _WORDS:
        yield "figure", _WORDS[printed.lower()]
        return
    if printed in _WEEKDAYS:
        yield from (("date", _WEEKDAYS[(_WEEKDAYS.index(printed) + n) % 7]) for n in (1, 2))
        return
    digits = list(re.finditer(r"\d", printed))
    if not digits:
        return
    yield "figure", _digit_changed(printed, digits[0])
    if len(digits) > 1:
        yield ("date" if _YEAR.search(printed) else "figure"), _digit_changed(printed, digits[-1])
    for one, other in (("million", "billion"), ("billion", "million"), ("trillion", "billion")):
        if one in printed:
            yield "scale", printed.replace(one, other)


def _digit_changed(printed: str, digit: re.Match[str]) -> str:
    return printed[: digit.start()] + str(int(digit.group()) % 9 + 1) + printed[digit.end() :]


def _swapped(where: str, text: str) -> Iterator[Edit]:
    for kind in dict.fromkeys((*_BOTH_WAYS, *_ONE_WAY)):
        there_and_back = [pair for a, b in _BOTH_WAYS.get(kind, ()) for pair in ((a, b), (b, a))]
        for old, new in dict.fromkeys((*there_and_back, *_ONE_WAY.get(kind, ()))):
            whole = r"(?<![\w-])" + re.escape(old) + ("" if old[-1] in " $" else r"(?![\w-])")
            for match in re.finditer(whole, text):
                around = text[max(0, match.start() - 12) : match.end() + 12]
                if not any(idiom in around for idiom in _IDIOMS):
                    yield Edit(kind, where, old, new, text[: match.start()] + new + text[match.end() :])


_SYNONYMS = [
    ("in all", "altogether"), ("made up", "accounted for"), ("came to", "amounted to"), ("closed by force", "force-closed"),
    ("said", "stated"),
    ("bought", "acquired"), ("typical", "usual"), ("worth", "valued at"), ("across crypto venues", "across crypto exchanges"),
    ("passing", "going past"), ("stood at", "was at"), ("traded at", "changed hands at"), ("In stocks, ", "Among stocks, "),
    ("which holds bitcoin as a treasury asset, ", ""), ("exchanges", "trading venues"), ("while", "as"), ("Reported", "Published"),
    ("one standard deviation", "a standard deviation"), ("largest", "biggest"), ("together", "in sum"), ("also ", ""),
    ("In all, ", "All told, "), ("ended", "finished"), ("price of", "quote for"), ("each", "every"),
    ("tumbled", "dropped"), ("climbed", "rose"), ("advanced", "gained"), ("price fell", "price dropped"),
    ("Ether fell", "Ether dropped"), ("rose", "climbed"), ("took in", "drew"),
    ("lost a net", "shed a net"), ("gain", "rise"), ("loss", "fall"), ("reached", "hit"), ("above", "over"), ("old high", "earlier high"),
    ("straight session", "session in a row"), ("short of", "below"), ("most of", "the bulk of"), ("were liquidated", "were closed out"),
    ("bets against", "wagers against"), ("forced closing", "forced liquidation"), ("changed hands", "were traded"),
    ("took bitcoin", "dragged bitcoin"), ("for the first time", "for the first time ever"), ("no lower than", "not below"),
    ("data from CoinGlass show", "CoinGlass data show"), ("Farside Investors data show", "according to Farside Investors data"),
    ("a 24-hour", "a one-day"), ("in 24 hours", "over 24 hours"), ("in the past 24 hours", "over the past 24 hours"),
    ("in seven days", "in a week"), ("this year", "year to date"), ("at least", "no fewer than"),
    ("the most since", "the largest amount since"),
]  # fmt: skip


def harmless(article: Article) -> Iterator[Edit]:
    """Synonyms, sentences removed or moved, clauses without a number reworded."""
    for where, text in article.texts():
        for old, new in _SYNONYMS:
            for match in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", text.text):
                yield Edit("synonym", where, old, new, text.text[: match.start()] + new + text.text[match.end() :])
    for i, paragraph in enumerate(article.paragraphs):
        yield from _sentence_edits(f"paragraphs[{i}]", paragraph.body.text, paragraph.role)


def _sentence_edits(where: str, text: str, role: str) -> Iterator[Edit]:
    sentences = re.split(r"(?<=[a-z0-9%)][.?!])(?<! [ap]\.m\.) (?=[A-Z])", text)
    if len(sentences) > 1:
        for k in range(len(sentences)):
            if role != "lede" or k:
                rest = " ".join(s for j, s in enumerate(sentences) if j != k)
                yield Edit("removed", where, sentences[k], "", rest)
        for k in range(1, len(sentences)):
            yield Edit("moved", where, "", "", " ".join([*sentences[k:], *sentences[:k]]))
    if role == "background":
        yield Edit("reworded", where, text, "", "Such moves are common in this market. " + text)
    yield Edit("reworded", where, text, "", text + " The method is described on another page.")
