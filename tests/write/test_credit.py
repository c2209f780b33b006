"""Attribution: a source is credited once in an article, where its first figure stands."""

from __future__ import annotations

from newsgen.write.credit import Credits, credit, plain

CG = credit("CoinGlass", "according to CoinGlass data")
FRED = credit("FRED", "FRED data show")


def test_the_first_credit_stands_and_a_later_one_goes_with_its_comma() -> None:
    credits = Credits()
    assert credits.say(f"Shorts were $3, {CG}.") == "Shorts were $3, according to CoinGlass data."
    assert credits.say(f"Longs were $2, {CG}; the S&P rose, {FRED}.") == "Longs were $2; the S&P rose, FRED data show."


def test_a_credit_between_commas_leaves_one_comma() -> None:
    credits = Credits()
    credits.say(f"One, {CG}.")
    assert credits.say(f"Shorts were $3, {CG}, and longs $2.") == "Shorts were $3, and longs $2."


def test_a_credit_that_the_sentence_leans_on_stays() -> None:
    credits = Credits()
    credits.say(f"One, {CG}.")
    opening = credit("CoinGlass", "According to CoinGlass data")
    assert credits.say(f"{opening}, shorts were $3.") == "According to CoinGlass data, shorts were $3."


def test_plain_gives_all_credits_in_words() -> None:
    assert plain(f"Shorts were $3, {CG}. Longs were $2, {CG}.").count("according to CoinGlass data") == 2
