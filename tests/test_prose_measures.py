"""The measures of bench/prose.py on texts so small that each value is worked by hand."""

from __future__ import annotations

import math
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent.parent / "bench"))

from prose_faults import Fault, Remark, faults_of_form, leaks, remark_of, sums
from prose_measures import (
    Piece,
    alike_openings,
    attributions,
    back_within,
    equal_sentences,
    lede_figures,
    long_sentences,
    nearest_rank,
    per_thousand,
    readability,
    repeated_share,
    repeated_within,
    self_bleu,
    sentence_bleu,
    spread,
    word_for_word,
)
from prose_rows import likeness, rows, spans_of
from prose_text import lists, mask, phrases, sentences, syllables, tokens, words

DAY = datetime(2025, 7, 1, tzinfo=UTC)


def piece(*texts: str, day: int = 0, angle: str = "ath", background: str = "", article: dict[str, Any] | None = None) -> Piece:
    """An article of some paragraphs."""
    roles = [("lede" if i == 0 else "detail", text) for i, text in enumerate(texts)]
    last = [("background", background)] if background else []
    return Piece(DAY + timedelta(days=day), angle, "standard", "Headline", "", (), (*roles, *last), article or {"paragraphs": []})


# Sentences, words, syllables


def test_a_point_of_an_abbreviation_a_clock_time_or_a_name_ends_no_sentence() -> None:
    text = (
        "U.S. funds lost $1.5 million on Jan. 3, at 8 p.m. ET (00:00 UTC). Data are from alternative.me. It closed at 4 p.m. The rest fell."
    )
    assert sentences(text) == [
        "U.S. funds lost $1.5 million on Jan. 3, at 8 p.m. ET (00:00 UTC).", "Data are from alternative.me.", "It closed at 4 p.m.",
        "The rest fell.",
    ]  # fmt: skip


def test_a_word_is_what_stands_between_spaces_and_signs_alone_are_none() -> None:
    assert words("It rose 2.5% - to $1,200 (24-hour high)") == ["It", "rose", "2.5%", "to", "$1,200", "(24-hour", "high)"]


@pytest.mark.parametrize(
    ("word", "count"),
    [("the", 1), ("closed", 1), ("liquidated", 4), ("little", 2), ("settled", 2), ("prices", 2), ("exchange-traded", 4), ("billion", 2),
     ("period", 3), ("going", 2), ("idea", 3), ("p.m.", 2), ("bitcoin's", 2), ("$748", 1), ("BTC", 1), ("ADA", 1), ("ETFs", 1)],
)  # fmt: skip
def test_syllables_are_counted_as_spoken_but_one_for_a_numeral_or_an_acronym(word: str, count: int) -> None:
    assert syllables(word) == count


def test_flesch_of_known_sentences() -> None:
    found = readability(["The cat sat on the mat.", "It slept."])  # 8 words in 2 sentences, 8 syllables
    assert found.ease == pytest.approx(206.835 - 1.015 * 4 - 84.6 * 1)
    assert found.grade == pytest.approx(0.39 * 4 + 11.8 * 1 - 15.59)
    longer = readability(["Bitcoin traded at $105,681 on Monday."])  # 6 words; 2 + 2 + 1 + 1 + 1 + 2 syllables
    assert longer.ease == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 9 / 6)


def test_spread_is_the_deviation_of_the_lengths_over_their_mean() -> None:
    mean, wide = spread(["One two.", "One two three four five six."])  # 2 and 6 words: mean 4, deviation 2
    assert (mean, wide) == (4, pytest.approx(0.5))


def test_a_sentence_is_long_from_36_words_on() -> None:
    assert [len(words(s)) for s in long_sentences([" ".join(["word"] * n) for n in (34, 35, 36)])] == [36]


