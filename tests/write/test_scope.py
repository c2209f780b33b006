"""What templates see: figures by name, absent ones that cannot be printed, and subjects that are not followed."""

from __future__ import annotations

import pytest

from newsgen.errors import UnknownFigure
from newsgen.market import Figure
from newsgen.write import Unsayable
from newsgen.write.scope import FamilyScope, Missing, SubjectScope, template_names
from tests.write.made_words import book, printed, said

FIGURES = {"BTC.price.last": 121467, "ETH.price.last": 3052, "SOL.price.last": 165}


def test_a_figure_is_found_by_family_and_name() -> None:
    found = FamilyScope(book(FIGURES), "price", "BTC").last
    assert isinstance(found, Figure)
    assert found.number == 121467


def test_a_subject_holds_its_own_figures() -> None:
    found = SubjectScope(book(FIGURES), "ETH").price.last
    assert isinstance(found, Figure)
    assert found.subject == "ETH"


def test_an_unknown_figure_is_named() -> None:
    with pytest.raises(UnknownFigure, match=r"price\.lsat"):
        _ = FamilyScope(book(FIGURES), "price", "BTC").lsat
    with pytest.raises(UnknownFigure, match=r"moon\.phase"):
        said("{{ BTC.moon.phase|price }}", FIGURES)


def test_an_absent_figure_is_missing_with_its_reason() -> None:
    found = FamilyScope(book(FIGURES), "price", "BTC").ath
    assert isinstance(found, Missing)
    assert (found.name, found.reason, bool(found)) == ("price.ath", "nobody has set it", False)


def test_an_absent_figure_can_be_asked_for() -> None:
    text = "{% if price.ath is there %}yes{% elif price.last is there %}only the price{% endif %}"
    assert printed(text, FIGURES) == "only the price"


def test_an_absent_figure_cannot_be_printed() -> None:
    found = said("{{ price.ath|price }}", FIGURES)
    assert isinstance(found, Unsayable)
    assert found.reason == "price.ath is absent: nobody has set it"


def test_an_absent_figure_without_filter_is_refused() -> None:
    with pytest.raises(TypeError, match=r"price\.ath is a figure, and absent"):
        said("{{ price.ath }}", FIGURES)


def test_a_subject_is_printed_by_name_only() -> None:
    assert printed("{{ ETH|name }} of {{ asset|name }}") != ""
    with pytest.raises(TypeError, match="ETH is a subject: print it with"):
        said("{{ ETH }}")


def test_a_family_is_not_printed() -> None:
    with pytest.raises(TypeError, match="price is a family of figures"):
        said("{{ price }}")


def test_the_names_are_the_subjects_families_the_subjects_and_the_asset() -> None:
    names = template_names(book(FIGURES), "market", "BTC", ["BTC", "ETH"], frozenset({"SOL"}))
    assert {"price", "etf", "liquidations", "BTC", "ETH", "SOL", "asset"} <= set(names)
    asset = names["asset"]
    assert isinstance(asset, SubjectScope)
    assert asset.key == "BTC"


def test_what_the_edition_does_not_follow_is_absent_though_the_archive_has_it() -> None:
    names = template_names(book(FIGURES), "SOL", "SOL", ["BTC"], frozenset({"SOL"}))
    for scope in (names["price"], names["SOL"].price, names["asset"].price):  # type: ignore[attr-defined]
        found = scope.last  # type: ignore[attr-defined]
        assert isinstance(found, Missing)
        assert found.reason == "the edition does not follow SOL"


def test_a_message_about_the_unfollowed_cannot_be_said() -> None:
    for text in ("{{ price.last|price }}", "{{ SOL.price.last|price }}", "{{ asset.price.last|price }}"):
        found = said(text, FIGURES, subject="SOL")
        assert isinstance(found, Unsayable)
        assert "the edition does not follow SOL" in found.reason
