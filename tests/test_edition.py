"""Bad input through an edition folder: the message names what is wrong and where, and what does not need it is still written."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from desk import EDITIONS, SAMPLES, edition, newsroom

from newsgen.cli import main
from newsgen.edition import default_seed, open_edition, payload_files
from newsgen.errors import BadPayload, ConfigError, GatherError, HistoryError, KeyRefused, SourceUnavailable
from newsgen.pipeline import Order, Outcome, write_article

SQUEEZE = SAMPLES / "2025-07-14-squeeze"
MARKET = "payloads/coinglass/liquidation_exchange_list.json"
ETHER = "payloads/coinglass/liquidation_exchange_list.ETH.json"
HTML = b"<!DOCTYPE html><html><body>Just a moment...</body></html>"
NOON_MS = 1752494400000  # 2025-07-14T12:00:00Z
CANDLE = [NOON_MS - 4 * 3_600_000, "119000", "123000", "118000", "121000", "900", NOON_MS - 1, "109000000", 1000]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """The squeeze, to be damaged; its history stays where it is."""
    folder = tmp_path / "day"
    shutil.copytree(SQUEEZE, folder)
    edit(folder / "edition.toml", '"../_history"', json.dumps(str(SAMPLES / "_history")))
    return folder


def edit(path: Path, old: str, new: str, *, times: int = 1) -> None:
    text = path.read_text("utf-8")
    assert old in text, (path, old)
    path.write_text(text.replace(old, new, times), "utf-8")


def add_payload(folder: Path, name: str, body: bytes, params: str) -> None:
    path = folder / "payloads" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)
    with (folder / "edition.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[payloads."{name}"]\nparams = {params}\n')


def preview(folder: Path) -> Result:
    return CliRunner().invoke(main, ["preview", str(folder), "--format", "json"])


def text_of(article: dict[str, object]) -> str:
    paragraphs: list[dict[str, str]] = article["paragraphs"]  # type: ignore[assignment]
    return " ".join(p["text"] for p in paragraphs)


def written(folder: Path) -> Outcome:
    opened = open_edition(folder)
    return write_article(newsroom(), opened.view, Order(opened.name, seed=1))


# An untouched copy, so that what follows is the damage's doing.


def test_a_copy_is_written_as_the_sample_is(day: Path) -> None:
    done = preview(day)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "$748.3 million" in text_of(json.loads(done.stdout))


def test_a_preview_of_a_folder_loads_nothing_that_only_fetching_and_storing_need(day: Path) -> None:
    slow = ("alembic", "anyio", "apscheduler", "asyncio", "babel", "httpx", "pydantic_settings", "selectolax", "sqlalchemy", "ssl",
            "stamina", "structlog")  # fmt: skip
    code = f"""
