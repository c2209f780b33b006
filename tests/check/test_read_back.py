"""Read-back holds mutants and lets harmless edits pass; it sees the changed text and the figures, never spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import check_edits as E
import check_factories as F
import pytest

from newsgen.check import all_checks, check
from newsgen.market import Unit
from newsgen.story import Article

READ_BACK = [all_checks()["read_back"]]

# Mutants that read-back does not see, each with the reason.
ESCAPES: dict[str, str] = {}


def held(article: Article, *, everything: bool = False) -> bool:
    return check(article, words=F.reader_words(), checks=None if everything else READ_BACK).decision == "hold"


def mutated(style: str) -> Iterator[tuple[str, str, Article]]:
    article = F.squeeze(style)
    for where, text in article.texts():
        for what, changed in E.mutants(text.text):
            if changed != text.text:
                yield where, what, article.with_text(where, changed)


def edited(style: str) -> Iterator[tuple[str, str, Article]]:
    article = F.squeeze(style)
    for where, text in article.texts():
        for what, changed in E.harmless(text.text):
            yield where, what, article.with_text(where, changed)
    paragraphs = article.paragraphs
    for i in range(len(paragraphs)):
        yield f"paragraphs[{i}]", "removed", replace(article, paragraphs=paragraphs[:i] + paragraphs[i + 1 :])
        yield f"paragraphs[{i}]", "moved to the end", replace(article, paragraphs=(*paragraphs[:i], *paragraphs[i + 1 :], paragraphs[i]))
        for sentence in E.sentences(paragraphs[i].body.text):
            for target in range(len(paragraphs)):
                moved = f"{paragraphs[target].body.text} {sentence}"
                yield f"paragraphs[{i}]", f"moved to {target}: {sentence[:30]}", article.with_text(f"paragraphs[{target}]", moved)


@pytest.mark.parametrize("style", ["ap", "gb"])
def test_the_sound_article_passes_all_checks(style: str) -> None:
    assert check(F.squeeze(style), words=F.reader_words()).findings == ()


@pytest.mark.parametrize("style", ["ap", "gb"])
def test_mutants_are_held(style: str) -> None:
    cases = [*mutated(style)]
    escaped = [f"{where} {what}" for where, what, article in cases if not held(article)]
    assert len(cases) >= 150
    assert len(escaped) <= 0.03 * len(cases), escaped
    assert {e for e in escaped if e not in ESCAPES} == set()


@pytest.mark.parametrize("style", ["ap", "gb"])
def test_harmless_edits_are_not_held(style: str) -> None:
    cases = [*edited(style)]
    alarms = [f"{where} {what}" for where, what, article in cases if held(article, everything=True)]
    assert len(cases) >= 150
    assert alarms == []


SHORTS = F.liquidation("short_24h", "market", "623300000")
LONGS = F.liquidation("long_24h", "market", "125000000")
TOTAL = F.liquidation("total_24h", "market", "748300000")
PRICE = F.figure("price.last", "BTC", "121467.24", Unit.USD)
FEW_SHORTS = F.liquidation("short_24h", "market", "788081")
UP_DAY = F.change("BTC", "24h", "2.8755587")
UP_WEEK = F.change("BTC", "7d", "11.8050374")


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Shorts worth $623 million were liquidated.", SHORTS),  # three digits of 623.3
        ("Shorts worth more than $620 million were liquidated.", SHORTS),  # 620 <= 623.3 < 630
        ("Shorts worth nearly $624 million were liquidated.", SHORTS),  # 0.95 * 624 <= 623.3 < 624
        ("Shorts worth about $625 million were liquidated.", SHORTS),  # within 2 %, and half of the last digit told
        ("Shorts worth $788,000 were liquidated.", FEW_SHORTS),  # three digits of 788,081
        ("Bitcoin was near $121,000.", PRICE),  # 467 off, half a thousand allowed
        ("Bitcoin rose 2.9% in 24 hours.", UP_DAY),
        ("Bitcoin rose 12% in seven days.", UP_WEEK),
        ("Bitcoin rose 12 per cent in a week.", UP_WEEK),
    ],
)
def test_a_true_rounding_or_hedge_fits(text: str, figure) -> None:  # type: ignore[no-untyped-def]
    assert not held(F.one_sentence(text, figure, *([UP_DAY] if figure is PRICE else [])))


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("Shorts worth $624 million were liquidated.", SHORTS),  # 623.3 rounds to 623
        ("Shorts worth more than $630 million were liquidated.", SHORTS),
        ("Shorts worth more than $500 million were liquidated.", SHORTS),  # 623.3 is not below 1.05 * 500
        ("Shorts worth nearly $620 million were liquidated.", SHORTS),  # it is more, not nearly
        ("Shorts worth $789,000 were liquidated.", FEW_SHORTS),  # 919 off, half a thousand allowed
        ("Bitcoin was at $121,000.", PRICE),  # of a price every digit is told
        ("Longs worth $623 million were liquidated.", SHORTS),
        ("Shorts worth 623 million coins were liquidated.", SHORTS),  # dollars, not coins
        ("Shorts worth $748 million were liquidated.", TOTAL),  # a total under one side's name
        ("Ether rose 2.9% in 24 hours.", UP_DAY),
        ("Bitcoin fell 2.9% in 24 hours.", UP_DAY),
        ("Bitcoin rose 2.9% in seven days.", UP_DAY),
        ("Bitcoin rose 2.9 percentage points in 24 hours.", UP_DAY),
        ("Bitcoin was above $122,000.", PRICE),
    ],
)
def test_a_false_one_is_held(text: str, figure) -> None:  # type: ignore[no-untyped-def]
    assert held(F.one_sentence(text, figure))


def test_a_total_may_be_named_as_the_whole_of_a_share() -> None:
    share = F.liquidation("short_share_24h", "market", "83.29", Unit.PCT)
    assert not held(F.one_sentence("Shorts took 83% of $748 million in liquidations.", TOTAL, share))


def test_two_sides_in_one_sentence_bind_to_their_own_amounts() -> None:
    good = "Shorts of $623.3 million and longs of $125 million were closed."
    swapped = "Longs of $623.3 million and shorts of $125 million were closed."
    assert not held(F.one_sentence(good, SHORTS, LONGS))
    assert held(F.one_sentence(swapped, SHORTS, LONGS))


def test_the_day_beside_an_amount_is_that_amounts_day() -> None:
    flows = [f for f in F.squeeze_figures() if f.name.startswith("etf.")]
    assert not held(F.one_sentence("Spot bitcoin ETFs took in $1.03 billion on July 11.", *flows))
    assert held(F.one_sentence("Spot bitcoin ETFs took in $1.03 billion on July 10.", *flows))  # that was 1.18 billion


def test_a_weekday_stands_for_a_day_of_the_last_week_only() -> None:
    flows = [f for f in F.squeeze_figures() if f.name.startswith("etf.")]
    assert not held(F.one_sentence("Spot bitcoin ETFs took in $1.03 billion on Friday.", *flows))  # July 11, 2025 was a Friday
    assert held(F.one_sentence("Spot bitcoin ETFs took in $1.03 billion on Wednesday.", *flows))


def test_a_rival_of_another_family_is_no_rival() -> None:
    text = "On Binance, $134 million of shorts were liquidated, more than on any UTC day since {}."
    figures = F.squeeze_figures()
    assert not held(F.one_sentence(text.format("Nov. 6, 2024"), *figures))
    assert held(F.one_sentence(text.format("Nov. 7, 2024"), *figures))  # a date of the fund flows


def test_a_source_that_was_not_used_is_held() -> None:
    assert not held(F.one_sentence("Shorts worth $623 million were liquidated, CoinGlass data show.", SHORTS))
    assert held(F.one_sentence("Shorts worth $623 million were liquidated, Glassnode data show.", SHORTS))


def test_the_finding_names_the_amount_and_the_figure_that_it_should_be() -> None:
    verdict = check(F.one_sentence("Shorts worth $632.3 million were liquidated.", SHORTS), words=F.reader_words(), checks=READ_BACK)
    (finding,) = verdict.findings
    assert '"$632.3 million"' in finding.message
    assert "623300000" in finding.message
    assert finding.figures == ("f1",)
    assert finding.where == "paragraphs[0]"


def test_a_sum_over_a_run_belongs_to_no_single_day() -> None:
    flows = [f for f in F.squeeze_figures() if f.name.startswith("etf.")]
    assert held(F.one_sentence("Spot bitcoin ETFs took in $3.73 billion on July 11.", *flows))


def test_dates_are_read_in_both_orders() -> None:
    figure = F.figure("liquidations_venue.short_largest_since", "market", date(2024, 11, 6), Unit.DATE, window="24h", side="short",
                      record=F.record("1", date(2024, 11, 6), life=False))  # fmt: skip
    for text in ("Nov. 6, 2024", "6 November 2024", "November 6, 2024"):
        assert not held(F.one_sentence(f"No UTC day since {text} saw more shorts liquidated.", figure))
    assert held(F.one_sentence("No UTC day since Nov. 5, 2024 saw more shorts liquidated.", figure))


def test_a_month_with_its_year_is_a_date_and_no_window() -> None:
    since = F.figure("price.high_since", "BTC", date(2025, 1, 31), Unit.DATE, window="24h", record=F.record("1", date(2025, 1, 31)))
    assert not held(F.article(headline="Bitcoin at highest since January 2025", figures=[since]))
    assert held(F.article(headline="Bitcoin at highest since February 2025", figures=[since]))
    assert held(F.article(headline="Bitcoin at lowest since January 2025", figures=[since]))


def test_a_name_with_the_ticker_of_another_asset_is_held() -> None:
    assert not held(F.one_sentence("Bitcoin (BTC) rose 2.9% in 24 hours.", UP_DAY))
    assert held(F.one_sentence("Bitcoin (ETH) rose 2.9% in 24 hours.", UP_DAY, F.change("ETH", "24h", "2.9")))


@pytest.mark.parametrize(
    "text",
    [
        "A long is a bet on a lower price.",
        "When the price falls far enough, the exchange buys the position back.",
        "Such forced buying can add to a fall.",
        "A net outflow means that more shares of the funds were created than redeemed.",
    ],
)
def test_a_changed_word_in_static_text_on_mechanics_is_held(text: str) -> None:
    assert held(F.one_sentence(text))


ON_BINANCE = F.figure("liquidations_venue.short_24h", "market", "133790949", Unit.USD, window="24h", scope="binance", side="short",
                      source="CoinGlass", observed_at=F.AS_OF)  # fmt: skip
LARGEST_SINCE = F.figure("liquidations_venue.short_largest_since", "market", date(2024, 11, 6), Unit.DATE, window="24h", scope="binance",
                         side="short", source="CoinGlass", record=F.record("133790949", date(2024, 11, 6), life=False))  # fmt: skip
SD = F.figure("price.sd_30d", "BTC", "2.592", Unit.PCT, window="30d")
RATIO = F.figure("volume.ratio_30d", "BTC", "4.918", Unit.RATIO, window="24h")
TURNOVER = F.figure("volume.quote_24h", "BTC", "8580928177", Unit.USD, window="24h", source="Binance spot")
PERCENTILE = F.figure("volume.percentile_90d", "BTC", "1.1", Unit.PCT, window="24h")
TRADERS = F.liquidation("traders_24h", "market", "130000", Unit.COUNT, bound="at_least")
RIVAL = F.liquidation("short_last_larger", "market", "1010000000")
FUNDS = [F.flow("funds_agreeing", "6", Unit.COUNT), F.flow("funds_reporting", "7", Unit.COUNT), F.flow("net_flow_day", "1", Unit.USD)]
TOP_FUND = [F.flow("top_fund", "448500000", Unit.USD, label="IBIT"), F.flow("session", date(2025, 7, 11), Unit.DATE)]
SENTIMENT = F.figure("sentiment.fear_greed", "market", "74", Unit.INDEX, source="alternative.me")
LEVELS = [F.figure("level.nearest_above", "BTC", "122000", Unit.USD), F.figure("level.nearest_below", "BTC", "121000", Unit.USD)]
CROSSED = F.figure("level.crossed_up_at", "BTC", datetime(2025, 7, 14, 4, tzinfo=UTC), Unit.MOMENT, label="4h")
RUNS = [F.flow("streak_days", "5", Unit.COUNT), replace(F.flow("streak_days", "8", Unit.COUNT), subject="ETH"),
        replace(F.flow("streak_total", "882000000", Unit.USD, window="streak"), subject="ETH")]  # fmt: skip
HIGH = [F.figure("price.ath_previous", "BTC", "118869.98", Unit.USD),
        F.figure("price.ath_previous_at", "BTC", date(2025, 7, 11), Unit.DATE),
        F.figure("price.low_24h", "BTC", "119000", Unit.USD), F.figure("price.high_24h", "BTC", "123218", Unit.USD), PRICE]  # fmt: skip

WHOLE = [TOTAL, SHORTS, F.liquidation("short_share_24h", "market", "83.3", Unit.PCT)]
LOW_SINCE = [F.figure("price.low_since", "BTC", date(2025, 2, 13), Unit.DATE, record=F.record("1", date(2025, 2, 13), life=False))]

PAIRS = {
    "rank": ("On Binance, $134 million of shorts were liquidated, {} on any UTC day since Nov. 6, 2024.", "more than", "less than",
             [ON_BINANCE, LARGEST_SINCE]),
    "rank of a fund": ("The {} flow of the session was an inflow of $448 million at BlackRock's IBIT.", "largest", "smallest", TOP_FUND),
    "issuer": ("The largest flow of the session was an inflow of $448 million at {} IBIT.", "BlackRock's", "Fidelity's", TOP_FUND),
    "percentile": ("Volume on Binance was $8.58 billion, {} on only 1.1% of the past 90 days.", "more than", "less than",
                   [TURNOVER, PERCENTILE]),
    "window of a percentile": ("Volume on Binance was $8.58 billion, more than on only 1.1% of the past {}.", "90 days", "24 hours",
                               [TURNOVER, PERCENTILE]),
    "end for a start": ("On Binance, $134 million of shorts were liquidated, more than on any UTC day {} Nov. 6, 2024.", "since", "until",
                        [ON_BINANCE, LARGEST_SINCE]),
    "end for a start in time": ("Each four-hour period has ended there {} midnight ET (04:00 UTC).", "since", "until", [CROSSED]),
    "venue": ("On {}, $134 million of shorts were liquidated.", "Binance", "Bybit", [ON_BINANCE]),
    "source": ("On Binance, $134 million of shorts were liquidated, {} data show.", "CoinGlass", "Farside Investors",
               [ON_BINANCE, *TOP_FUND]),
    "source of an index": ("The fear and greed index of {} stood at 74 on a scale of zero to 100.", "alternative.me", "Glassnode",
                           [SENTIMENT]),
    "lower bound": ("{} 130,000 traders had positions liquidated.", "At least", "At most", [TRADERS]),
    "lower bound left out": ("{} 130,000 traders had positions liquidated.", "At least", "Some", [TRADERS]),
    "passed": ("Published totals were last larger when reported shorts {} $1 billion.", "passed", "stayed below", [RIVAL]),
    "base of a deviation": ("The typical daily move of the past {}, measured as one standard deviation, was 2.6%.", "30 days",
                          "24 hours", [SD]),
    "base of an average": ("Over the past 24 hours, bitcoin worth $8.58 billion changed hands, 4.9 times the average of the past {}.",
                           "30 days", "24 hours", [TURNOVER, RATIO]),
    "members": ("Of the seven funds with a flow that day, {} moved in the direction of the total.", "six", "nine", FUNDS),
    "runs of two assets": ("It was the {} straight session of inflows, for a total of $882 million.", "eighth", "fifth", RUNS),
    "place of a level": ("The nearest round level {} the price is $122,000.", "above", "below", LEVELS),
    "place beside a dated high": ("The price stands {} the high of July 11.", "above", "below", HIGH),
    "kind of an amount": ("{} took in a net $448 million on July 11.", "Spot bitcoin ETFs", "Shorts", TOP_FUND),
    "scope of one venue": ("On Binance, {} were shorts.", "$134 million", "$475 million", [ON_BINANCE, SHORTS]),
    "venue left out": ("{} worth $134 million were liquidated.", "On Binance, shorts", "Shorts", [ON_BINANCE, SHORTS]),
    "past value": ("The {} high was $118,870.", "old", "new", HIGH),
    "whole of a share": ("Shorts were 83% of the {} in reported liquidations.", "$748.3 million", "$623.3 million", WHOLE),
    "parts of one whole": ("Liquidations of {} were reported: $623.3 million of shorts.", "$748.3 million", "$79 million",
                           [*WHOLE, F.liquidation("total_24h", "ETH", "79000000")]),
    "asset before its ticker": ("Ether (ETH) positions of {} were closed.", "$79 million", "$748.3 million",
                                [*WHOLE, F.liquidation("total_24h", "ETH", "79000000")]),
    "told twice": ("Shorts were $623.3 million of {}.", "$748.3 million", "$623.3 million", WHOLE),
    "date of another kind": ("The low was the lowest price since {}.", "Feb. 13", "Nov. 6, 2024", [*LOW_SINCE, LARGEST_SINCE]),
    "bound of a range": ("It traded no {} than $119,000 and no higher than $123,218.", "lower", "higher", HIGH),
}  # fmt: skip


@pytest.mark.parametrize("case", PAIRS)
def test_the_right_word_passes_and_the_wrong_one_is_held(case: str) -> None:
    text, right, wrong, figures = PAIRS[case]
    assert check(F.one_sentence(text.format(right), *figures), words=F.reader_words(), checks=READ_BACK).findings == ()
    assert held(F.one_sentence(text.format(wrong), *figures))