def test_percentiles_are_by_nearest_rank() -> None:
    assert nearest_rank([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9) == 9
    assert nearest_rank([3, 1, 2], 0.9) == 3


# Masks


@pytest.mark.parametrize(
    ("sentence", "masked"),
    [
        ("Bitcoin (BTC) rose 2.5% to $39,432 on Binance.", "NAME rose # to # on NAME."),
        ("It is bitcoin's lowest price since Dec. 3, 2023.", "it is NAME's lowest price since DATE."),
        ("Ether was at $2,405 at 8 p.m. ET (00:00 UTC) on Friday.", "NAME was at # at TIME on DATE."),
        ("U.S. spot exchange-traded funds (ETFs) lost $1.2 billion, data from Farside Investors show.",
         "u.s. spot exchange-traded funds (etfs) lost #, data from NAME show."),
        ("Fidelity's FBTC took in $99.4 million in the third session of May 2024.", "NAME took in # in the # session of DATE."),
        ("A run of 12 sessions and a rise in 2021.", "a run of # sessions and a rise in DATE."),
        ("In stocks, the S&P 500 ended 0.1% short of the high of Wednesday.", "in stocks, NAME ended # short of the high of DATE."),
        ("It runs from zero to 100, and the 3,000 of July 3, 2025, fell.", "it runs from zero to #, and the # of DATE, fell."),
        ("The price may rise.", "the price may rise."),
        ("On Binance, the new Pepe (PEPE) fell (as an ETF did).", "on NAME, the new NAME fell (as an etf did)."),
    ],
)  # fmt: skip
def test_a_mask_takes_figures_names_dates_and_times(sentence: str, masked: str) -> None:
    assert mask(sentence) == masked


def test_tokens_are_words_and_signs_with_whole_numbers_and_marks() -> None:
    assert tokens("Bitcoin's $748.3 million, up 5%.") == ["bitcoin", "'s", "$", "748.3", "million", ",", "up", "5", "%", "."]
    assert tokens("NAME rose # in the U.S. by noon") == ["NAME", "rose", "#", "in", "the", "u.s.", "by", "noon"]


# One article


def test_attributions_count_places_and_overlapping_patterns_once() -> None:
    text = ("It rose 5%, according to CoinGlass data. Data from Farside Investors show an outflow, FRED data show. "
            "The company said so. Reported liquidations fell.")  # fmt: skip
    assert attributions(text) == 4
    assert per_thousand(4, " ".join(["word"] * 500)) == 8


def test_a_figure_of_a_lede_is_no_date_time_constant_or_window_but_the_length_of_a_run_is() -> None:
    assert lede_figures("Bitcoin fell 4.8% to $39,432 in the past 24 hours, its lowest since Dec. 3, 2023.") == 2
    assert lede_figures("The S&P 500 closed at a record at 4 p.m. ET on July 3.") == 0
    assert lede_figures("Bitcoin fell for nine straight days over the past 30 days.") == 1
    assert lede_figures("Over seven days the price rose, and it fell in seven days running.") == 1


def test_openings_are_alike_where_the_first_word_is_that_of_the_sentence_before() -> None:
    assert alike_openings(["The price rose.", "“The rest fell.", "Bitcoin led.", "Bitcoin's rise ended.", "It fell."]) == 2 / 4
    assert alike_openings(["Alone."]) == 0


def test_phrases_are_found_as_whole_words_in_any_case() -> None:
    text = "Of course, analysts say that the market is very, very quiet; everything is said."
    assert phrases("fillers").findall(text) == ["Of course", "very", "very"]
    assert phrases("voices").findall(text) == ["analysts say"]


# Articles beside one another


def test_bleu_of_equal_texts_is_1_and_of_strangers_0() -> None:
    assert sentence_bleu(list("abcde"), [list("abcde")]) == pytest.approx(1)
    assert sentence_bleu(list("abcde"), [list("vwxyz")]) == 0


def test_bleu_clips_counts_smooths_an_empty_order_and_punishes_brevity() -> None:
    # "a b c x": words 3 of 4, pairs 2 of 3 (ab, bc), triples 1 of 2 (abc), fours none of 1 and so 0.1; the reference has six words
    expected = math.exp(1 - 6 / 4) * (3 / 4 * 2 / 3 * 1 / 2 * 0.1) ** (1 / 4)
    assert sentence_bleu(list("abcx"), [list("abcdef")]) == pytest.approx(expected)
    # "a a a a": one `a` in each reference allows one of four; no pair is there
    assert sentence_bleu(list("aaaa"), [["a", "b"], ["a", "c"]]) == pytest.approx((1 / 4 * 0.1 / 3 * 0.1 / 2 * 0.1 / 1) ** (1 / 4))


def test_bleu_takes_the_reference_that_is_closest_in_length_the_shorter_of_two() -> None:
    # six words between references of five and seven: five is taken, so nothing is punished
    text, shorter, longer = list("abcdef"), list("abcde"), list("abcdefg")
    assert sentence_bleu(text, [longer, shorter]) == pytest.approx(1)


def test_self_bleu_is_the_mean_of_each_text_against_the_others() -> None:
    # the first two are equal (1 each); the third shares nothing with them (0)
    assert self_bleu([list("abcd"), list("abcd"), list("wxyz")]) == pytest.approx(2 / 3)


def test_equal_sentences_count_where_another_article_says_them_too() -> None:
    # p twice in the first article is no likeness of two; q stands in two: 2 of 5
    assert equal_sentences([["p", "p", "q"], ["q", "r"]]) == pytest.approx(2 / 5)


def test_a_repeated_sentence_is_one_that_an_earlier_article_said() -> None:
    assert repeated_share([["p", "p"], ["p", "q"], ["q", "p"]]) == pytest.approx(3 / 6)
    dated = [(DAY, ["p"]), (DAY + timedelta(days=31), ["p"]), (DAY + timedelta(days=61), ["p"])]
    assert repeated_within(dated, timedelta(days=30)) == pytest.approx(1 / 3)


def test_what_comes_back_after_31_days_is_not_back_within_30() -> None:
    said = [(DAY, "a"), (DAY + timedelta(days=1), "b"), (DAY + timedelta(days=31), "a"), (DAY + timedelta(days=60), "a")]
    assert list(back_within(said, timedelta(days=30))) == [(2, 3)]


def test_a_sentence_word_for_word_is_told_with_the_number_of_its_articles() -> None:
    assert word_for_word([["p", "p", "q"], ["q"], ["q", "r"]]) == {"q": 3}


# The table


def test_spans_of_90_days_follow_one_another_and_a_short_rest_is_none() -> None:
    spans = spans_of([piece("It rose.", day=day) for day in range(0, 230, 10)])  # to day 220: the third would have 40 days
    assert [(s[0].as_of, s[-1].as_of) for s in spans] == [
        (DAY, DAY + timedelta(days=80)),
        (DAY + timedelta(days=90), DAY + timedelta(days=170)),
    ]
    assert len(spans_of([piece("It rose."), piece("It fell.", day=1)])) == 1


def test_only_angles_with_eight_articles_are_compared_and_static_library_stands_apart() -> None:
    texts = [
        f"{word} went up. Nothing else {word.lower()} did was told." for word in ("One", "Ant", "Bee", "Cow", "Dog", "Elk", "Fox", "Gnu")
    ]
    eight = [piece(text, day=i, background="A record is a record.") for i, text in enumerate(texts)]
    few = [piece("Fell.", day=i, angle="rare") for i in range(7)]
    [found] = likeness([*eight, *few])
    assert (found.angle, found.articles) == ("ath", 8)
    assert found.equal_masked == 0
    assert found.equal_whole == pytest.approx(8 / 24)  # the background, once in each


def test_a_row_holds_only_where_all_its_values_do() -> None:
    plain = [piece("Bitcoin fell 4% to $100. The rest rose.", day=40 * i) for i in range(3)]
    table = {row.name: row for row in rows(plain, [[], [], []], [])}
    assert table["spelling, grammar, punctuation, number-style faults, leaks, sums that fail"].holds
    assert table["90-day replay: a masked lede comes back within 30 days"].holds
    assert table["sentences word for word in two articles, static library apart"].value == "2"
    assert not table["sentences word for word in two articles, static library apart"].holds
    assert table["eight articles of one angle: self-BLEU-4"].holds is None
    assert not table["figures in the lede, 90th percentile; ledes with at most 1"].holds  # two each: no quarter with one
    faulty = next(rows(plain, [[Fault("leak", "", "None", "", "")], [], []], []))
    assert (faulty.holds, faulty.value) == (False, "0.33 an article; in 1 of 3")


# Faults

STYLES = {
    "a number below ten that counts something is a word": "It rose for 5 sessions.",
    "a number from ten on is a numeral": "It rose for twelve sessions.",
    "a sentence does not begin with a numeral": "It fell. $50 was the low.",
    "a sentence begins with a capital": "bitcoin fell.",
    "a small letter after a period": "It fell. bitcoin fell.",
    "a zero at the end": "It rose 5.0%.",
    "percent from ten on are whole": "It rose 12.5%.",
    "percent have one decimal": "It rose 2.25%.",
    "a thousand has its comma": "It cost $5234.",
    "dollars from 1,000 on are whole": "It cost $5,234.50.",
    "dollars have two decimals or none": "It cost $2.5, or $2.5 million in all.",
    "all of a number is told as all": "Of the eight funds with a flow, eight fell.",
    "million and billion are written out": "It cost $25M.",
    "more than 500 percent is told as a multiple": "It rose 650%.",
    "a thousand million is a billion": "It cost $1,200 million.",
    "the house writes %": "It rose 15 percent.",
    "two approximators": "It cost more than about $5.",
    "a long month is shortened before its day": "It fell on August 5.",
    "a month without a day is not shortened": "It fell in Aug. 2024.",
    "8 p.m., and 8:30 p.m.": "It fell at 8:00 p.m. ET.",
    "the unit stands on both sides": "It went from $5 to 6.",
    "number and noun disagree": "It fell for five session.",
    "the ending of an ordinal": "It was the 11st fall.",
    "a or an before a numeral": "A 8% rise and an 11% rise.",
    "signs and spaces": "It fell , and rose.",
    "a paragraph ends with its period": "It fell",
    "a bracket without its other half": "It fell (and rose.",
}


@pytest.mark.parametrize("why", [rule["why"] for rule in lists()["style"]])
def test_each_style_has_an_article_that_breaks_it(why: str) -> None:
    assert why in {fault.rule for fault in faults_of_form(piece(STYLES[why]))}


def test_a_sound_article_breaks_no_style() -> None:
    text = ("Bitcoin (BTC) fell 4.8% on Aug. 5, 2024, to $12,345, and by 8:30 p.m. ET (00:30 UTC) nine of 12 coins were down 12%, ether to "
            "$300.50, in an 11th session. Trades came to $1.05 million from 5% to 6%; the S&P 500 closed at 4,850.43.")  # fmt: skip
    assert list(faults_of_form(piece(text))) == []


@pytest.mark.parametrize(
    "text", ["It rose None.", "It rose {{ x }}.", "It rose \ue0001\ue001.", "It was undefined.", "It was <b>up</b>.", " "]
)
def test_what_a_template_leaves_behind_is_a_leak(text: str) -> None:
    assert [fault.kind for fault in leaks(piece(text))][:1] == ["leak"]
    assert list(leaks(piece("It fell to $5, and nobody stopped it."))) == []


def _liquidations(long: str, short: str, total: str) -> dict[str, Any]:
    """An article that prints both sides and their total."""
    text = f"{long} and {short} make {total}."
    figures = {
        f"f{i}": {"name": f"liquidations.{side}_24h", "subject": "market", "scope": "all"}
        for i, side in enumerate(("long", "short", "total"))
    }
    spans = [{"start": text.index(t), "end": text.index(t) + len(t), "figure": f"f{i}"} for i, t in enumerate((long, short, total))]
    return {"figures": figures, "paragraphs": [{"role": "detail", "text": text, "spans": spans}]}


def test_sides_that_do_not_make_up_their_total_as_printed_are_a_fault_of_sums() -> None:
    # 40.3 + 8.53 is 48.83: 48.8 within half a step of each; 49.1 is not
    right, wrong = (
        _liquidations("$40.3 million", "$8.53 million", "$48.8 million"),
        _liquidations("$40.3 million", "$8.53 million", "$49.1 million"),
    )
    assert list(sums(piece("It fell.", article=right))) == []
    assert [fault.kind for fault in sums(piece("It fell.", article=wrong))] == ["sum"]


def test_a_sum_that_the_articles_own_checks_held_is_a_fault() -> None:
    finding = {"check": "arithmetic", "severity": "block", "where": "paragraphs[0]", "message": "3 and 4 are not 8", "sentence": "3 and 4."}
    article = {"paragraphs": [], "verdict": {"findings": [finding, {**finding, "check": "novelty"}]}}
    assert [fault.message for fault in sums(piece("It fell.", article=article))] == ["3 and 4 are not 8"]


def test_a_line_of_a_tool_leads_to_its_text_and_place() -> None:
    texts = ["It rose.", "They recieve the the price."]  # on lines 1 and 3 of the file
    spelled = remark_of("codespell", "/tmp/x/articles.txt:3: recieve ==> receive", texts)
    assert spelled == Remark("codespell", "spelling", "recieve", "recieve ==> receive", 1, 5)
    linted = remark_of("proselint", "/tmp/x/articles.txt:3:14: lexical_illusions: 'the the' is repeated.", texts)
    assert linted == Remark("proselint", "lexical_illusions", "", "'the the' is repeated.", 1, 13)
    assert remark_of("codespell", "\tthe ==> the", texts) is None