import atexit, sys
atexit.register(lambda: print([m for m in {slow} if m in sys.modules], file=sys.stderr))
from newsgen.cli import main
main(["preview", sys.argv[1]])
"""
    done = subprocess.run([sys.executable, "-c", code, str(day)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


# Payloads

DAMAGED: dict[str, tuple[str, bytes | Callable[[bytes], bytes], type[GatherError], tuple[str, ...]]] = {
    "cut in half": (ETHER, lambda b: b[: len(b) // 2], BadPayload, ("field body", "no JSON")),
    "empty": (ETHER, b"", BadPayload, ("field body", "no JSON")),
    "html": (ETHER, HTML, BadPayload, ("field body", "HTML where JSON belongs")),
    "nan": (ETHER, lambda b: b.replace(b"79000000", b"NaN"), BadPayload, ("field body", "NaN is no number")),
    "nan as text": (ETHER, lambda b: b.replace(b"79000000", b'"NaN"'), BadPayload, ("field data[0].liquidation_usd", "NaN")),
    "infinite": (ETHER, lambda b: b.replace(b"79000000", b"1e999999"), BadPayload, ("field data[0].liquidation_usd", "no usable")),
    "negative": (ETHER, lambda b: b.replace(b"79000000", b"-1"), BadPayload, ("field data[0].liquidation_usd", "cannot be -1")),
    "null": (ETHER, lambda b: b.replace(b"79000000", b"null"), BadPayload, ("field data[0].liquidation_usd", "holds nothing")),
    "field renamed": (ETHER, lambda b: b.replace(b'"short_liq', b'"shortLiq'), BadPayload, ("short_liquidation_usd", "is missing")),
    "total below a part": (ETHER, lambda b: b.replace(b"79000000", b"50000000"), BadPayload,
                           ("field data[0].liquidation_usd", "50000000 is smaller than short_liquidation_usd 52700000")),
    "refusal with status 200": (ETHER, b'{"code":"30001","msg":"API key missing."}', KeyRefused, ("code 30001", "API key missing.")),
    "busy with status 200": (ETHER, b'{"code":"429","msg":"Too many requests"}', SourceUnavailable, ("code 429", "Too many requests")),
    "not utf-8": (ETHER, b'{"code":"0","msg":"\xff\xfe"}', BadPayload, ("field body",)),
    "a list": (ETHER, b"[]", BadPayload, ("an object belongs here",)),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_payload_names_source_endpoint_and_field(day: Path, damage: str) -> None:
    name, change, kind, said = DAMAGED[damage]
    body = (day / name).read_bytes()
    fresh = change(body) if callable(change) else change
    assert fresh != body
    (day / name).write_bytes(fresh)
    (fault,) = open_edition(day).faults
    assert type(fault) is kind
    for part in ("coinglass liquidation_exchange_list", *said):
        assert part in str(fault)
    assert "\n" not in str(fault)


def test_what_does_not_need_the_damaged_payload_is_written(day: Path) -> None:
    (day / ETHER).write_bytes(HTML)
    done = preview(day)
    assert done.exit_code == 5
    assert "newsgen: coinglass liquidation_exchange_list: field body: HTML where JSON belongs" in done.stderr
    text = text_of(json.loads(done.stdout))
    for kept in ("$748.3 million", "$475 million", "$98.1 million", "$1.03 billion", "6,259.75"):
        assert kept in text
    for lost in ("$52.7 million", "$26.3 million", "$79 million"):
        assert lost not in text


def test_without_the_markets_payload_another_story_is_told(day: Path) -> None:
    (day / MARKET).write_bytes((day / MARKET).read_bytes()[:70])
    done = preview(day)
    assert done.exit_code == 5
    assert "748" not in text_of(json.loads(done.stdout))
    assert "$123,218" in text_of(json.loads(done.stdout))


def test_every_damaged_payload_is_told_and_none_hides_another(day: Path) -> None:
    (day / MARKET).write_bytes(HTML)
    (day / ETHER).write_bytes(b"{}")
    faults = [str(f) for f in open_edition(day).faults]
    assert len(faults) == 2
    assert any("HTML" in f for f in faults)
    assert any("field code: is missing" in f for f in faults)
    assert preview(day).exit_code == 5


def test_a_held_article_counts_before_a_damaged_payload(tmp_path: Path) -> None:
    folder = tmp_path / "as-printed"
    shutil.copytree(SAMPLES / "2025-07-14-as-printed", folder)
    edit(folder / "edition.toml", '"../_history"', json.dumps(str(SAMPLES / "_history")))
    add_payload(folder, "alternative_me/fng.json", HTML, "{ }")
    done = preview(folder)
    assert done.exit_code == 3
    assert "alternative_me fng: field body: HTML" in done.stderr
    assert json.loads(done.stdout)["verdict"]["decision"] == "hold"


def test_a_price_of_zero_is_refused_and_named(day: Path) -> None:
    row = [*CANDLE[:3], "0", *CANDLE[4:]]
    add_payload(day, "binance/klines.json", json.dumps([row]).encode(), '{ symbol = "SOLUSDT", interval = "4h" }')
    done = preview(day)
    assert done.exit_code == 5
    assert "binance klines: field [0].low: a price cannot be 0" in done.stderr
    assert "$748.3 million" in text_of(json.loads(done.stdout))


def test_one_bad_candle_gives_no_reading_of_its_payload(day: Path) -> None:
    """Half of an answer is no answer: a payload counts whole or not at all."""
    rows = [CANDLE, [*CANDLE[:3], "0", *CANDLE[4:]]]
    add_payload(day, "binance/klines.json", json.dumps(rows).encode(), '{ symbol = "SOLUSDT", interval = "4h" }')
    opened = open_edition(day)
    assert not [r for r in opened.view.runs("spot.close", "SOL", window="4h") if r.key.venue == "binance" and r[-1].value == 121000]
    assert len(opened.faults) == 1


def test_a_clock_in_the_future_is_refused_and_named(day: Path) -> None:
    row = [NOON_MS + 3_600_000, *CANDLE[1:]]
    add_payload(day, "binance/klines.json", json.dumps([row]).encode(), '{ symbol = "SOLUSDT", interval = "4h" }')
    body = {"data": [{"value": "74", "value_classification": "Greed", "timestamp": "1752580800"}], "metadata": {"error": None}}
    add_payload(day, "alternative_me/fng.json", json.dumps(body).encode(), "{ }")
    done = preview(day)
    assert done.exit_code == 5
    assert "binance klines: field [0].openTime: lies after the fetch" in done.stderr
    assert re.search(
        r"alternative_me fng: field timestamp: 2025-07-15T12:00:00\S* lies after the fetch at 2025-07-14T12:02:00", done.stderr
    )


def test_bytes_fetched_after_the_moment_are_not_known_at_it(day: Path) -> None:
    edit(day / "edition.toml", '[payloads."coinglass/liquidation_exchange_list.json"]',
         '[payloads."coinglass/liquidation_exchange_list.json"]\nfetched_at = "2025-07-14T12:02:01Z"')  # fmt: skip
    opened = open_edition(day)
    assert opened.faults == ()
    assert not opened.view.runs("liq.total", "market", source="coinglass")
    later = open_edition(day, datetime(2025, 7, 14, 12, 2, 1, tzinfo=UTC))
    assert later.view.runs("liq.total", "market", source="coinglass")
    article = written(day).article
    assert article is not None
    assert "748" not in " ".join(p.body.text for p in article.paragraphs)


def test_a_payload_of_an_unknown_source_or_endpoint_is_wrong_use(day: Path) -> None:
    add_payload(day, "coinglas/liquidations.json", b"{}", "{ }")
    done = preview(day)
    assert done.exit_code == 2
    assert "no source 'coinglas'; there are: " in done.stderr
    assert "coinglass" in done.stderr
    shutil.rmtree(day / "payloads/coinglas")
    edit(day / "edition.toml", "coinglas/liquidations.json", "coinglass/liquidations.json")
    (day / "payloads/coinglass/liquidations.json").write_bytes(b"{}")
    done = preview(day)
    assert done.exit_code == 2
    assert "coinglass has no endpoint 'liquidations'; there are: " in done.stderr


# readings.toml

WRONG_READINGS = {
    "naive time": ('observed_at = "2025-07-14T12:02:00Z"', 'observed_at = "2025-07-14T12:02:00"', ("observed_at", "no time zone")),
    "unknown unit": ('unit = "usd"', 'unit = "euro"', ("unit", "'usd'")),
    "unit of another kind": ('unit = "usd"', 'unit = "pct"', ("unit pct does not fit the series liq.short",)),
    "nan": ('value = "475000000"', 'value = "NaN"', ("value", "finite")),
    "bare nan": ('value = "475000000"', "value = nan", ("value", "finite")),
    "unknown key": ('venue = "all"', 'venues = "all"', ("venues", "not permitted")),
    "no source": ('source = "figures published by AInvest"\n', "", ("source", "required")),
    "known before it was seen": ('known_at = "2025-07-14T12:02:00Z"', 'known_at = "2025-07-14T12:01:59Z"', ("known_at is before",)),
}


@pytest.mark.parametrize("wrong", WRONG_READINGS)
def test_a_wrong_reading_names_file_entry_and_key(day: Path, wrong: str) -> None:
    old, new, said = WRONG_READINGS[wrong]
    edit(day / "readings.toml", old, new)
    done = preview(day)
    assert (done.exit_code, done.stdout) == (2, "")
    for part in (f"{day / 'readings.toml'}: reading 1", *said):
        assert part in done.stderr
    assert done.stderr.count("\n") == 1


def test_readings_that_are_no_toml_name_file_and_line(day: Path) -> None:
    edit(day / "readings.toml", 'series = "liq.short"', 'series = "liq.short')
    done = preview(day)
    assert done.exit_code == 2
    assert f"{day / 'readings.toml'}: " in done.stderr
    assert "line 4" in done.stderr


# edition.toml

WRONG_EDITIONS = {
    "unknown key": ("assets = [", "asset = [", ("asset: ",)),
    "naive time": ('as_of = "2025-07-14T12:02:00Z"', 'as_of = "2025-07-14T12:02:00"', ("as_of: ", "no time zone")),
    "no time": ('as_of = "2025-07-14T12:02:00Z"\n', "", ("as_of: ", "required")),
    "unknown key of a payload": ('source_name = "figures', 'sourcename = "figures', ("liquidation_exchange_list.json.sourcename: ",)),
    "payload that is not there": ("liquidation_exchange_list.ETH.json", "liquidation_exchange_list.XRP.json",
                                  ("liquidation_exchange_list.XRP.json", "names no file below payloads/")),
    "no toml": ('title = "', 'title = ', ("line 2",)),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_EDITIONS)
def test_a_wrong_edition_names_file_and_key_in_one_line(day: Path, wrong: str) -> None:
    old, new, said = WRONG_EDITIONS[wrong]
    edit(day / "edition.toml", old, new)
    done = preview(day)
    assert (done.exit_code, done.stdout) == (2, "")
    for part in (f"{day / 'edition.toml'}: ", *said):
        assert part in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1
    assert "pydantic" not in done.stderr


def test_every_fault_of_an_edition_is_told_at_once(day: Path) -> None:
    edit(day / "edition.toml", "assets = [", "asset = [")
    edit(day / "edition.toml", "title =", "titel =")
    with pytest.raises(ConfigError) as caught:
        open_edition(day)
    for key in ("asset:", "assets:", "titel:", "title:"):
        assert f" {key}" in str(caught.value)


def test_an_edition_without_assets_is_refused(day: Path) -> None:
    edit(day / "edition.toml", 'assets = ["BTC", "ETH", "SOL", "XRP", "DOGE", "BNB"]', "assets = []")
    with pytest.raises(ConfigError, match=r"edition\.toml: assets: "):
        open_edition(day)


def test_an_edition_that_is_no_text_is_refused(day: Path) -> None:
    (day / "edition.toml").write_bytes(b'title = "\xff"')
    done = preview(day)
    assert done.exit_code == 2
    assert str(day / "edition.toml") in done.stderr


def test_history_that_is_not_there_is_named(day: Path) -> None:
    edit(day / "edition.toml", str(SAMPLES / "_history"), "../nowhere/*.csv")
    with pytest.raises(ConfigError, match=r"edition\.toml: history names \.\./nowhere/\*\.csv"):
        open_edition(day)


def test_an_angle_that_is_not_there_is_named(day: Path) -> None:
    edit(day / "edition.toml", "assets = [", 'angles = ["short_sqeeze"]\nassets = [')
    done = preview(day)
    assert done.exit_code == 2
    assert "no angle 'short_sqeeze'; there are: " in done.stderr
    assert "short_squeeze" in done.stderr


@pytest.mark.parametrize("name", ["", "payloads"])
def test_a_folder_that_is_no_edition_is_named(day: Path, name: str) -> None:
    folder = day / name if name else day.parent / "nothing"
    done = preview(folder)
    assert done.exit_code == 2
    assert f"{folder} is no edition folder: it has no edition.toml" in done.stderr


# history/


def test_a_damaged_line_of_the_days_own_history_is_named_and_the_rest_kept(day: Path) -> None:
    (day / "history").mkdir()
    (day / "history" / "btc_spot_4h_more.csv").write_text(
        "time_utc,open_usd,high_usd,low_usd,close_usd,volume_base\n"
        "2030-01-01T00:00:00Z,1,2,0.5,1.5,10\n2030-01-01T04:00:00Z,1,x,0.5,1.5,10\n2030-01-01T08:00:00Z,1,2,0.5,1.5,10\n",
        "utf-8",
    )
    opened = open_edition(day, datetime(2031, 1, 1, tzinfo=UTC))
    (fault,) = opened.faults
    assert isinstance(fault, HistoryError)
    assert (fault.file, fault.line) == ("btc_spot_4h_more.csv", 3)
    (run,) = opened.view.runs("spot.close", "BTC", window="4h")
    assert [r.observed_at.isoformat() for r in run[-2:]] == ["2030-01-01T04:00:00+00:00", "2030-01-01T12:00:00+00:00"]
    done = preview(day)
    assert done.exit_code == 5
    assert "btc_spot_4h_more.csv:3: " in done.stderr


# What an edition is besides


@pytest.mark.parametrize("name", EDITIONS)
def test_the_samples_have_no_fault(name: str) -> None:
    assert edition(name).faults == ()
    assert edition(name).view.as_of == edition(name).file.as_of


def test_another_moment_comes_before_the_editions_own() -> None:
    moment = datetime(2025, 7, 13, tzinfo=UTC)
    assert open_edition(SQUEEZE, moment, payloads=False).view.as_of == moment


def test_payload_files_take_source_and_endpoint_from_the_name() -> None:
    found = payload_files(SQUEEZE, edition(SQUEEZE.name).file)
    assert [(source, endpoint, note.params.get("symbol")) for source, endpoint, note, _ in found] == [
        ("coinglass", "liquidation_exchange_list", "ETH"), ("coinglass", "liquidation_exchange_list", None),
    ]  # fmt: skip


def test_the_seed_is_of_edition_and_moment_and_of_nothing_else() -> None:
    noon, later = datetime(2025, 7, 14, 12, 2, tzinfo=UTC), datetime(2025, 7, 14, 12, 3, tzinfo=UTC)
    assert default_seed("2025-07-14-squeeze", noon) == 1212806
    assert len({default_seed("a", noon), default_seed("b", noon), default_seed("a", later)}) == 3
